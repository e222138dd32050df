"""Workbooks in the layouts in which points are published, made here as readers of them describe."""

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from yibao.core.errors import Refused
from yibao.supervision.knowledge.reading import read_file


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_points_with_a_sheet_of_codes(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "第五批-“药品限医疗机构级别”规则对应知识点明细.xlsx",
        **{
            "“药品限医疗机构级别”知识点明细": [
                ["“药品限医疗机构级别”规则对应知识点明细"],
                ["序号", "药品通用名", "逻辑依据", "知识点对应药品代码数量"],
                [1, "甲注射液", "限二级及以上医疗机构。", 2], [2, "乙注射液", "限三级医疗机构。", 1],
            ],
            "知识点对应药品代码": [
                ["对应知识点序号", "药品通用名", "药品代码"],
                [1, "甲注射液", "XA0001"], [None, None, "XA0002"], [2, "乙注射液", "XA0003"],
            ],
        },
    )  # fmt: skip
    first, second = read_file(path).points
    assert (first.rule, first.batch, first.item_name) == ("药品限医疗机构级别", "5", "甲注射液")
    assert (first.codes, first.params) == (("XA0001", "XA0002"), {"min_level": "二级"})
    assert (second.codes, second.params) == (("XA0003",), {"min_level": "三级"})


def test_items_with_their_code_in_the_line(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "第一批“医疗服务项目区分性别使用”规则对应知识点明细.xlsx",
        Sheet1=[["序号", "项目代码", "项目名称", "限定性别"], [1, "003312010070000", "经尿道前列腺气囊扩张术", "男"]],
    )
    (point,) = read_file(path).points
    assert (point.rule, point.params, point.codes) == (
        "医疗服务项目区分性别使用", {"sex": "男"}, ("003312010070000",),
    )  # fmt: skip


def test_pairs_with_their_window(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "第七批“医疗服务项目重复收费”规则对应知识点明细.xlsx",
        Sheet1=[
            ["序号", "项目A代码", "项目A名称", "项目B代码", "项目B名称", "时间区间", "逻辑依据"],
            [1, "001103000010000", "急诊监护费", "001102000030000", "急诊诊查费", "单日", "含监护、诊查"],
        ],
    )
    (point,) = read_file(path).points
    assert point.item_name == "急诊监护费×急诊诊查费"
    assert point.params == {"main": "001103000010000", "included": "001102000030000", "window": "单日"}


def test_the_same_file_gives_the_same_numbers(tmp_path: Path) -> None:
    rows = [["序号", "药品通用名", "药品代码"], [1, "甲软膏", "ZA0001"]]
    first = workbook(tmp_path / "4.“药品限工伤保险”规则对应知识点明细.xlsx", Sheet1=rows)
    (one,) = read_file(first, batch="2026-01-revision").points
    (again,) = read_file(first, batch="2026-01-revision").points
    assert one == again
    assert one.valid_from == date(2026, 1, 28)


def test_a_workbook_without_a_heading_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        read_file(workbook(tmp_path / "a.xlsx", Sheet1=[["甲", "乙"], [1, 2]]))
    assert [one.code for one in caught.value.refusals] == ["V101"]


def test_a_broken_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 nothing more")
    with pytest.raises(Refused) as caught:
        read_file(tmp_path / "a.xlsx")
    assert [one.code for one in caught.value.refusals] == ["V101"]


def test_a_line_without_code_is_told_with_sheet_and_line(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "第三批“药品限工伤保险”规则对应知识点明细.xlsx",
        Sheet1=[["序号", "药品通用名", "药品代码"], [1, "甲软膏", "ZA0001"], [2, "乙软膏", ""]],
    )
    with pytest.raises(Refused) as caught:
        read_file(path)
    assert [(one.code, one.place) for one in caught.value.refusals] == [("V103", "Sheet1第3行")]

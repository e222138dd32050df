"""Files of published points: every bad row is told, earlier points end where later ones begin."""

import csv
import gzip
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from yibao.core.errors import Refused
from yibao.supervision.knowledge.reading import NEEDED, read_file, read_points

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "audit" / "knowledge_points.csv.gz"
GOOD = {
    "kp_id": "K1", "rule": "药品区分性别使用", "item_name": "甲片", "codes": "XA0001|XA0002",
    "params_json": '{"sex": "女"}', "published_text": "", "batch": "1",
}  # fmt: skip


def table(path: Path, *rows: dict[str, Any]) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, NEEDED)
    writer.writeheader()
    writer.writerows({**GOOD, **row} for row in rows)
    path.write_text(text.getvalue(), "utf-8")
    return path


def codes_of(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [one.code for one in caught.value.refusals]


def test_a_good_row_is_a_point(tmp_path: Path) -> None:
    (point,) = read_points(table(tmp_path / "a.csv", {}))
    assert (point.codes, point.params, point.valid_from) == (("XA0001", "XA0002"), {"sex": "女"}, date(2000, 1, 1))


def test_a_gzipped_table_is_read(tmp_path: Path) -> None:
    plain = table(tmp_path / "a.csv", {}).read_bytes()
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(plain))
    assert len(read_points(tmp_path / "a.csv.gz")) == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"rule": "没有这条规则"}, "V102"),
        ({"codes": ""}, "V103"),
        ({"codes": "xa-1"}, "V103"),
        ({"params_json": "{"}, "V104"),
        ({"params_json": "[1]"}, "V104"),
        ({"rule": "药品限医疗机构级别", "params_json": '{"min_level": "特级"}'}, "V104"),
        ({"kp_id": ""}, "V105"),
        ({"batch": ""}, "V106"),
    ],
)
def test_a_bad_row_is_told_with_its_line(tmp_path: Path, wrong: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as caught:
        read_points(table(tmp_path / "a.csv", {}, {"kp_id": "K2", **wrong}))
    assert codes_of(caught) == [code]
    assert caught.value.refusals[0].place == "第3行"


def test_all_bad_rows_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        read_points(table(tmp_path / "a.csv", {"codes": ""}, {"rule": "?"}, {}, {}))
    assert codes_of(caught) == ["V103", "V102", "V105"]


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("序号,名称\n1,甲\n", "utf-8")
    with pytest.raises(Refused) as caught:
        read_points(tmp_path / "a.csv")
    assert codes_of(caught) == ["V101"]


def test_a_remark_is_a_note_and_no_point(tmp_path: Path) -> None:
    read = read_file(
        table(tmp_path / "a.csv", {}, {"kp_id": "K2", "item_name": "说明：性别不清者不纳入。", "codes": ""})
    )
    assert len(read.points) == 1
    assert read.notes == ["第3行：说明：性别不清者不纳入。"]


def test_days_that_differ_from_the_sentence_are_a_note(tmp_path: Path) -> None:
    row = {"rule": "药品限支付疗程", "params_json": '{"max_days": "15"}', "published_text": "单次最多支付14天。"}
    read = read_file(table(tmp_path / "a.csv", row))
    assert read.points[0].params == {"max_days": "15"}
    assert "天数15与原文不一致" in read.notes[0]


def test_a_revision_ends_the_earlier_point_of_the_same_item_the_day_before(tmp_path: Path) -> None:
    old, new, other = read_points(
        table(
            tmp_path / "a.csv", {}, {"kp_id": "K2", "batch": "2026-01-revision"},
            {"kp_id": "K3", "item_name": "乙片"},
        )
    )  # fmt: skip
    assert (old.valid_to, new.valid_from) == (date(2026, 1, 27), date(2026, 1, 28))
    assert other.valid_to == date(2999, 12, 31)


def test_points_of_one_batch_with_the_same_name_stand_side_by_side(tmp_path: Path) -> None:
    points = read_points(table(tmp_path / "a.csv", {}, {"kp_id": "K2", "codes": "XA0009"}))
    assert {one.valid_to for one in points} == {date(2999, 12, 31)}


def test_batch_and_first_day_may_be_given_by_hand(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", {"batch": ""})
    (point,) = read_file(path, batch="18", first_day=date(2026, 8, 1)).points
    assert (point.batch, point.valid_from) == ("18", date(2026, 8, 1))


@pytest.mark.skipif(not SHARED.exists(), reason="the published points are not part of the project")
def test_the_published_points_are_read_whole() -> None:
    read = read_file(SHARED)
    assert len(read.points) == 3898
    assert sum(one.valid_to == date(2026, 1, 27) for one in read.points) == 397
    assert sum(one.batch == "2026-01-revision" for one in read.points) == 411
    assert len(read.notes) == 3

"""Workbooks in which points are published (知识点明细), in the layouts that readers of them describe.

    one sheet of points      序号, 药品通用名 | 项目名称 | 中药饮片名称, 限定… / 逻辑依据 / 备注, 项目代码 | 药品代码
    a second sheet of codes  对应知识点序号, 药品通用名, 药品代码: one code a line, number and name in its first
    pairs                    项目A代码, 项目A名称, 项目B代码, 项目B名称, 时间区间

The rule is the title in quotes of the sheet or the file (“药品限工伤保险”规则对应知识点明细). The heading is
looked for in the first twenty lines and told by words it contains. What a rule's points restrict is read from the
columns and phrases of `PARAMETERS`. Nobody here has seen the workbooks; a sheet that does not fit is refused, V101.
"""

import hashlib
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from python_calamine import CalamineWorkbook

from yibao.core.errors import Refusal, Refused
from yibao.core.sheets.cells import shown
from yibao.supervision.knowledge.reading import RawPoint

HEADING_WITHIN = 20
LARGEST = 50 << 20
NAMES = ("药品通用名", "中药饮片名称", "项目名称", "项目A名称", "名称")
CODES = ("药品代码", "饮片代码", "项目代码", "项目编码", "医保编码", "药品编码")
TEXTS = ("逻辑依据", "限定条件", "备注", "检出逻辑", "限定", "依据", "手术组", "说明书")
COLUMNS = ("序号", *NAMES, *CODES, *TEXTS, "项目A代码", "项目B名称", "项目B代码", "时间区间")
TITLE = re.compile(r"[“\"']?([\u4e00-\u9fff/]+?)[”\"']?规则?(?:对应)?(?:知识点|$)")
QUOTED = re.compile(r"[“\"]([^”\"]+)[”\"]")
BATCH = re.compile(r"第([一二三四五六七八九十\d]+)批")
SPLIT = re.compile(r"[、,;；|/\s]+")
DIGITS = {character: number for number, character in enumerate("零一二三四五六七八九")}
Row = dict[str, str]


def raw_points(content: bytes, file_name: str) -> Iterator[RawPoint]:
    """Rows of a workbook in the shape of the neutral table; `Refused` V101 when no sheet has points."""
    sheets = dict(_sheets(content))
    tables = {name: found for name, rows in sheets.items() if (found := _table(rows))}
    codes = _codes({name: rows for name, rows in tables.items() if _is_codes(name)})
    points = {name: rows for name, rows in tables.items() if not _is_codes(name)}
    if not points:
        raise Refused(Refusal("V101", "没有找到知识点的表头", "表头应有序号、名称与代码等列", file_name))
    for name, rows in points.items():
        rule = _rule_of(name) or _rule_of(file_name)
        for number, row in rows:
            yield from _points(f"{name}第{number}行", rule, row, codes, _batch_of(file_name))


def _sheets(content: bytes) -> Iterator[tuple[str, list[list[Any]]]]:
    if len(content) > LARGEST:
        raise Refused(Refusal("V101", f"文件超过{LARGEST >> 20}MB", "请确认文件"))
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in workbook.sheet_names:
            yield name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except Exception as fault:  # the reader has errors of its own for every broken part
        raise Refused(Refusal("V101", "工作簿打不开", "请重新下载或另存为xlsx")) from fault


def _table(rows: list[list[Any]]) -> list[tuple[int, Row]]:
    """Numbered rows below the heading, by the heading's texts; [] without a heading."""
    heads = [(index, ["".join(shown(cell).split()) for cell in row]) for index, row in enumerate(rows[:HEADING_WITHIN])]
    scored = [(sum(any(word in cell for word in COLUMNS) for cell in head), index, head) for index, head in heads]
    best, place, head = max(scored, key=lambda one: (one[0], -one[1]), default=(0, 0, []))
    if best < 2 or not any(name in cell for name in NAMES for cell in head):
        return []
    body = ((index + 1, row) for index, row in enumerate(rows) if index > place)
    named = (
        (number, {title: shown(cell) for title, cell in zip(head, row, strict=False) if title}) for number, row in body
    )
    return [(number, row) for number, row in named if any(row.values())]


def _named(head: list[str], row: list[Any]) -> Row:
    return {title: shown(cell) for title, cell in zip(head, row, strict=False) if title}


def _is_codes(sheet: str) -> bool:
    return ("代码" in sheet or "编码" in sheet) and "明细" not in sheet


def _codes(tables: dict[str, list[tuple[int, Row]]]) -> dict[tuple[str, str], list[str]]:
    """Codes by (number of the point, name): both stand in the first of its lines only."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    number = name = ""
    for rows in tables.values():
        for _, row in rows:
            number, name = _field(row, ("序号",)) or number, _field(row, NAMES) or name
            found[number, name] += _split(_field(row, CODES))
    return found


def _points(place: str, rule: str, row: Row, codes: dict[tuple[str, str], list[str]], batch: str) -> Iterator[RawPoint]:
    name, number = _field(row, NAMES), _field(row, ("序号",))
    text = "".join(dict.fromkeys(filter(None, (_field(row, (word,)) for word in TEXTS))))
    if not name:
        return
    own = codes.get((number, name)) or _split(_field(row, CODES))
    reader = PARAMETERS.get(rule)
    params = reader(row, text) if reader else {}
    if "项目A名称" in "".join(row):
        first, second = _field(row, ("项目A代码",)), _field(row, ("项目B代码",))
        name, own = f"{name}×{_field(row, ('项目B名称',))}", [first, second]
        params = {"main": first, "included": second, "window": _field(row, ("时间区间",))}
    yield RawPoint(place, {
        "kp_id": _number(batch, rule, name, own), "rule": rule, "item_name": name, "codes": "|".join(own),
        "params_json": json.dumps(params, ensure_ascii=False) if params else "", "published_text": text, "batch": batch,
    })  # fmt: skip


def _field(row: Row, words: tuple[str, ...]) -> str:
    """The first filled cell whose heading contains one of the words; counts of codes are no codes."""
    return next(
        (row[title] for word in words for title in row if word in title and "数量" not in title and row[title]), ""
    )


def _split(cell: str) -> list[str]:
    return [code for code in SPLIT.split(cell) if code]


def _number(batch: str, rule: str, name: str, codes: list[str]) -> str:
    """A number of the point that is the same whenever the same file is read."""
    return "WB-" + hashlib.sha256("\x1f".join((batch, rule, name, *sorted(codes))).encode()).hexdigest()[:16]


def _rule_of(text: str) -> str:
    quoted = QUOTED.search(text)
    found = quoted or TITLE.search(BATCH.sub("", text))
    return found[1].strip().removesuffix("规则") if found else ""


def _batch_of(text: str) -> str:
    found = BATCH.search(text)
    if not found:
        return ""
    digits = found[1]
    if digits.isdigit():
        return digits
    tens, ten, ones = digits.rpartition("十")
    return str((DIGITS[tens] if tens else 1) * 10 + DIGITS.get(ones, 0)) if ten else str(DIGITS[digits])


def _sex(row: Row, text: str) -> dict[str, Any]:
    said = _field(row, ("限定性别", "性别")) or text
    return {"sex": "女" if "女" in said else "男"} if ("女" in said) != ("男" in said) else {}


def _found(pattern: str, make: Callable[[re.Match[str]], dict[str, Any]]) -> Callable[[Row, str], dict[str, Any]]:
    compiled = re.compile(pattern)

    def read(row: Row, text: str) -> dict[str, Any]:
        match = compiled.search(" ".join((*row.values(), text)))
        return make(match) if match else {}

    return read


def _always(**params: Any) -> Callable[[Row, str], dict[str, Any]]:
    return lambda row, text: params


def _frequency(unit: str) -> dict[str, Any]:
    return {"max_qty": "24" if unit == "小时" else "1", "unit": unit, "window": "day"}


PARAMETERS: dict[str, Callable[[Row, str], dict[str, Any]]] = {
    "药品区分性别使用": _sex,
    "医疗服务项目区分性别使用": _sex,
    "药品儿童专用": _always(age_below=18),
    "药品限儿童使用": _always(age_below=18),
    "医疗服务项目儿童专用": _always(age_below=18),
    "药品限工伤保险": _always(insurance="工伤"),
    "药品限生育保险": _always(insurance="生育"),
    "药品限就医方式": _found(r"住院", lambda match: {"care": "住院"}),
    "药品限医疗机构级别": _found(r"限?(三级|二级)", lambda match: {"min_level": match[1]}),
    "药品限支付疗程": _found(r"(?:不超过|最多支付)(\d+)天", lambda match: {"max_days": match[1]}),
    "手术项目未按规定折价收费": _found(r"(\S+手术组)", lambda match: {"group": match[1]}),
    "医疗服务项目限定频次": _found(r"(小时|日|天)", lambda match: _frequency(match[1])),
    "医疗服务项目周期超频次": _found(r"(\d+)\s*[天日]", lambda match: {"max_qty": "1", "window_days": match[1]}),
}
"""What the points of a published rule restrict, from the row and its text."""

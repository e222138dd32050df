"""One line of a roster: which columns each kind has, and what is wrong with a line in itself.

Departments name the same thing differently, so every column has aliases. A line needs a certificate number, or a
name with a birth date; an identity number of fifteen digits is brought to eighteen.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from yibao.core.errors import Refusal
from yibao.core.sheets import Column, Row
from yibao.population.identity import birth_date, check_digit, is_identity_number
from yibao.population.rosters.departments import Department

FIELDS = (
    "row_no", "certno", "psn_name", "brdy", "area", "tag", "operation", "begntime", "endtime", "evidence", "unit",
    "faults", "notes", "match",
)  # fmt: skip
"""Columns of population.roster_row that `line_of` fills."""

WHO = (
    Column("certno", "证件号码", ("身份证号", "身份证号码", "公民身份号码", "证件号"), required=False, kind="identity"),
    Column("psn_name", "姓名", ("人员姓名", "学生姓名", "残疾人姓名", "死者姓名")),
    Column("brdy", "出生日期", ("出生年月日",), required=False, kind="date"),
    Column("area", "行政区划代码", ("区划代码", "村居代码"), required=False),
    Column("unit", "单位", ("学校", "学校名称", "村居", "单位名称", "所在村"), required=False),
)
TAG = Column("tag", "身份类别", ("人员类别", "救助类型", "困难类型", "监测类型", "类别"), required=False)
TAG_DAYS = (
    Column("begntime", "开始日期", ("认定日期", "认定时间", "纳入日期", "享受开始日期"), required=False, kind="date"),
    Column("endtime", "结束日期", ("退出日期", "终止日期", "有效期至"), required=False, kind="date"),
    Column("evidence", "认定文号", ("文号", "证明材料", "证号", "残疾证号"), required=False),
    Column("operation", "变动类型", ("操作类型", "变动"), required=False),
)
DIED = Column("begntime", "死亡日期", ("死亡时间",), kind="date")
OPERATIONS = {"新增": "begin", "纳入": "begin", "变更": "begin", "退出": "end", "终止": "end", "注销": "end"}


def columns_of(department: Department) -> Sequence[Column]:
    """The columns of this department's rosters."""
    if department.kind == "deaths":
        return (*WHO, DIED)
    return (*WHO, TAG, *TAG_DAYS) if department.kind == "tags" else WHO


def line_of(row: Row, department: Department) -> tuple[Any, ...]:
    """A row of the sheet as the values of `FIELDS`, with every fault of the line."""
    values = dict(row.values)
    faults = list(row.faults)
    place = f"第{row.number}行"
    notes = list(row.notes)
    values["certno"] = _eighteen_digits(values.get("certno"), notes)
    values["brdy"] = values.get("brdy") or _birth(values["certno"])
    values["tag"], tag_faults = _tag(values.get("tag"), department, place)
    values["operation"], operation_faults = _operation(values.get("operation"), place)
    faults += [*tag_faults, *operation_faults, *_line_faults(values, place)]
    told = [{"code": one.code, "text": one.text, "advice": one.advice, "place": one.place} for one in faults]
    said = (values.get(name) or "" for name in ("evidence", "unit"))
    return (
        row.number, values["certno"], _plain_name(values.get("psn_name")), values["brdy"], values.get("area") or "",
        values["tag"], values["operation"], values.get("begntime"), values.get("endtime"), *said,
        told, notes, "faulty" if faults else "open",
    )  # fmt: skip


def _tag(word: str | None, department: Department, place: str) -> tuple[str | None, list[Refusal]]:
    if department.kind != "tags":
        return None, []
    if word is None and len(department.tags) == 1:
        return department.tags[0], []
    tag = department.tag_of(word) if word else None
    if tag is not None:
        return tag, []
    text = f"“{word}”不是{department.name}认定的身份" if word else "没有填写身份类别"
    return None, [Refusal("P811", text, f"请填写：{'、'.join(department.tags)}", f"{place}“身份类别”")]


def _operation(word: str | None, place: str) -> tuple[str, list[Refusal]]:
    if not word:
        return "", []
    if word in OPERATIONS:
        return OPERATIONS[word], []
    return "", [Refusal("P812", f"变动类型“{word}”不认识", "请填写新增、变更或退出", f"{place}“变动类型”")]


def _line_faults(values: dict[str, Any], place: str) -> list[Refusal]:
    faults = []
    begins, ends = values.get("begntime"), values.get("endtime")
    if begins and ends and ends < begins:
        faults.append(Refusal("P805", f"结束日期{ends}早于开始日期{begins}", "请核对起止日期", place))
    if not values["certno"] and not (values.get("psn_name") and values["brdy"]):
        advice = "请补填证件号码，确无证件的填写出生日期"
        faults.append(Refusal("P814", "没有证件号码，也没有姓名和出生日期", advice, place))
    return faults


def _eighteen_digits(certno: str | None, notes: list[str]) -> str | None:
    """A number of the first generation (15 digits) as the 18 of today; a wrong check digit is noted, not refused:
    the person may still be found by name and birth."""
    if certno and len(certno) == 15 and certno.isdecimal():
        longer = f"{certno[:6]}19{certno[6:]}"
        notes.append(f"15位身份证号已转为18位：{longer}{check_digit(longer)}")
        return longer + check_digit(longer)
    if certno and len(certno) == 18 and certno[:17].isdecimal() and not is_identity_number(certno):
        notes.append("身份证号的出生日期或校验位不符")
    return certno


def _birth(certno: str | None) -> date | None:
    if not certno or len(certno) != 18 or not certno[:17].isdecimal():
        return None
    try:
        return birth_date(certno)
    except ValueError:
        return None


def _plain_name(name: str | None) -> str | None:
    """A name without spaces between its characters, as the register keeps Chinese names."""
    return name if name is None or name.isascii() else "".join(name.split())

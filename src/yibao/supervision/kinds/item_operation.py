"""Item that belongs to an operation, in a visit without one (手术费或耗材与手术操作编码不符).

    code         the item: an operation's fee, an implant
    operations   the visit must have an operation code that begins with one of these, separated by blanks; None: any
    care         beginnings of the kinds of care (`med_type`) in which operations are coded ("21"); None all

An operation code without its fee is looked for by diagnosis_without_care. Exemptions: visits that are settled in
parts count all their operations together; kinds of care not named in `care`; what was refunded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds._codes import (
    CARE,
    Facts,
    begins,
    begins_column,
    hits_of_items,
    item_lines,
    netted,
    netted_column,
)
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemOperation(Point):
    """What the module says."""

    operations: str | None = None
    care: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line without its operation."""
    return netted(
        (point, line, _facts(case, point, line), 1, 1)
        for point, line in hits_of_items(case, points)
        if (point.care is None or begins(line.med_type, point.care)) and not any(_matching(case, point, line))
    )


def _codes(case: Case, line: Line) -> list[str]:
    return sorted(one.oprn_oprt_code for one in case.operations_of_visit.get(line.mdtrt_id, ()) if one.oprn_oprt_code)


def _matching(case: Case, point: ItemOperation, line: Line) -> Iterator[bool]:
    return (point.operations is None or begins(one, point.operations) for one in _codes(case, line))


def _facts(case: Case, point: ItemOperation, line: Line) -> Facts:
    day, coded = line.fee_ocur_time.date().isoformat(), next(iter(_codes(case, line)), "无")
    return {"item": point.item, "day": day, "coded": coded}


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    lines = item_lines(lake, points)
    lines = lines.filter(lines.care.isnull() | begins_column(lines.med_type, lines.care, CARE))
    asked = lines.select("mdtrt_id", "rule_id", "kp_id", "operations").distinct()
    operations = lake.operations.select("mdtrt_id", "oprn_oprt_code")
    codes = asked.join(operations.filter(operations.oprn_oprt_code != ""), "mdtrt_id")
    codes = codes.mutate(fits=codes.operations.isnull() | begins_column(codes.oprn_oprt_code, codes.operations))
    known = codes.group_by("mdtrt_id", "rule_id", "kp_id").aggregate(
        fits=codes.fits.any(), coded=codes.oprn_oprt_code.min()
    )
    hits = lines.left_join(known, ["mdtrt_id", "rule_id", "kp_id"])
    hits = hits.filter(~hits.fits.fill_null(False))
    return netted_column(hits, day=hits.fee_ocur_time.date().cast("string"), coded=hits.coded.fill_null("无"))


KIND = Kind(
    name="item_operation",
    title="项目与手术操作编码不符",
    point=ItemOperation,
    facts=("item", "day", "coded"),
    reason="{day}收取{item}，清单上没有对应的手术操作编码（现有编码：{coded}）",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="不编手术操作码的就医方式、分次结算合并计算、已退费的不算",
)

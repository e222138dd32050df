"""Item only in some departments, or not in some (限科室): intensive care outside the ward, psychiatry, rehabilitation.

    code          the item
    departments   allowed: national department codes or their beginnings, separated by blanks ("A28" intensive care)
    forbidden     departments that may not bill it, likewise

Allowed when the billing department or the department of admission is one of `departments`: a patient who was moved is
billed by the ward where he lies. Exemptions: lines and visits without any department are not looked at (pharmacies,
data faults belong to line_faults); `forbidden` asks the billing department only; what was refunded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds._codes import (
    Facts,
    begins,
    begins_column,
    hits_of_items,
    item_lines,
    netted,
    netted_column,
)
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row, Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemDepartment(Point):
    """What the module says."""

    departments: str | None = None
    forbidden: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line outside its departments."""
    hits = ((point, line, case.visits[line.mdtrt_id]) for point, line in hits_of_items(case, points))
    return netted((point, line, _facts(point, line, visit), 1, 1) for point, line, visit in hits
                  if breaks(point, line, visit))  # fmt: skip


def breaks(point: ItemDepartment, line: Line, visit: Visit) -> bool:
    """Whether the line's departments are known and none is allowed, or the billing one is forbidden."""
    known = [one for one in (line.bilg_dept_codg, visit.adm_dept_codg) if one]
    outside = point.departments is not None and known and not any(begins(one, point.departments) for one in known)
    return bool(outside) or begins(line.bilg_dept_codg, point.forbidden)


def _facts(point: ItemDepartment, line: Line, visit: Visit) -> Facts:
    day = line.fee_ocur_time.date().isoformat()
    return {"item": point.item, "day": day, "department": line.bilg_dept_codg, "admission": visit.adm_dept_codg}


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    visits = lake.visits.select("mdtrt_id", admission=lake.visits.adm_dept_codg.fill_null(""))
    both = item_lines(lake, points).join(visits, "mdtrt_id")
    known = (both.bilg_dept_codg != "") | (both.admission != "")
    inside = begins_column(both.bilg_dept_codg, both.departments) | begins_column(both.admission, both.departments)
    outside = (known & both.departments.notnull() & ~inside).fill_null(False)
    hits = both.filter(outside | begins_column(both.bilg_dept_codg, both.forbidden).fill_null(False))
    return netted_column(hits, day=hits.fee_ocur_time.date().cast("string"), department=hits.bilg_dept_codg)


KIND = Kind(
    name="item_department",
    title="限科室使用",
    point=ItemDepartment,
    facts=("item", "day", "department", "admission"),
    reason="{day}的{item}不在允许的科室使用：开单科室{department}，入院科室{admission}",
    subject="line",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="科室不明的明细、转科后由所在科室计费的、已退费的不算",
)

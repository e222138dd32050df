"""Antibiotics given on after a clean operation (围手术期抗菌药物预防性应用).

    code          the antibiotic
    operations    beginnings of ICD-9-CM-3 codes of operations with clean incision, separated by blanks
    max_hours     hours after the day of the operation for which prophylaxis is paid (24, 48)
    exempt        beginnings of ICD-10 codes of infection, separated by blanks: then it is treatment, not prophylaxis

The settlement list has the day of an operation only, so hours count from the end of the day of the last one.
Exemptions:
visits with any operation that is not in the list; a diagnosis of infection; what was refunded; what the person pays
whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.supervision.kinds import _codes as codes
from yibao.supervision.kinds import _quantities as quantities
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class AntibioticDays(Point):
    """What the module says."""

    operations: str = ""
    max_hours: int = 24
    exempt: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line too late, one finding for each visit."""
    for point, line, left in quantities.standing(case, points):
        operated = _operated(case, point, line)
        if operated is None:
            continue
        at = line.fee_ocur_time
        hours = (quantities.day_number(at.date()) - quantities.day_number(operated) - 1) * 24 + at.hour
        if hours >= point.max_hours and not quantities.exempt(case, point, line):
            facts: dict[str, str | int] = {
                "item": point.item, "day": at.date().isoformat(), "operated": operated.isoformat(), "hours": hours,
                "limit": point.max_hours,
            }  # fmt: skip
            yield quantities.row(point, line, line.mdtrt_id, left, line.cnt, facts)


def _operated(case: Case, point: AntibioticDays, line: Line) -> date | None:
    """The day of the last operation when all of the visit are clean."""
    operations = case.operations_of_visit.get(line.mdtrt_id, ())
    if not all(codes.begins(one.oprn_oprt_code, point.operations) for one in operations):
        return None
    return max((one.oprn_oprt_date for one in operations if one.oprn_oprt_date is not None), default=None)


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake: visits with clean operations only, then their antibiotics."""
    lists = points.select("operations").distinct()
    operations = lake.operations.select("mdtrt_id", "oprn_oprt_code", "oprn_oprt_date").cross_join(lists)
    clean = codes.begins_column(operations.oprn_oprt_code.fill_null(""), operations.operations).cast("int64")
    operations = operations.mutate(clean=clean)
    visits = operations.group_by(["mdtrt_id", "operations"]).agg(
        all_clean=operations.clean.min(), last=operations.oprn_oprt_date.max()
    )
    visits = visits.filter((visits.all_clean == 1) & visits["last"].notnull())
    hits = quantities.standing_columns(lake.lines, points).join(visits, ["mdtrt_id", "operations"])
    after = hits.day_number - hits["last"].epoch_days().cast("int64") - 1
    hits = hits.mutate(hours=after * 24 + hits.fee_ocur_time.hour().cast("int64"))
    rows = quantities.without_diagnoses(hits.filter(hits.hours >= hits.max_hours), lake)
    return rows.mutate(
        finding_key=rows.mdtrt_id, amount=rows.inscp_amt, part=rows.left, whole=rows.cnt,
        operated=rows["last"].cast("string"), limit=rows.max_hours,
    )  # fmt: skip


KIND = Kind(
    name="antibiotic_days",
    title="围手术期抗菌药物",
    point=AntibioticDays,
    facts=("item", "day", "operated", "hours", "limit"),
    reason="{operated}手术（清洁切口）后{hours}小时（{day}）仍使用{item}，预防用药不超过{limit}小时",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="有感染诊断、同次就诊有非清洁手术的不算；已退费、全自费的明细不算",
)

"""Drug of a grade that its doctor may not prescribe (抗菌药物分级使用): restricted and special antibiotics.

A rule has two sorts of points: a drug's `code` with the `grade` it needs, and a `doctor` with the `grade` he holds.

    code          the drug, "" in a doctor's point
    doctor        the doctor, "" in a drug's point
    grade         1 unrestricted (非限制), 2 restricted (限制), 3 special (特殊)
    exempt_care   in a drug's point: beginnings of the kinds of care that are exempt ("13" emergency rescue)

Exemptions: rescue; doctors of whom the rule has no point on that day (the list is not known for them); the greatest
right counts of a doctor with several points; what was refunded.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds._codes import CARE, begins, begins_column, hits_of_items, item_lines, netted, netted_column
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class DoctorRight(Point):
    """What the module says."""

    doctor: str = ""
    grade: int = 1
    exempt_care: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line beyond its doctor's right."""
    rights: dict[tuple[str, str], list[DoctorRight]] = defaultdict(list)
    for one in points.by_code.get("", ()):
        rights[one.rule_id, one.doctor].append(one)
    return netted(_beyond(case, points, rights))


def _beyond(case: Case, points: Points, rights: dict[tuple[str, str], list[DoctorRight]]) -> Iterator[Any]:
    for point, line in hits_of_items(case, points):
        day = line.fee_ocur_time.date()
        held = [one.grade for one in rights.get((point.rule_id, line.bilg_dr_code), ()) if one.in_force(day)]
        drug = point.code != "" and line.bilg_dr_code != ""
        if drug and held and max(held) < point.grade and not begins(line.med_type, point.exempt_care):
            facts = {
                "item": point.item, "day": day.isoformat(), "doctor": line.bilg_dr_code, "needed": point.grade,
                "held": max(held),
            }  # fmt: skip
            yield point, line, facts, 1, 1


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    lines = item_lines(lake, points.filter(points.code != "").drop("doctor"))
    lines = lines.filter(~begins_column(lines.med_type, lines.exempt_care, CARE).fill_null(False))
    holders = points.filter((points.code == "") & (points.doctor != ""))
    holders = holders.select("doctor", "rule_id", right="grade", since="valid_from", until="valid_to")
    both = lines.join(holders, [lines.bilg_dr_code == holders.doctor, lines.rule_id == holders.rule_id])
    day = both.fee_ocur_time.date()
    both = both.filter((day >= both.since) & (day <= both.until))
    keys = ["bkkp_sn", "rule_id", "kp_id"]
    known = both.group_by(keys).aggregate(held=both.right.max())
    hits = lines.join(known, keys)
    hits = hits.filter(hits.held < hits.grade)
    return netted_column(
        hits, day=hits.fee_ocur_time.date().cast("string"), doctor=hits.bilg_dr_code, needed=hits.grade
    )


KIND = Kind(
    name="doctor_right",
    title="抗菌药物越级使用",
    point=DoctorRight,
    facts=("item", "day", "doctor", "needed", "held"),
    reason="{day}医师{doctor}越级开具{item}：需要{needed}级处方权，医师为{held}级",
    subject="line",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="急诊抢救、处方权未登记的医师、已退费的不算",
    item_codes=lambda point: (point.code,) if point.code else (),
)

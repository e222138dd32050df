"""Stays of one person in two institutions at once (住院时间重叠): nobody lies in two beds.

    care             kinds of care that are stays (`med_type` or its beginning, separated by blanks: "21 52")
    tolerance_days   days shared that are allowed: 0 allows the transfer on one day (discharged and admitted)

At stake are the bills of the stay begun later (of two begun at the same second, the one with the greater number). A
stay that goes on lasts for ever. Exemptions: transfer on the same day; two stays in one institution (readmission looks
at those); the mother's and her newborn's stays have different persons.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import Facts
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row, Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class StayOverlap(Point):
    """What the module says."""

    care: str
    tolerance_days: int


FACTS = ("begin", "other", "other_begin", "other_end", "days")


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each stay begun during another."""
    return _stays.bills_at_stake(case, _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, str, Visit, Facts]]:
    for point in points:
        for visits in case.visits_of_person.values():
            for first, second in combinations(_stays.of_care(visits, point.care), 2):
                days = (_stays.end_of(first) - second.begntime.date()).days
                apart = first.fixmedins_code != second.fixmedins_code
                if apart and days > point.tolerance_days and point.in_force(second.begntime.date()):
                    yield point, f"{second.mdtrt_id}:{first.mdtrt_id}", second, _facts(first, second, days)


def _facts(first: Visit, second: Visit, days: int) -> Facts:
    return {
        "begin": second.begntime.date().isoformat(), "other": first.fixmedins_code,
        "other_begin": first.begntime.date().isoformat(), "other_end": _stays.end_of(first).isoformat(),
        "days": min(days, _stays.LONG),
    }  # fmt: skip


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    columns = ("rule_id", "kp_id", "mdtrt_id", "psn_no", "fixmedins_code", "begntime", "begin", "end", "first", "last")
    stays = _stays.visit_days(_stays.of_care_column(lake.visits, points))
    second = _stays.in_force(stays, stays.begin).select(*columns, "tolerance_days")
    first = stays.select(*columns).rename("other_{name}")
    both = second.join(first, [
        second.psn_no == first.other_psn_no, second.rule_id == first.other_rule_id, second.kp_id == first.other_kp_id,
        second.fixmedins_code != first.other_fixmedins_code,
        first.other_last - second.first > second.tolerance_days,
        (first.other_begntime < second.begntime)
        | ((first.other_begntime == second.begntime) & (first.other_mdtrt_id < second.mdtrt_id)),
    ])  # fmt: skip
    hits = both.mutate(
        key=both.mdtrt_id + ":" + both.other_mdtrt_id, other=both.other_fixmedins_code,
        days=ibis.least(both.other_last - both.first, _stays.LONG).cast("int64"),
        **{name: both[name].cast("string") for name in ("begin", "other_begin", "other_end")},
    )  # fmt: skip
    return _stays.bills_at_stake_column(lake, hits, FACTS)


KIND = Kind(
    name="stay_overlap",
    title="跨机构住院时间重叠",
    point=StayOverlap,
    facts=FACTS,
    reason="{begin}入院时，该人已自{other_begin}在{other}住院、{other_end}才出院，两处住院重叠{days}天",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="同日转院、同一机构再入院、母亲与新生儿各自住院不算",
    looks_back=180,
    item_codes=lambda point: (),
)

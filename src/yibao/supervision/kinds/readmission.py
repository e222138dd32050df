"""Discharged and admitted again by the same institution within days (分解住院).

    care             kinds of care that are stays (`med_type` or its beginning)
    days_from        days from discharge to admission, at least: 0
    days_to          at most: 7 for the core, 15 for observation
    same             characters of the principal diagnosis that must be alike: 3 for the category, 0 for any
    exempt           beginnings of diagnoses of the second stay that make it planned (Z51 Z49: cancer care, dialysis)
    exempt_ways      ways of discharge of the first stay that excuse ("2 3": transferred by the doctor)
    exempt_days_old  a person younger than so many days at the second admission is excused (newborn)

Each stay is compared with the one before it in the same institution. At stake are the bills of the second. Exemptions:
planned diagnoses, transfers, newborn; stays that overlap are no readmission.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import Facts, begins, begins_column, diagnoses_column, diagnoses_of
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row, Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class Readmission(Point):
    """What the module says."""

    care: str
    days_from: int
    days_to: int
    same: int
    exempt: str | None = None
    exempt_ways: str | None = None
    exempt_days_old: int | None = None


FACTS = ("begin", "discharged", "days", "diagnosis", "diagnosis_before")


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each admission too soon after the discharge."""
    return _stays.bills_at_stake(case, _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, str, Visit, Facts]]:
    for point in points:
        for visits in case.visits_of_person.values():
            stays = sorted(_stays.of_care(visits, point.care), key=lambda one: one.fixmedins_code)
            for first, second in pairwise(stays):
                days = (second.begntime.date() - _stays.end_of(first)).days
                if first.fixmedins_code == second.fixmedins_code and breaks(case, point, first, second, days):
                    yield point, second.mdtrt_id, second, _facts(first, second, days)


def breaks(case: Case, point: Readmission, first: Visit, second: Visit, days: int) -> bool:
    """Whether the second stay follows too soon and nothing excuses it."""
    alike = first.dscg_maindiag_code[: point.same] == second.dscg_maindiag_code[: point.same]
    born = (second.begntime.date() - second.brdy).days
    return (
        point.days_from <= days <= point.days_to
        and alike
        and point.in_force(second.begntime.date())
        and (first.dscg_way == "" or first.dscg_way not in (point.exempt_ways or "").split())
        and (point.exempt_days_old is None or born >= point.exempt_days_old)
        and not any(begins(code, point.exempt) for code in diagnoses_of(case, second))
    )


def _facts(first: Visit, second: Visit, days: int) -> Facts:
    return {
        "begin": second.begntime.date().isoformat(), "discharged": _stays.end_of(first).isoformat(), "days": days,
        "diagnosis": second.dscg_maindiag_code, "diagnosis_before": first.dscg_maindiag_code,
    }  # fmt: skip


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    stays = _stays.visit_days(_stays.of_care_column(lake.visits, points))
    near = _near(stays.mutate(diagnosis=stays.dscg_maindiag_code.fill_null(""), way=stays.dscg_way.fill_null("")))
    alike = near.diagnosis.substr(0, near.same) == near.diagnosis_before.substr(0, near.same)
    excused = (near.way_before != "") & _stays.among_column(near.way_before, near.exempt_ways).fill_null(False)
    old = near.first - near.brdy.epoch_days().cast("int64") >= near.exempt_days_old
    hits = near.filter(alike & ~excused & (near.exempt_days_old.isnull() | old))
    hits = _stays.in_force(hits, hits.begin)
    listed = hits.select("rule_id", "kp_id", "mdtrt_id", "exempt").join(diagnoses_column(lake, hits), "mdtrt_id")
    planned = listed.filter(begins_column(listed.diag_code, listed.exempt).fill_null(False))
    hits = hits.anti_join(planned, ["rule_id", "kp_id", "mdtrt_id"])
    hits = hits.mutate(
        key=hits.mdtrt_id, begin=hits.begin.cast("string"), discharged=hits.end_before.cast("string"),
    )  # fmt: skip
    return _stays.bills_at_stake_column(lake, hits, FACTS)


def _near(stays: Any) -> Any:
    """Stays with the one before in the same institution, so many days before as the point says."""
    import ibis

    order = ibis.window(
        group_by=["rule_id", "kp_id", "psn_no", "fixmedins_code"], order_by=[stays.begntime, stays.mdtrt_id]
    )
    before = {f"{name}_before": stays[name].lag().over(order) for name in ("end", "last", "diagnosis", "way")}
    both = stays.mutate(**before)
    both = both.mutate(days=both.first - both.last_before)
    return both.filter(both.days.between(both.days_from, both.days_to))


KIND = Kind(
    name="readmission",
    title="分解住院",
    point=Readmission,
    facts=FACTS,
    reason="{discharged}出院后{days}天，{begin}又在同一机构住院，主要诊断{diagnosis_before}与{diagnosis}",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="放化疗、透析等列明的计划再入院，医嘱转院后返回，新生儿不算",
    looks_back=60,
    item_codes=lambda point: (),
)

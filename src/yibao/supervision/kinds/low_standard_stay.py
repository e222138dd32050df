"""Admission without need (低标准入院): a short stay of tests with hardly any treatment.

    care             kinds of care that are stays (`med_type` or its beginning)
    days_to          days of the stay, at most
    mild             beginnings of principal diagnoses looked at; None for all
    tests            charge types of tests ("03 04")
    tests_from       their share of the fees, at least, basis points
    treatment        charge types of drugs and treatment ("05 06 09 10 11")
    treatment_to     their share of the fees, at most, basis points
    exempt_ways      ways of discharge that excuse ("2 4 5": transferred, left against advice, died)

At stake are the stay's bills. Exemptions: stays with an operation (day surgery, endoscopy with removal); ways of
discharge of `exempt_ways`; stays that go on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import Facts, begins, begins_column
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row, Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class LowStandardStay(Point):
    """What the module says."""

    care: str
    days_to: int
    tests: str
    tests_from: int
    treatment: str
    treatment_to: int
    mild: str | None = None
    exempt_ways: str | None = None


FACTS = ("days", "diagnosis", "tests_share", "treatment_share", "fees")


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each such stay."""
    return _stays.bills_at_stake(case, _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, str, Visit, Facts]]:
    for point in points:
        for visit in _stays.of_care(case.visits.values(), point.care):
            if visit.endtime and suspicious(case, point, visit):
                facts = _shares(case, point, visit)
                low = facts and facts["treatment_share"] <= point.treatment_to
                if facts and low and facts["tests_share"] >= point.tests_from:
                    yield point, visit.mdtrt_id, visit, {"diagnosis": visit.dscg_maindiag_code, **facts}


def suspicious(case: Case, point: LowStandardStay, visit: Visit) -> bool:
    """Whether a stay is short and mild, without operation and without an excuse."""
    return (
        point.in_force(visit.begntime.date())
        and days_of(visit) <= point.days_to
        and (point.mild is None or begins(visit.dscg_maindiag_code, point.mild))
        and (visit.dscg_way == "" or visit.dscg_way not in (point.exempt_ways or "").split())
        and visit.mdtrt_id not in case.operations_of_visit
    )


def days_of(visit: Visit) -> int:
    """Nights between admission and discharge, at least one day."""
    return max((_stays.end_of(visit) - visit.begntime.date()).days, 1)


def _shares(case: Case, point: LowStandardStay, visit: Visit) -> dict[str, int]:
    sums = {"tests": 0, "treatment": 0, "all": 0}
    tests, treatment = point.tests.split(), point.treatment.split()
    for line in case.lines_of_visit.get(visit.mdtrt_id, ()):
        sums["all"] += line.det_item_fee_sumamt
        sums["tests"] += line.det_item_fee_sumamt if line.med_chrgitm_type in tests else 0
        sums["treatment"] += line.det_item_fee_sumamt if line.med_chrgitm_type in treatment else 0
    if sums["all"] <= 0 or sums["tests"] < 0 or sums["treatment"] < 0:
        return {}
    shares = {f"{name}_share": sums[name] * 10_000 // sums["all"] for name in ("tests", "treatment")}
    return {"days": days_of(visit), "fees": sums["all"], **shares}


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    stays = _suspicious(lake, points)
    lines = lake.lines.select("mdtrt_id", "med_chrgitm_type", "det_item_fee_sumamt")
    table = lines.join(stays, "mdtrt_id")
    fees, of = table.det_item_fee_sumamt, table.med_chrgitm_type
    sums = table.group_by("rule_id", "kp_id", "mdtrt_id").aggregate(
        fees=fees.sum().cast("int64"),
        tests_fees=ibis.ifelse(_stays.among_column(of, table.tests), fees, 0).sum().cast("int64"),
        treatment_fees=ibis.ifelse(_stays.among_column(of, table.treatment), fees, 0).sum().cast("int64"),
    )
    sums = sums.filter((sums.fees > 0) & (sums.tests_fees >= 0) & (sums.treatment_fees >= 0))
    sums = sums.mutate(
        tests_share=_stays.share_column(sums.tests_fees, sums.fees),
        treatment_share=_stays.share_column(sums.treatment_fees, sums.fees),
    )
    hits = sums.join(stays, ["rule_id", "kp_id", "mdtrt_id"])
    hits = hits.filter((hits.tests_share >= hits.tests_from) & (hits.treatment_share <= hits.treatment_to))
    return _stays.bills_at_stake_column(lake, hits.mutate(key=hits.mdtrt_id), FACTS)


def _suspicious(lake: Any, points: Any) -> Any:
    import ibis

    ended = lake.visits.filter(lake.visits.endtime.notnull()).anti_join(lake.operations, "mdtrt_id")
    stays = _stays.visit_days(_stays.of_care_column(ended, points))
    stays = stays.mutate(
        days=ibis.greatest(stays["last"] - stays.first, 1).cast("int64"),
        diagnosis=stays.dscg_maindiag_code.fill_null(""), way=stays.dscg_way.fill_null(""),
    )  # fmt: skip
    stays = _stays.in_force(stays, stays.begin)
    mild = stays.mild.isnull() | begins_column(stays.diagnosis, stays.mild)
    excused = (stays.way != "") & _stays.among_column(stays.way, stays.exempt_ways).fill_null(False)
    stays = stays.filter((stays.days <= stays.days_to) & mild.fill_null(False) & ~excused)
    return stays.select(
        "rule_id", "kp_id", "mdtrt_id", "days", "diagnosis", "tests", "tests_from", "treatment", "treatment_to"
    )


KIND = Kind(
    name="low_standard_stay",
    title="低标准入院",
    point=LowStandardStay,
    facts=FACTS,
    reason="住院{days}天，主要诊断{diagnosis}，检查检验占费用{fees:yuan}的{tests_share:percent}，药品和治疗只占{treatment_share:percent}",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="有手术操作的、转院等列明离院方式的、仍在院的不算",
    item_codes=None,
)

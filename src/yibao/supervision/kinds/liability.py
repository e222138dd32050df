"""Injuries that work accident insurance or a third party may owe, without a word of their cause (工伤、第三方责任).

    injury           beginnings of diagnoses that are injuries ("S T")
    cause            beginnings of diagnoses that state a cause nobody owes ("W0 W1": falls)
    exempt           beginnings of injury diagnoses with no outside party ("T78 T90": allergy, late effects)
    care             kinds of care looked at (`med_type` or its beginning)
    amount_from      fen of insured fees: smaller bills are not looked at

A visit is a finding when its principal diagnosis is an injury, it says that no third party pays (`ttp_pay_flag` 0) and
none of its diagnoses states a cause. At stake are its bills.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import Facts, begins, begins_column, diagnoses_column, diagnoses_of
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row, Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class Liability(Point):
    """What the module says."""

    injury: str
    care: str
    amount_from: int
    cause: str | None = None
    exempt: str | None = None


FACTS = ("day", "diagnosis")


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each visit for an injury of unknown cause."""
    least = {(one.rule_id, one.kp_id): one.amount_from for one in points}
    rows = _stays.bills_at_stake(case, _hits(case, points))
    return (row for row in rows if row.amount >= least[row.rule_id, row.kp_id])


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, str, Visit, Facts]]:
    for point in points:
        for visit in _stays.of_care(case.visits.values(), point.care):
            code, day = visit.dscg_maindiag_code, visit.begntime.date()
            if visit.ttp_pay_flag != "1" and point.in_force(day) and begins(code, point.injury):
                stated = any(begins(one, point.cause) for one in diagnoses_of(case, visit))
                if not stated and not begins(code, point.exempt):
                    yield point, visit.mdtrt_id, visit, {"day": day.isoformat(), "diagnosis": code}


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    different = lake.visits.select("dscg_maindiag_code").distinct().cross_join(points)
    code = different.dscg_maindiag_code
    injury = begins_column(code, different.injury) & ~begins_column(code, different.exempt).fill_null(False)
    known = different.filter(injury.fill_null(False))
    visits = lake.visits.join(known, "dscg_maindiag_code")
    visits = visits.filter(begins_column(visits.med_type, visits.care) & (visits.ttp_pay_flag.fill_null("0") != "1"))
    visits = visits.mutate(on=visits.begntime.date())
    hits = _stays.in_force(visits, visits.on)
    listed = hits.select("rule_id", "kp_id", "mdtrt_id", "cause").join(diagnoses_column(lake, hits), "mdtrt_id")
    stated = listed.filter(begins_column(listed.diag_code, listed.cause).fill_null(False))
    hits = hits.anti_join(stated, ["rule_id", "kp_id", "mdtrt_id"])
    hits = hits.mutate(key=hits.mdtrt_id, day=hits.on.cast("string"), diagnosis=hits.dscg_maindiag_code)
    rows = _stays.bills_at_stake_column(lake, hits, (*FACTS, "amount_from"))
    return rows.filter(rows.amount >= rows.amount_from)


KIND = Kind(
    name="liability",
    title="工伤或第三方责任",
    point=Liability,
    facts=FACTS,
    reason="{day}就诊，主要诊断{diagnosis}为外伤，未写明受伤原因，也未标明第三方是否承担",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="已写明受伤原因、已标明第三方支付、列明的诊断、小额的不算",
    item_codes=lambda point: (),
)

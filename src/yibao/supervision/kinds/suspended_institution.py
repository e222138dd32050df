"""Bills of an institution while its agreement is suspended or ended (暂停、解除协议期间的费用).

    institution      `fixmedins_code`
    status           what holds from `valid_from` to `valid_to`, for the reason ("暂停医保结算")
    exempt_care      kinds of care that go on (`med_type` or its beginning: "13" rescue)

At stake are the bills of visits begun in the interval. Exemptions: stays begun before it; kinds of `exempt_care`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import Facts, begins, begins_column
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row, Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class SuspendedInstitution(Point):
    """What the module says."""

    institution: str
    status: str
    exempt_care: str | None = None


FACTS = ("day", "status", "since")


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each visit begun while the institution may not settle."""
    return _stays.bills_at_stake(case, _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, str, Visit, Facts]]:
    for point in points:
        for visit in case.visits.values():
            day = visit.begntime.date()
            there = visit.fixmedins_code == point.institution and point.in_force(day)
            if there and not begins(visit.med_type, point.exempt_care):
                facts: Facts = {
                    "day": day.isoformat(), "status": point.status, "since": point.valid_from.isoformat(),
                }  # fmt: skip
                yield point, visit.mdtrt_id, visit, facts


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    visits = lake.visits.join(points, lake.visits.fixmedins_code == points.institution)
    visits = visits.mutate(on=visits.begntime.date())
    hits = _stays.in_force(visits, visits.on)
    hits = hits.filter(~begins_column(hits.med_type, hits.exempt_care).fill_null(False))
    hits = hits.mutate(key=hits.mdtrt_id, day=hits.on.cast("string"), since=hits.valid_from.cast("string"))
    return _stays.bills_at_stake_column(lake, hits, FACTS)


KIND = Kind(
    name="suspended_institution",
    title="暂停期间费用",
    point=SuspendedInstitution,
    facts=FACTS,
    reason="本机构自{since}起{status}，{day}开始的就诊仍结算",
    subject="institution",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="暂停前已入院的、列明的抢救等就医方式不算",
    item_codes=lambda point: (),
)

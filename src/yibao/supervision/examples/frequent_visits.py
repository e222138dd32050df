"""频繁就诊: one day more in the period than is allowed, and the day after it."""

from datetime import datetime, timedelta

from yibao.supervision.examples._common import person_of
from yibao.supervision.examples._persons import first_care, is_stay, visit_of
from yibao.supervision.kinds.frequent_visits import FrequentVisits
from yibao.supervision.world import World

FIRST = datetime.fromisoformat("2021-01-05T09:00")
WIDEST = 20


def violations(world: World, point: FrequentVisits, number: int) -> str:
    """Visits on one day more than allowed, within the period."""
    psn_no, days = person_of("V", point, number), _days(point, number)
    for day in [*days, days[-1] + timedelta(days=_apart(point))]:
        visit_of(world, psn_no, day, number, first_care(point.care))
    return psn_no


def clean(world: World, point: FrequentVisits, number: int) -> str:
    """As many as allowed, one day twice, and the next when the first is out of the period."""
    psn_no, days, care = person_of("C", point, number), _days(point, number), first_care(point.care)
    for day in [*days, days[0] + timedelta(days=point.period)]:
        visit_of(world, psn_no, day, number, care)
    if not is_stay(care):
        visit_of(world, psn_no, days[0] + timedelta(hours=6), number, care)
    return psn_no


def _days(point: FrequentVisits, number: int) -> list[datetime]:
    first = FIRST + timedelta(days=number % 20)
    return [first + timedelta(days=one * _apart(point)) for one in range(point.most)]


def _apart(point: FrequentVisits) -> int:
    return max(min((point.period - 1) // point.most, WIDEST), 1)

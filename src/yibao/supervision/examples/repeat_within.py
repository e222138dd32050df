"""短期重复: again too early in another hospital, and on the first day on which it may be."""

from collections.abc import Sequence
from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, outpatient, person_of
from yibao.supervision.examples._stays import mates
from yibao.supervision.kinds.repeat_within import RepeatWithin
from yibao.supervision.world import HOSPITAL, SECOND_HOSPITAL, World

SUPPLY = 7


def violations(world: World, point: RepeatWithin, number: int, points: Sequence[RepeatWithin] = ()) -> str:
    """One day too early."""
    supply = max(SUPPLY, point.within_days + 1)
    span = supply - point.within_days if point.overlap else point.within_days
    return _twice(world, person_of("V", point, number), point, number, points, span - 1, supply)


def clean(world: World, point: RepeatWithin, number: int, points: Sequence[RepeatWithin] = ()) -> str:
    """On the first day on which nothing is repeated."""
    span = SUPPLY - point.within_days if point.overlap else point.within_days
    return _twice(world, person_of("C", point, number), point, number, points, max(span, 1), SUPPLY)


def _twice(
    world: World, psn_no: str, point: RepeatWithin, number: int, points: Sequence[RepeatWithin], apart: int, supply: int
) -> str:
    day = day_of(point, number)
    first = mates(point, points)[0].code if point.different else point.code
    for place, code, later in ((HOSPITAL, first, 0), (SECOND_HOSPITAL, point.code, apart)):
        at = day + timedelta(days=later)
        visit = outpatient(world, psn_no, at, number, fixmedins_code=place)
        order(world, visit, code, at + timedelta(minutes=20), number, cnt=1, prd_days=supply)
    return psn_no

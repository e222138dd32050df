"""周期超频次: again on the last day of the window, and on the first day after it."""

from collections.abc import Sequence
from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, outpatient, person_of
from yibao.supervision.examples._stays import counted
from yibao.supervision.kinds.frequency_in_period import FrequencyInPeriod
from yibao.supervision.world import World


def violations(world: World, point: FrequencyInPeriod, number: int, points: Sequence[FrequencyInPeriod] = ()) -> str:
    """As much as allowed, and once more within the window."""
    return _twice(world, person_of("V", point, number), point, number, point.window_days - 1)


def clean(world: World, point: FrequencyInPeriod, number: int, points: Sequence[FrequencyInPeriod] = ()) -> str:
    """The same just outside the window."""
    return _twice(world, person_of("C", point, number), point, number, point.window_days)


def _twice(world: World, psn_no: str, point: FrequencyInPeriod, number: int, apart: int) -> str:
    day = day_of(point, number)
    for later, count in ((0, point.max_count), (apart, 10_000)):
        at = day + timedelta(days=later)
        visit = outpatient(world, psn_no, at, number)
        order(world, visit, point.code, at + timedelta(minutes=20), number, cnt=counted(count))
    return psn_no

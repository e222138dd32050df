"""限定频次: more on a day (or in a stay) than may be charged, and exactly as much."""

from collections.abc import Sequence
from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, person_of
from yibao.supervision.examples._stays import cared_stay, counted
from yibao.supervision.kinds.frequency_per_day import FrequencyPerDay
from yibao.supervision.world import World


def violations(world: World, point: FrequencyPerDay, number: int, points: Sequence[FrequencyPerDay] = ()) -> str:
    """As much as allowed and some more, later the same day or (for a stay) the next."""
    psn_no, day = person_of("V", point, number), day_of(point, number)
    stay = cared_stay(world, psn_no, day, number, 3)
    order(world, stay, point.code, day + timedelta(hours=1), number, cnt=counted(point.max_count))
    later = timedelta(days=1 if point.period == "visit" else 0, hours=3)
    order(world, stay, point.code, day + later, number)
    return psn_no


def clean(world: World, point: FrequencyPerDay, number: int, points: Sequence[FrequencyPerDay] = ()) -> str:
    """As much as allowed; every other stay with one more that was given back the day after."""
    psn_no, day = person_of("C", point, number), day_of(point, number)
    stay = cared_stay(world, psn_no, day, number, 3)
    order(world, stay, point.code, day + timedelta(hours=1), number, cnt=counted(point.max_count))
    if number % 2:
        order(world, stay, point.code, day + timedelta(hours=3), number, cnt=1)
        order(world, stay, point.code, day + timedelta(days=1), number, cnt=-1)
    return psn_no

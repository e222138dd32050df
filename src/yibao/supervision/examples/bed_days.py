"""按日计费超住院天数: a day more than the stay and the tolerance, and none more."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, person_of
from yibao.supervision.examples._persons import first_care
from yibao.supervision.examples._stays import cared_stay
from yibao.supervision.kinds.bed_days import BedDays
from yibao.supervision.world import World


def violations(world: World, point: BedDays, number: int) -> str:
    """Days charged that the stay does not have."""
    return _stay(world, point, number, "V", 1 + number % 3)


def clean(world: World, point: BedDays, number: int) -> str:
    """All the days that are allowed."""
    return _stay(world, point, number, "C", 0)


def _stay(world: World, point: BedDays, number: int, letter: str, more: int) -> str:
    psn_no, day, days = person_of(letter, point, number), day_of(point, number), 4
    stay = cared_stay(world, psn_no, day, number, days, med_type=first_care(point.care))
    counts = [1] * days + [point.tolerance_days + more]
    for later, count in enumerate(counts):
        if count:
            order(world, stay, point.code, day + timedelta(days=later, minutes=40), number, cnt=count, yuan=35)
    return psn_no

"""重复收费与配伍: both items in one window, and the two on different days or one of them given back."""

from collections.abc import Sequence
from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, outpatient, person_of
from yibao.supervision.kinds.exclusive_pair import ExclusivePair
from yibao.supervision.world import World


def violations(world: World, point: ExclusivePair, number: int, points: Sequence[ExclusivePair] = ()) -> str:
    """The item and then the other, in one prescription."""
    psn_no, day = person_of("V", point, number), day_of(point, number)
    visit = outpatient(world, psn_no, day, number)
    order(world, visit, point.code, day + timedelta(minutes=10), number, cnt=1)
    order(world, visit, point.other, day + timedelta(minutes=25), number)
    return psn_no


def clean(world: World, point: ExclusivePair, number: int, points: Sequence[ExclusivePair] = ()) -> str:
    """The two in visits of two days; or together when the first was given back before."""
    psn_no, day = person_of("C", point, number), day_of(point, number)
    visit = outpatient(world, psn_no, day, number)
    order(world, visit, point.code, day + timedelta(minutes=10), number, cnt=1)
    if number % 2:
        order(world, visit, point.code, day + timedelta(minutes=12), number, cnt=-1)
        order(world, visit, point.other, day + timedelta(minutes=25), number, cnt=1)
    else:
        again = outpatient(world, psn_no, day + timedelta(days=1), number)
        order(world, again, point.other, day + timedelta(days=1, minutes=25), number, cnt=1)
    return psn_no

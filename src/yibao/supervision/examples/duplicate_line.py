"""重复结算: the same fee twice, and fees that are only alike."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, outpatient, person_of
from yibao.supervision.kinds.duplicate_line import DuplicateLine
from yibao.supervision.world import World


def violations(world: World, point: DuplicateLine, number: int) -> str:
    """One line in two settlements of the day, or twice in one."""
    psn_no, day = person_of("V", point, number), day_of(point, number)
    item, at = point.code or "ORDINARY05", day + timedelta(minutes=20)
    visit = outpatient(world, psn_no, day, number)
    order(world, visit, item, at, number)
    again = visit if point.within == "bill" else outpatient(world, psn_no, day + timedelta(hours=3), number)
    order(world, again, item, at, number)
    return psn_no


def clean(world: World, point: DuplicateLine, number: int) -> str:
    """The same item a second later, or given back and billed again."""
    psn_no, day = person_of("C", point, number), day_of(point, number)
    item, at = point.code or "ORDINARY05", day + timedelta(minutes=20)
    visit = outpatient(world, psn_no, day, number)
    order(world, visit, item, at, number)
    again = visit if point.within == "bill" else outpatient(world, psn_no, day + timedelta(hours=3), number)
    if number % 2:
        order(world, again, item, at + timedelta(seconds=1), number)
    else:
        order(world, visit, item, at, number, cnt=-(1 + number % 3))
        order(world, again, item, at, number)
    return psn_no

"""结伴就医: the same persons often enough, and one person or one time less."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of
from yibao.supervision.examples._persons import first_care, visit_of
from yibao.supervision.examples._places import place_of
from yibao.supervision.kinds.companions import Companions
from yibao.supervision.world import World


def violations(world: World, point: Companions, number: int) -> str:
    """Persons enough on days enough; returns the institution."""
    return _meetings(world, point, number, "V", point.persons, point.times)


def clean(world: World, point: Companions, number: int) -> str:
    """One person less, or one day less; returns the institution."""
    less = number % 2
    return _meetings(world, point, number, "C", point.persons - less, point.times - 1 + less)


def _meetings(world: World, point: Companions, number: int, letter: str, persons: int, times: int) -> str:
    code, day = place_of(world, letter, point, number), day_of(point, number)
    for turn in range(times):
        for one in range(persons):
            at = day + timedelta(days=18 * turn, minutes=17 * one)
            visit_of(world, f"{code}P{one:03d}", at, number, first_care(point.care), fixmedins_code=code,
                     dscg_maindiag_code=("J18.900", "K35.900", "I10.x00")[turn % 3])  # fmt: skip
    return code

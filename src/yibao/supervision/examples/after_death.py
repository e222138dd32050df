"""死亡后结算: later than the tolerance after the death, and within it."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, outpatient, person_of
from yibao.supervision.kinds.after_death import AfterDeath
from yibao.supervision.world import World


def violations(world: World, point: AfterDeath, number: int) -> str:
    """A visit one day and more after the tolerance."""
    return _visit(world, point, number, "V", point.tolerance_days + 1 + number % 9)


def clean(world: World, point: AfterDeath, number: int) -> str:
    """A visit on the last day of the tolerance, or on the day of death."""
    return _visit(world, point, number, "C", point.tolerance_days * (number % 2))


def _visit(world: World, point: AfterDeath, number: int, letter: str, late: int) -> str:
    psn_no, day = person_of(letter, point, number), day_of(point, number)
    visit = outpatient(world, psn_no, day, number, die_date=(day - timedelta(days=late)).date())
    order(world, visit, "ORDINARY09", day + timedelta(minutes=3), number, yuan=30, med_chrgitm_type="09")
    return psn_no

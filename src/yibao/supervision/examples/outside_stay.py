"""计费日期与住院时间不符: lines after the discharge, and within the tolerance."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, person_of
from yibao.supervision.examples._persons import first_care
from yibao.supervision.examples._stays import cared_stay
from yibao.supervision.kinds.outside_stay import OutsideStay
from yibao.supervision.world import World


def violations(world: World, point: OutsideStay, number: int) -> str:
    """A line so many days after the discharge, or before the admission, that nothing allows it."""
    return _stay(world, point, number, "V", point.tolerance_days + 1)


def clean(world: World, point: OutsideStay, number: int) -> str:
    """A line on the last day that is allowed."""
    return _stay(world, point, number, "C", point.tolerance_days)


def _stay(world: World, point: OutsideStay, number: int, letter: str, away: int) -> str:
    psn_no, day = person_of(letter, point, number), day_of(point, number) + timedelta(days=3)
    stay = cared_stay(world, psn_no, day, number, 3, med_type=first_care(point.care))
    at = day + timedelta(days=3 + away) if number % 2 else day - timedelta(days=away)
    order(world, stay, "ORDINARY04", at, number, yuan=60, med_chrgitm_type="04")
    return psn_no

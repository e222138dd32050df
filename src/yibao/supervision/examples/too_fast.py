"""短时跨机构连续刷卡: within the minutes, and a minute later or in one institution."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, person_of
from yibao.supervision.examples._persons import bill_of, first_care
from yibao.supervision.kinds.too_fast import TooFast
from yibao.supervision.world import CLINIC, HOSPITAL, World


def violations(world: World, point: TooFast, number: int) -> str:
    """Settled in another institution within the minutes."""
    return _bills(world, point, number, "V", point.minutes, CLINIC)


def clean(world: World, point: TooFast, number: int) -> str:
    """A minute later, or in the same institution."""
    if number % 2:
        return _bills(world, point, number, "C", point.minutes + 1, CLINIC)
    return _bills(world, point, number, "C", 1, HOSPITAL)


def _bills(world: World, point: TooFast, number: int, letter: str, minutes: int, place: str) -> str:
    psn_no, day, care = person_of(letter, point, number), day_of(point, number), first_care(point.care)
    bill_of(world, psn_no, day, number, care, 4560, fixmedins_code=HOSPITAL)
    bill_of(world, psn_no, day + timedelta(minutes=minutes), number, care, 3380 + number, fixmedins_code=place)
    return psn_no

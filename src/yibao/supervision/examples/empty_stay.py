"""挂床住院: days without care, and drugs given for those days."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, person_of
from yibao.supervision.examples._persons import first_care
from yibao.supervision.kinds.empty_stay import EmptyStay
from yibao.supervision.world import World


def violations(world: World, point: EmptyStay, number: int) -> str:
    """Two days of care, then only the bed."""
    return _stay(world, point, number, "V", point.empty_days + number % 3, 0)


def clean(world: World, point: EmptyStay, number: int) -> str:
    """A day less, or drugs for those days."""
    covered = 0 if number % 2 else point.empty_days + 1
    return _stay(world, point, number, "C", point.empty_days - 1 + bool(covered), covered)


def _stay(world: World, point: EmptyStay, number: int, letter: str, empty: int, covered: int) -> str:
    psn_no, day = person_of(letter, point, number), day_of(point, number)
    end = day + timedelta(days=2 + empty, hours=1)
    stay = world.stay(psn_no, day, end, med_type=first_care(point.care), chfpdr_code=f"DV{number}")
    for later in range(2 + empty):
        at = day + timedelta(days=later, minutes=20)
        order(world, stay, "ORDINARY01", at, number, cnt=1, yuan=40, med_chrgitm_type="01")
        if later < 2:
            for charge in point.charges.split()[:3]:
                order(world, stay, f"ORDINARY{charge}", at, number, cnt=1, yuan=60, med_chrgitm_type=charge,
                      prd_days=covered)  # fmt: skip
    return psn_no

"""分解住院: back after days for the same, and planned, later or for something else."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, first_of, person_of
from yibao.supervision.examples._persons import first_care
from yibao.supervision.examples._stays import cared_stay
from yibao.supervision.kinds.readmission import Readmission
from yibao.supervision.world import World

LONG_AFTER = 40


def violations(world: World, point: Readmission, number: int) -> str:
    """Admitted again within the days of the point."""
    days = point.days_from + number % (point.days_to - point.days_from + 1)
    return _stays_of(world, point, number, "V", days, "J18.900")


def clean(world: World, point: Readmission, number: int) -> str:
    """Long after, for another disease, or as planned."""
    other = number % 3 == 1 and point.same
    planned = number % 3 == 2 and point.exempt
    disease = "K35.900" if other else f"{first_of(point.exempt, 'Z51')}.100" if planned else "J18.900"
    days = point.days_from if other or planned else point.days_to + LONG_AFTER
    return _stays_of(world, point, number, "C", days, disease)


def _stays_of(world: World, point: Readmission, number: int, letter: str, days: int, disease: str) -> str:
    psn_no, day, care = person_of(letter, point, number), day_of(point, number), first_care(point.care)
    cared_stay(world, psn_no, day, number, 4, med_type=care, dscg_way="1")
    again = day + timedelta(days=4 + days, hours=5)
    cared_stay(world, psn_no, again, number, 3, med_type=care, dscg_way="1", dscg_maindiag_code=disease)
    return psn_no

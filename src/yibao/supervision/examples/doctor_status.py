"""无资质或停资格医师开单: orders while suspended, and before it, by others, and in rescue."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, outpatient, person_of
from yibao.supervision.kinds.doctor_status import DoctorStatus
from yibao.supervision.world import World


def violations(world: World, point: DoctorStatus, number: int) -> str:
    """Two orders of the suspended doctor."""
    psn_no, day = person_of("V", point, number), day_of(point, number) + timedelta(minutes=number)
    visit = outpatient(world, psn_no, day, number, chfpdr_code=point.doctor)
    for minute in (10, 20):
        order(world, visit, "ORDINARY05", day + timedelta(minutes=minute), number, bilg_dr_code=point.doctor)
    return psn_no


def clean(world: World, point: DoctorStatus, number: int) -> str:
    """The same doctor on the day before; every other visit another doctor's, or rescue where that is exempt."""
    psn_no, day = person_of("C", point, number), day_of(point, number) + timedelta(minutes=number)
    if number % 2:
        day = day.replace(year=point.valid_from.year, month=point.valid_from.month, day=point.valid_from.day)
        day -= timedelta(days=1)
    rescue = bool(point.exempt_care) and number % 4 == 2
    doctor = point.doctor if number % 2 or rescue else f"DV{number}"
    care = point.exempt_care.split()[0] if point.exempt_care and rescue else "11"
    visit = outpatient(world, psn_no, day, number, chfpdr_code=doctor, med_type=care)
    order(world, visit, "ORDINARY05", day + timedelta(minutes=10), number, bilg_dr_code=doctor)
    return psn_no

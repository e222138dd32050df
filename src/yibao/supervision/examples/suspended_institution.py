"""暂停、解除协议: visits begun in the interval, and elsewhere or for rescue."""

from yibao.supervision.examples._common import day_of, person_of
from yibao.supervision.examples._persons import first_care, visit_of
from yibao.supervision.examples._places import place
from yibao.supervision.kinds.suspended_institution import SuspendedInstitution
from yibao.supervision.world import HOSPITAL, World


def violations(world: World, point: SuspendedInstitution, number: int) -> str:
    """A visit while the institution is suspended."""
    psn_no, code = person_of("V", point, number), place(world, point.institution)
    visit_of(world, psn_no, day_of(point, number), number, "11", fixmedins_code=code)
    return psn_no


def clean(world: World, point: SuspendedInstitution, number: int) -> str:
    """In another institution, or for rescue."""
    psn_no, rescue = person_of("C", point, number), number % 2 and point.exempt_care
    code = place(world, point.institution) if rescue else HOSPITAL
    care = first_care(point.exempt_care) if rescue and point.exempt_care else "11"
    visit_of(world, psn_no, day_of(point, number), number, care, fixmedins_code=code)
    return psn_no

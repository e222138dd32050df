"""限科室: the item in a ward that is not its own, and in its own."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, first_of, none_of, order, person_of, stay_with_care
from yibao.supervision.kinds.item_department import ItemDepartment
from yibao.supervision.world import World

WARDS = ("A03", "A04", "A05", "A07", "A21")


def violations(world: World, point: ItemDepartment, number: int) -> str:
    """A stay in another ward, billed by it."""
    psn_no, day = person_of("V", point, number), day_of(point, number)
    ward = first_of(point.forbidden, none_of(point.departments, WARDS))
    stay = stay_with_care(world, psn_no, day, number, adm_dept_codg=ward)
    order(world, stay, point.code, day + timedelta(hours=2), number, cnt=1, bilg_dept_codg=ward)
    return psn_no


def clean(world: World, point: ItemDepartment, number: int) -> str:
    """Admitted elsewhere and moved to the item's ward, which bills it; every other one has no department at all."""
    psn_no, day = person_of("C", point, number), day_of(point, number)
    ward = first_of(point.departments, none_of(point.forbidden, WARDS)) if number % 2 else ""
    admission = none_of(point.departments, WARDS) if number % 2 else ""
    stay = stay_with_care(world, psn_no, day, number, adm_dept_codg=admission)
    order(world, stay, point.code, day + timedelta(hours=2), number, cnt=1, bilg_dept_codg=ward)
    return psn_no

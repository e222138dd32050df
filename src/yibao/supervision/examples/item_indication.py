"""限适应症、禁忌症: the item without its diagnosis or against one, and with it among the secondary ones."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, first_of, none_of, order, outpatient, person_of
from yibao.supervision.kinds.item_indication import ItemIndication
from yibao.supervision.world import World

OTHERS = ("R10.400", "H10.900", "L30.900", "K29.500", "M54.500")


def violations(world: World, point: ItemIndication, number: int) -> str:
    """A visit with another disease, or with the forbidden one besides the needed."""
    psn_no, day = person_of("V", point, number), day_of(point, number)
    code = first_of(point.needed, OTHERS[0]) if point.forbidden else none_of(point.needed, OTHERS)
    visit = outpatient(world, psn_no, day, number, med_type=first_of(point.care, "11"), dscg_maindiag_code=code)
    if point.forbidden:
        world.diagnose(visit, first_of(point.forbidden, ""))
    order(world, visit, point.code, day + timedelta(minutes=20), number)
    return psn_no


def clean(world: World, point: ItemIndication, number: int) -> str:
    """Another principal disease, the needed one secondary and none forbidden; every other visit has none known."""
    psn_no, day = person_of("C", point, number), day_of(point, number)
    principal = none_of(point.forbidden, OTHERS) if number % 2 else ""
    care = first_of(point.care, "11")
    visit = outpatient(world, psn_no, day, number, med_type=care, dscg_maindiag_code=principal)
    if point.needed and number % 2:
        world.diagnose(visit, first_of(point.needed, "") + ".900x001")
    order(world, visit, point.code, day + timedelta(minutes=20), number)
    return psn_no

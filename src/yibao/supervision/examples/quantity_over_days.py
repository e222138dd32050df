"""限最大开药天数: a supply beyond the limit, and one of exactly the limit."""

from collections.abc import Sequence
from datetime import timedelta

from yibao.supervision.examples._common import day_of, first_of, none_of, order, outpatient, person_of
from yibao.supervision.examples._stays import cared_stay
from yibao.supervision.kinds.quantity_over_days import QuantityOverDays
from yibao.supervision.world import World

ACUTE = ("J06.900", "K29.700", "M54.500", "S93.400")


def violations(world: World, point: QuantityOverDays, number: int, points: Sequence[QuantityOverDays] = ()) -> str:
    """Some days more than allowed."""
    return _supplied(world, person_of("V", point, number), point, number, point.max_days + 1 + number % 5)


def clean(world: World, point: QuantityOverDays, number: int, points: Sequence[QuantityOverDays] = ()) -> str:
    """As many days as allowed."""
    return _supplied(world, person_of("C", point, number), point, number, point.max_days)


def _supplied(world: World, psn_no: str, point: QuantityOverDays, number: int, supply: int) -> str:
    day, care = day_of(point, number), first_of(point.care, "21" if point.at_discharge else "11")
    known = {"med_type": care, "dscg_maindiag_code": none_of(point.exempt, ACUTE)}
    if care.startswith("2") or point.at_discharge:
        visit, at = cared_stay(world, psn_no, day, number, 3, **known), day + timedelta(days=3)
    else:
        visit, at = outpatient(world, psn_no, day, number, **known), day + timedelta(minutes=20)
    code, charge = point.code or "EXAMPLEDRUG", first_of(point.charge_types, "09")
    order(world, visit, code, at, number, prd_days=supply, med_chrgitm_type=charge)
    return psn_no

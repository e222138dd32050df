"""住院期间门诊、购药: in the midst of the stay, and on its ends or for dialysis."""

from datetime import datetime, timedelta

from yibao.supervision.examples._common import day_of, first_of, person_of
from yibao.supervision.examples._persons import first_care, visit_of
from yibao.supervision.examples._stays import cared_stay
from yibao.supervision.kinds.purchase_during_stay import PurchaseDuringStay
from yibao.supervision.world import CLINIC, World


def violations(world: World, point: PurchaseDuringStay, number: int) -> str:
    """A drug fetched in the middle of the stay."""
    psn_no, day = person_of("V", point, number), day_of(point, number)
    cared_stay(world, psn_no, day, number, 4 + 2 * point.edge_days, med_type=first_care(point.stays))
    _bought(world, point, psn_no, day + timedelta(days=point.edge_days + number % 3, hours=4), number)
    return psn_no


def clean(world: World, point: PurchaseDuringStay, number: int) -> str:
    """On the day after the last forbidden one; every other one within the stay for what is allowed."""
    psn_no, day = person_of("C", point, number), day_of(point, number)
    cared_stay(world, psn_no, day, number, 6, med_type=first_care(point.stays))
    inside = number % 2 and point.exempt
    on = day + timedelta(days=3 if inside else 7 - point.edge_days, hours=4)
    _bought(world, point, psn_no, on, number, first_of(point.exempt, "J18") if inside else "J18")
    return psn_no


def _bought(
    world: World, point: PurchaseDuringStay, psn_no: str, at: datetime, number: int, disease: str = "J18"
) -> None:
    care = first_care(point.purchases)
    visit_of(world, psn_no, at, number, care, fixmedins_code=CLINIC, dscg_maindiag_code=f"{disease}.000")

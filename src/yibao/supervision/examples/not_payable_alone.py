"""单方使用不予支付: a prescription of the herb alone, and with another that counts."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, first_of, order, outpatient, person_of
from yibao.supervision.kinds.not_payable_alone import NotPayableAlone
from yibao.supervision.world import World


def violations(world: World, point: NotPayableAlone, number: int) -> str:
    """The herb alone; every other prescription had company that was given back."""
    psn_no, day = person_of("V", point, number), day_of(point, number)
    charge, at = first_of(point.charges, "10"), day + timedelta(minutes=20)
    visit = outpatient(world, psn_no, day, number)
    order(world, visit, point.code, at, number, med_chrgitm_type=charge)
    if number % 2:
        order(world, visit, "OTHERHERB", at, number, cnt=5, med_chrgitm_type=charge)
        order(world, visit, "OTHERHERB", at + timedelta(minutes=9), number, cnt=-5, med_chrgitm_type=charge)
    return psn_no


def clean(world: World, point: NotPayableAlone, number: int) -> str:
    """The herb with another one, which the person pays whole in every other prescription."""
    psn_no, day = person_of("C", point, number), day_of(point, number)
    charge, at = first_of(point.charges, "10"), day + timedelta(minutes=20)
    visit = outpatient(world, psn_no, day, number)
    order(world, visit, point.code, at, number, med_chrgitm_type=charge)
    paid = {} if number % 2 else {"inscp_amt": 0, "fulamt_ownpay_amt": 1250}
    order(world, visit, "OTHERHERB", at, number, cnt=1, med_chrgitm_type=charge, **paid)
    return psn_no

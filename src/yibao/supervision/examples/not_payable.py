"""不予支付: the item in the insured fees, and paid by the person or given back."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, outpatient, person_of
from yibao.supervision.kinds.not_payable import NotPayable
from yibao.supervision.world import World


def violations(world: World, point: NotPayable, number: int) -> str:
    """A line of the item that is insured."""
    psn_no, day = person_of("V", point, number), day_of(point, number)
    visit = outpatient(world, psn_no, day, number)
    order(world, visit, point.code, day + timedelta(minutes=20), number)
    return psn_no


def clean(world: World, point: NotPayable, number: int) -> str:
    """The person pays it whole, or gets it back."""
    psn_no, day = person_of("C", point, number), day_of(point, number)
    visit = outpatient(world, psn_no, day, number)
    if number % 2:
        order(world, visit, point.code, day + timedelta(minutes=20), number, cnt=1, inscp_amt=0, fulamt_ownpay_amt=1250)
    else:
        order(world, visit, point.code, day + timedelta(minutes=20), number, cnt=2)
        order(world, visit, point.code, day + timedelta(minutes=40), number, cnt=-2)
    return psn_no

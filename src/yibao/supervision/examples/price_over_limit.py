"""超限价: a price above the limit, and at it, or above it but already cut to it."""

from datetime import timedelta
from decimal import Decimal

from yibao.supervision.examples._common import day_of, order, outpatient, person_of
from yibao.supervision.kinds.price_over_limit import PriceOverLimit
from yibao.supervision.world import CLINIC, HOSPITAL, SECOND_HOSPITAL, World

PLACE_OF_LEVEL = {"1": CLINIC, "2": SECOND_HOSPITAL, "3": HOSPITAL}


def _place(point: PriceOverLimit) -> str:
    return PLACE_OF_LEVEL[(point.levels or "3").split()[0]]


def violations(world: World, point: PriceOverLimit, number: int) -> str:
    """Over the limit by a fen and more."""
    psn_no, day = person_of("V", point, number), day_of(point, number)
    visit = outpatient(world, psn_no, day, number, fixmedins_code=_place(point))
    price = Decimal(point.limit).scaleb(-6) + Decimal(1 + number).scaleb(-2)
    order(world, visit, point.code, day + timedelta(minutes=20), number, yuan=price)
    return psn_no


def clean(world: World, point: PriceOverLimit, number: int) -> str:
    """At the limit exactly; in every other visit dearer, but cut to the limit by the settlement."""
    psn_no, day = person_of("C", point, number), day_of(point, number)
    visit = outpatient(world, psn_no, day, number, fixmedins_code=_place(point))
    limit, at = Decimal(point.limit).scaleb(-6), day + timedelta(minutes=20)
    if number % 2:
        order(world, visit, point.code, at, number, yuan=limit)
    else:
        insured = max(int(limit * 100), 1)
        order(
            world, visit, point.code, at, number, cnt=1, yuan=limit + 1, pric_uplmt_amt=point.limit,
            overlmt_selfpay=100, inscp_amt=insured,
        )  # fmt: skip
    return psn_no

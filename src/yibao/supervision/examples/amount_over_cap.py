"""超限定报销总额: fees over the sum, and exactly the sum."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from yibao.supervision.examples._common import day_of, order, outpatient, person_of
from yibao.supervision.examples._stays import yuan
from yibao.supervision.kinds.amount_over_cap import AmountOverCap
from yibao.supervision.world import World


def violations(world: World, point: AmountOverCap, number: int, points: Sequence[AmountOverCap] = ()) -> str:
    """The sum and something more."""
    return _charged(world, person_of("V", point, number), point, number, yuan="12.50")


def clean(world: World, point: AmountOverCap, number: int, points: Sequence[AmountOverCap] = ()) -> str:
    """The sum; what is more the person pays whole."""
    more = {"inscp_amt": 0, "fulamt_ownpay_amt": 1250}
    return _charged(world, person_of("C", point, number), point, number, yuan="12.50", **more)


def _charged(world: World, psn_no: str, point: AmountOverCap, number: int, **more: Any) -> str:
    day = day_of(point, number)
    visit = outpatient(world, psn_no, day, number)
    order(world, visit, point.code, day + timedelta(minutes=20), number, cnt=1, yuan=yuan(point.max_amount))
    order(world, visit, point.code, day + timedelta(minutes=25), number, **{"cnt": 1, **more})
    return psn_no

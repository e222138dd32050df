"""手术未折价: two operations of a group at full price, and the lesser one with its discount."""

from collections.abc import Sequence
from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, person_of
from yibao.supervision.examples._stays import cared_stay, mates, yuan
from yibao.supervision.kinds.grouped_surgery import GroupedSurgery
from yibao.supervision.world import World

FULL = 2_000_000_000
"""2,000 yuan in millionths, where a point has no price."""


def violations(world: World, point: GroupedSurgery, number: int, points: Sequence[GroupedSurgery] = ()) -> str:
    """Both at full price."""
    return _operated(world, person_of("V", point, number), point, number, points, discounted=False)


def clean(world: World, point: GroupedSurgery, number: int, points: Sequence[GroupedSurgery] = ()) -> str:
    """The lesser one at its share of the full price."""
    return _operated(world, person_of("C", point, number), point, number, points, discounted=True)


def _operated(
    world: World, psn_no: str, point: GroupedSurgery, number: int, points: Sequence[GroupedSurgery], *, discounted: bool
) -> str:
    day, others = day_of(point, number), mates(point, points)
    other = others[number % len(others)]
    stay = cared_stay(world, psn_no, day, number, 4)
    prices = {other: other.full_price or FULL + 1_000_000_000, point: point.full_price or FULL}
    dearest = max(prices, key=lambda one: prices[one])
    for one, full in prices.items():
        price = full * one.ratio // 10_000 if discounted and one is not dearest else full
        order(
            world, stay, one.code, day + timedelta(days=1, minutes=30), number, cnt=1, yuan=yuan(price // 10_000),
            pric_uplmt_amt=full, med_chrgitm_type="06",
        )  # fmt: skip
    return psn_no

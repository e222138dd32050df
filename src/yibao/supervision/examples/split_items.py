"""分解收费: all parts of a set, dearer than the set; and fewer parts, or all for no more than the set."""

from collections.abc import Sequence
from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, outpatient, person_of
from yibao.supervision.examples._stays import mates, yuan
from yibao.supervision.kinds.split_items import SplitItems
from yibao.supervision.world import World


def violations(world: World, point: SplitItems, number: int, points: Sequence[SplitItems] = ()) -> str:
    """As many parts as make the set, each somewhat dearer than its share."""
    psn_no = person_of("V", point, number)
    return _parts(
        world, psn_no, point, number, points, point.min_parts, (point.set_price or 0) // point.min_parts + 500
    )


def clean(world: World, point: SplitItems, number: int, points: Sequence[SplitItems] = ()) -> str:
    """One part less; where the set has a price, every other time all parts for no more."""
    psn_no = person_of("C", point, number)
    if point.set_price and number % 2:
        return _parts(world, psn_no, point, number, points, point.min_parts, point.set_price // point.min_parts)
    return _parts(world, psn_no, point, number, points, point.min_parts - 1, (point.set_price or 0) + 500)


def _parts(
    world: World, psn_no: str, point: SplitItems, number: int, points: Sequence[SplitItems], parts: int, fen: int
) -> str:
    day = day_of(point, number)
    visit = outpatient(world, psn_no, day, number)
    for minute, one in enumerate([point, *mates(point, points)][:parts]):
        order(world, visit, one.code, day + timedelta(minutes=20 + minute), number, cnt=1, yuan=yuan(fen))
    return psn_no

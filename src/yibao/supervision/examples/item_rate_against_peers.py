"""入院常规过度检查: an item for every stay, and one for many, but not so many more than at peers."""

from yibao.supervision.examples._places import group_of, month_begin, peers, place_of, stays_at
from yibao.supervision.kinds.item_rate_against_peers import ItemRateAgainstPeers
from yibao.supervision.world import World


def violations(world: World, point: ItemRateAgainstPeers, number: int) -> str:
    """Every stay gets it."""
    return _example(world, point, number, "V")


def clean(world: World, point: ItemRateAgainstPeers, number: int) -> str:
    """As many as may: just under the least rate, and the same item given back."""
    return _example(world, point, number, "C")


def _example(world: World, point: ItemRateAgainstPeers, number: int, letter: str) -> str:
    kind, level = group_of(number)
    code = place_of(world, letter, point, number, kind=kind, level=level)
    for peer in peers(world, point, f"{number}", _enough(point), kind=kind, level=level):
        _with_item(world, point, peer, number, point.least_stays // 10)
    least = -(-max(point.least_rate, point.least_excess) * point.least_stays // 10_000)
    _with_item(world, point, code, number, point.least_stays if letter == "V" else max(least - 1, 0))
    return code


def _enough(point: ItemRateAgainstPeers) -> int:
    """So many peers that the percentile is one of them, whatever the two examples are."""
    return next(n for n in range(point.least_peers, 10_000) if (n + 1) * point.percentile // 10_000 < n)


def _with_item(world: World, point: ItemRateAgainstPeers, code: str, number: int, having: int) -> None:
    for place, stay in enumerate(
        stays_at(world, code, point.least_stays, month_begin(number), dscg_maindiag_code="J18.900")
    ):
        if place <= having:
            world.line(stay, point.code, stay.begntime, med_chrgitm_type="04", bilg_dr_code=f"D{code}")
        if place == having:  # given back
            world.line(stay, point.code, stay.begntime, cnt=-1, med_chrgitm_type="04", bilg_dr_code=f"D{code}")

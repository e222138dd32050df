"""用量远超同类机构: an item sold beyond all measure, and as much as may be."""

from datetime import timedelta
from decimal import Decimal

from yibao.supervision.examples._places import group_of, month_begin, peers, place_of
from yibao.supervision.kinds.volume_against_peers import VolumeAgainstPeers
from yibao.supervision.model import Visit
from yibao.supervision.world import World

USUAL = 10
"""What peers sell in the month."""


def violations(world: World, point: VolumeAgainstPeers, number: int) -> str:
    """One more than so many times what peers sell."""
    return _example(world, point, number, "V", max(_most(point), Decimal(point.least_count) / 10_000) + 1)


def clean(world: World, point: VolumeAgainstPeers, number: int) -> str:
    """Exactly so many times, when one is given back."""
    return _example(world, point, number, "C", _most(point))


def _most(point: VolumeAgainstPeers) -> Decimal:
    return Decimal(USUAL * point.times // 10_000)


def _example(world: World, point: VolumeAgainstPeers, number: int, letter: str, count: Decimal) -> str:
    kind, level = group_of(number)
    for peer in peers(world, point, f"{number}", point.least_peers, kind=kind, level=level):
        _sell(world, point, _visits(world, point, peer, number), Decimal(USUAL))
    code = place_of(world, letter, point, number, kind=kind, level=level)
    visits = _visits(world, point, code, number)
    _sell(world, point, visits, count)
    if letter == "C":
        _sell(world, point, visits[-1:], Decimal(1))
        _sell(world, point, visits[-1:], Decimal(-1))
    return code


def _visits(world: World, point: VolumeAgainstPeers, code: str, number: int) -> list[Visit]:
    begin = month_begin(number)
    return [
        world.visit(
            f"{code}P{one:04d}", begin + timedelta(days=one % 20, minutes=3 * one), fixmedins_code=code,
            chfpdr_code=f"D{code}",
        )
        for one in range(max(point.least_visits, 1))
    ]  # fmt: skip


def _sell(world: World, point: VolumeAgainstPeers, visits: list[Visit], count: Decimal) -> None:
    """The whole quantity over the visits, the rest on the first."""
    each, rest = divmod(count, len(visits))
    for place, visit in enumerate(visits):
        if part := each + (rest if place == 0 else 0):
            at = visit.begntime + timedelta(minutes=20 if part > 0 else 25)
            world.line(visit, point.code, at, cnt=part, yuan=1, bilg_dr_code=visit.chfpdr_code)

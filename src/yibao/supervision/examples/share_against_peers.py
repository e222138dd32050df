"""费用占比异常: an institution with nearly nothing but these fees, and one over its peers just within bounds."""

from datetime import timedelta

from yibao.supervision.examples._common import first_of, none_of
from yibao.supervision.examples._places import month_begin, peers, place_of
from yibao.supervision.kinds.share_against_peers import ShareAgainstPeers
from yibao.supervision.world import World

USUAL = 3_000
"""Basis points that the share has at peers."""
PEERS = 20
"""Enough that the median stays theirs beside a hundred examples."""


def violations(world: World, point: ShareAgainstPeers, number: int) -> str:
    """Nine tenths of the fees."""
    code = place_of(world, "V", point, number, kind="3", level="3")
    _fees(world, point, code, 9_000)
    return code


def clean(world: World, point: ShareAgainstPeers, number: int) -> str:
    """As peers; every tenth has more than they, by one basis point less than counts."""
    code = place_of(world, "C", point, number, kind="3", level="3")
    _fees(world, point, code, USUAL + (0 if number % 10 else max(point.least_excess - 1, 0)))
    return code


def _fees(world: World, point: ShareAgainstPeers, code: str, share: int) -> None:
    for peer in peers(world, point, point.kp_id, max(point.least_peers, PEERS), kind="3", level="3"):
        _at(world, point, peer, USUAL)
    _at(world, point, code, share)


def _at(world: World, point: ShareAgainstPeers, code: str, share: int) -> None:
    """Visits of the rule's own month, so that rules do not see each other's peers."""
    begin = month_begin(int(point.rule_id[1:]))
    charge = first_of(point.charge_types, "03")
    item = f"ORDINARY{charge}" if point.charge_types else first_of(point.prefixes, "") + "EXAMPLE"
    other = none_of(point.charge_types, ("12", "14", "07"))
    for one in range(max(point.least_visits, 1)):
        start = begin + timedelta(days=one % 14, minutes=7 * one)
        visit = world.stay(
            f"{code}P{one:04d}", start, start + timedelta(days=2), fixmedins_code=code, chfpdr_code=f"D{code}",
            med_type=first_of(point.care, "21"), dscg_way="1",
        )  # fmt: skip
        for name, kind, part in ((item, charge, share), (f"ORDINARY{other}", other, 10_000 - share)):
            at = start + timedelta(minutes=20)
            yuan = f"{part // 100}.{part % 100:02d}"
            world.line(visit, name, at, yuan=yuan, med_chrgitm_type=kind, bilg_dr_code=f"D{code}")

"""How many stays get an item, against peers (入院常规过度检查): a routine that others do not have.

Stays (begun in a month) with the item ÷ all stays of the institution, in basis points, against the percentile of
institutions of the same type and level.

    code, item      the item
    percentile      of the peers' rates, basis points (9000: the 90th), lower value of the sorted rates
    least_excess    basis points that the rate must be over it, at least
    least_rate      basis points that the rate must reach, at least
    least_stays     stays an institution needs to be looked at and to be a peer
    least_peers     institutions a peer group needs, the one looked at included

Exemptions: small institutions and peer groups; refunded items. Nothing is staked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemRateAgainstPeers(Point):
    """What the module says."""

    percentile: int
    least_excess: int = 0
    least_rate: int = 0
    least_stays: int
    least_peers: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="item_rate_against_peers",
    title="",
    point=ItemRateAgainstPeers,
    facts=(),
    reason="",
    subject="city",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

"""Volume of an item per visit many times that of peers (用量远超同类机构): a hint at exchanged goods or empty swipes.

Quantity of the item in a month ÷ visits begun in the month, in ten-thousandths, against the lower median of the
institutions of the same type and level that have the item in the month.

    code, item      the item
    times           basis points of the median that must be passed (50000: five times)
    least_count     quantity of the month, ten-thousandths, at least
    least_visits    visits that an institution needs to be looked at and to be a peer
    least_peers     institutions with the item that a peer group needs, the one looked at included

Exemptions: refunds are taken off; small institutions and peer groups. Nothing is staked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class VolumeAgainstPeers(Point):
    """What the module says."""

    times: int
    least_count: int
    least_visits: int
    least_peers: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="volume_against_peers",
    title="",
    point=VolumeAgainstPeers,
    facts=(),
    reason="",
    subject="city",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

"""Share of one sort of fees against peers (费用占比): drugs, tests, consumables, treatment, CT, magnetic resonance.

Fees of the point's charge types or items ÷ all fees of an institution (or department) in a month, in basis points,
against institutions of the same type and level in the same month: robust z from median and absolute deviation. The
month is that of the fee (`fee_ocur_time`); fees of the person's own pocket count too (total fees).

    charge_types    `med_chrgitm_type` of the share, separated by blanks ("09 10 11" drugs); None: not by charge type
    prefixes        or beginnings of `med_list_codg`, separated by blanks (CT); None: not by code
    care            beginnings of `med_type` that are looked at, separated by blanks ("21 22 52" stays); None: all
    by_department   1: each department (`bilg_dept_codg`) against the same department of peers; 0: whole institutions
    least_visits    visits begun in the month that an institution needs to be looked at and to be a peer
    least_peers     institutions a peer group needs, the one looked at included
    least_excess    basis points that the share must be over the peers' median, at least
    least_spread    basis points that the median absolute deviation is taken for, at least
    z_limit         basis points of robust z that must be passed (35000 is 3.5)

Exemptions: small institutions and small peer groups; months of which bills are missing. Nothing is staked: an
indicator says where to look.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class ShareAgainstPeers(Point):
    """What the module says."""

    charge_types: str | None = None
    prefixes: str | None = None
    care: str | None = None
    by_department: int = 0
    least_visits: int
    least_peers: int
    least_excess: int = 0
    least_spread: int = 1
    z_limit: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="share_against_peers",
    title="",
    point=ShareAgainstPeers,
    facts=(),
    reason="",
    subject="city",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

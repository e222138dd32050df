"""Too many stays far cheaper than others with the same disease (服务不足、推诿): care withheld, or patients sent away.

A stay is low when its fees are under `low_ratio` of the mean of the stays of its principal diagnosis (3 characters),
level and month of settlement; low stays ÷ stays compared of the institution and month.

    low_ratio       basis points of the mean (5000: under half)
    limit           basis points of the share of low stays that must be passed
    least_stays     stays compared that an institution needs to be looked at
    least_alike     stays of a diagnosis, level and month that make a mean
    exempt_ways     `dscg_way` that are not looked at, separated by blanks ("2 5": sent on, died)

Exemptions: deaths and transfers by `exempt_ways`; rare diagnoses; small institutions. Nothing is staked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class LowCostShare(Point):
    """What the module says."""

    low_ratio: int
    limit: int
    least_stays: int
    least_alike: int
    exempt_ways: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="low_cost_share",
    title="",
    point=LowCostShare,
    facts=(),
    reason="",
    subject="city",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

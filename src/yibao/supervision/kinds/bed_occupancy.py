"""More persons in bed than there are beds (床位使用率超限).

Persons in bed on a day: stays begun on it or before and ended after it; a stay that ends on the day it begins counts
on that day. One finding for an institution and month: its fullest day, and how many days were over.

    limit           basis points of the beds (`beds`) that must be passed (10000: all beds)
    least_days      days of the month that must be over, at least

Exemptions: institutions of which the beds are not known; the day of discharge; day care without a stay (`ipt_days` 0).
Nothing is staked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class BedOccupancy(Point):
    """What the module says."""

    limit: int
    least_days: int = 1


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="bed_occupancy",
    title="",
    point=BedOccupancy,
    facts=(),
    reason="",
    subject="city",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

"""Further operations through the same opening charged at full price (同组手术未折价).

    group              name of the group of operations (胃肠手术组 …)
    ratio              what a further operation may cost of its full price, in basis points
    full_price         the full price in millionths of a yuan; None: the line's own price limit (`pric_uplmt_amt`)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupedSurgery(Point):
    """What the module says."""

    group: str = ""
    ratio: int = 5_000
    full_price: int | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="grouped_surgery",
    title="手术未折价",
    point=GroupedSurgery,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

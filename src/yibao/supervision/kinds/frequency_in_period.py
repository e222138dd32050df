"""More of an item within any run of days than may be charged (周期超频次, 评定间隔).

    max_count      the most in ten-thousandths within the window
    window_days    length of the sliding window in days: 14 means that day 1 and day 15 are far enough apart
    across         1: counted over all institutions; 0: each institution for itself

The items of one `kp_id` are counted together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class FrequencyInPeriod(Point):
    """What the module says."""

    max_count: int = 10_000
    window_days: int = 1
    across: int = 1


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="frequency_in_period",
    title="周期超频次",
    point=FrequencyInPeriod,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

"""More of an item on one day (or in one visit) than may be charged (限定频次, 小时类超24).

    max_count    the most in ten-thousandths: 24 hours are 240000, once 10000
    unit         what is counted, for the reason: 小时, 次, 日, 部位
    period       "day": the person's day; "visit": the whole visit
    across       1: counted over all institutions of the day; 0: each institution for itself

The items of one `kp_id` are counted together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class FrequencyPerDay(Point):
    """What the module says."""

    max_count: int = 10_000
    unit: str = "次"
    period: str = "day"
    across: int = 0


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="frequency_per_day",
    title="限定频次",
    point=FrequencyPerDay,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

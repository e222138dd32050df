"""The same examination or drug again within some days, also in another institution (重复检查, 重复开药, 提前续方).

    group           items that are the same in this sense; "" the items of one `kp_id`
    within_days     again within so many days, the first day counted: 7 means that day 1 and day 8 are far enough apart
    overlap         1: instead, while the earlier supply (`prd_days`) lasts, less `within_days` of tolerance
    different       1: only another item of the group counts (two drugs of one class)
    same_visit      1: also within one visit; 0: only another visit counts (checks during a stay are usual)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class RepeatWithin(Point):
    """What the module says."""

    group: str = ""
    within_days: int = 0
    overlap: int = 0
    different: int = 0
    same_visit: int = 0


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="repeat_within",
    title="短期重复",
    point=RepeatWithin,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

"""Longer treated with an item than the fund pays for (限支付疗程).

    max_days    the most days of treatment
    period      "visit" one visit or stay, "year" the calendar year, "course" from the first use on
    gap_days    a course ends when more than so many days lie between the end of one supply and the next use; None: never

A day of use counts the longest supply (`prd_days`, at least 1) given on it. The items of one `kp_id` count together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class TreatmentDays(Point):
    """What the module says."""

    max_days: int = 0
    period: str = "course"
    gap_days: int | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="treatment_days",
    title="限支付疗程",
    point=TreatmentDays,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

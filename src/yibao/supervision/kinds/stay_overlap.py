"""Stays of one person in two institutions at once (住院时间重叠): nobody lies in two beds.

    care             kinds of care that are stays (`med_type` or its beginning, separated by blanks: "21 52")
    tolerance_days   days both may share: 0 allows the transfer on one day (the day of discharge is the day of admission)

At stake are the bills of the stay begun later (of two begun at the same second, the one with the greater number). A
stay that goes on lasts for ever. Exemptions: transfer on the same day; two stays in one institution (readmission looks
at those); the mother's and her newborn's stays have different persons.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class StayOverlap(Point):
    """What the module says."""

    care: str
    tolerance_days: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="stay_overlap",
    title="",
    point=StayOverlap,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

"""Admissions of a holiday far over the usual (节假日集中住院): what hardly happens when patients choose.

Stays begun from `first_day` to `last_day` ÷ days, over the average of the `usual_days` days before.

    item                  the holiday's name
    first_day, last_day   the holiday
    usual_days            days before it that say what is usual
    times                 basis points of the usual admissions per day that must be passed (20000: twice)
    least_admissions      admissions of the holiday, at least
    least_usual           admissions of the usual days, at least

Exemptions: births (`med_type` 52) come when they come; holidays before which bills are missing; small institutions.
Nothing is staked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class HolidayAdmissions(Point):
    """What the module says."""

    first_day: date
    last_day: date
    usual_days: int
    times: int
    least_admissions: int
    least_usual: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="holiday_admissions",
    title="",
    point=HolidayAdmissions,
    facts=(),
    reason="",
    subject="city",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

"""Rate of unplanned readmissions (非计划再入院率): back in the same institution within days of the discharge.

Stays begun in a month within `days` of the person's last discharge from the same institution ÷ all stays begun in
the month, in basis points.

    days            days from discharge to admission, at most (31)
    limit           basis points of the rate that must be passed
    least_stays     stays of the month that an institution needs to be looked at
    exempt          beginnings of principal diagnoses of planned readmissions, separated by blanks ("Z51 Z49 C")
    exempt_care     beginnings of `med_type` that are planned, separated by blanks

Exemptions: planned treatment by diagnosis or kind of care; readmission on the day of discharge (one stay billed in
parts); small institutions. Nothing is staked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadmissionRate(Point):
    """What the module says."""

    days: int
    limit: int
    least_stays: int
    exempt: str | None = None
    exempt_care: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="readmission_rate",
    title="",
    point=ReadmissionRate,
    facts=(),
    reason="",
    subject="city",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

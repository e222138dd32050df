"""Discharged and admitted again by the same institution within days (分解住院).

    care             kinds of care that are stays (`med_type` or its beginning)
    days_from        days from discharge to admission, at least: 0
    days_to          at most: 7 for the core, 15 for observation
    same             characters of the principal diagnosis that must be alike: 3 for the category, 0 for any
    exempt           beginnings of any diagnosis of the second stay that make it planned (Z51 chemotherapy, Z49 dialysis)
    exempt_ways      ways of discharge of the first stay that excuse ("2 3": transferred by the doctor)
    exempt_days_old  a person younger than so many days at the second admission is excused (newborn)

Each stay is compared with the one before it in the same institution. At stake are the bills of the second. Exemptions:
planned diagnoses, transfers, newborn; stays that overlap are no readmission.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class Readmission(Point):
    """What the module says."""

    care: str
    days_from: int
    days_to: int
    same: int
    exempt: str | None = None
    exempt_ways: str | None = None
    exempt_days_old: int | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="readmission",
    title="",
    point=Readmission,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

"""More days with visits than usual within a period (频繁门诊、频繁购药、频繁住院).

    care             kinds of care counted (`med_type` or its beginning)
    most             days with a visit within the period, at most
    period           days of the period, the day itself included
    exempt           beginnings of the visit's diagnosis that are not counted (dialysis, radiotherapy, wound care)

Several visits on one day count once. At stake are the bills of the days over the limit: the day after `most` others in
the period before it. A finding is a person's month in one institution.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class FrequentVisits(Point):
    """What the module says."""

    care: str
    most: int
    period: int
    exempt: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="frequent_visits",
    title="",
    point=FrequentVisits,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

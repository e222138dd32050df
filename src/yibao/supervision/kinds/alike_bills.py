"""Many persons with the same diagnosis, items and amount on one day (就诊雷同).

    care             kinds of care looked at (`med_type` or its beginning)
    persons          so many persons, at least
    items            so many different items in each bill, at least
    amount_from      fen: smaller bills are not looked at
    exempt           beginnings of diagnoses that are not looked at (check-ups, vaccinations)

At stake are all those bills; a finding is one such group of an institution's day. Exemptions: small bills and bills of
few items (a registration, one chronic drug).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class AlikeBills(Point):
    """What the module says."""

    care: str
    persons: int
    items: int
    amount_from: int
    exempt: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="alike_bills",
    title="",
    point=AlikeBills,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

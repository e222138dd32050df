"""Lines dated before the admission or after the discharge of their stay (计费日期与住院时间不符).

    care             kinds of care that are stays (`med_type` or its beginning)
    tolerance_days   days before and after that are allowed: 0 or 1 (the outpatients' part of the day of admission)

At stake are the lines outside, less refunds. Exemptions: the days of admission and discharge whatever the hour; the
tolerance; stays that go on have no end yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class OutsideStay(Point):
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
    name="outside_stay",
    title="",
    point=OutsideStay,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

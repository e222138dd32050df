"""Care after the person's death (死亡后结算): lines later than the date of death.

    tolerance_days   so many days after the date of death a line is no finding (fees booked late)

At stake are the lines after it, less refunds. Exemptions: the day of death itself and the tolerance; persons without a
date of death; a date of death before the birth is a data fault and not looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class AfterDeath(Point):
    """What the module says."""

    tolerance_days: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="after_death",
    title="",
    point=AfterDeath,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

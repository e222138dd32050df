"""One doctor orders one item for many persons within a minute (医师同分钟多处方).

    code             an item of high value; items with the same `kp_id` count together
    persons          so many persons within one minute of the clock, at least

At stake are all those lines, less refunds; a finding is the doctor's minute in one institution. Exemptions: lines
without a doctor (a data fault, line_faults looks at it); an item refunded whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class SameMinute(Point):
    """What the module says."""

    persons: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="same_minute",
    title="",
    point=SameMinute,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

"""Items charged by the day more often than the stay has days (按日计费超住院天数): bed, consultation, nursing.

    code             an item charged by the day; items with the same `kp_id` are counted together (all kinds of beds)
    care             kinds of care that are stays (`med_type` or its beginning)
    tolerance_days   days more that are allowed: 1 where the day of discharge may be charged

Days are `ipt_days`, at least the nights between admission and discharge and at least one. At stake is what is over, from
the last line back, in parts of a line. Exemptions: refunds are taken off; stays that go on; day wards of one day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class BedDays(Point):
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
    name="bed_days",
    title="",
    point=BedDays,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

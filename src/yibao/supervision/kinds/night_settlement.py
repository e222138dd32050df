"""Settlements at night where nobody shops (深夜结算): pharmacies between late evening and morning.

    care             kinds of care looked at (`med_type` or its beginning: "41")
    hour_from        from this hour of the evening
    hour_until       until before this hour of the morning
    bills            so many bills of an institution in one night, at least
    open_at_night    institutions that are open at night, separated by blanks

The night belongs to the day of its evening. At stake are all bills of the night; a finding is an institution's night.
Exemptions: institutions open at night; fewer bills than `bills`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class NightSettlement(Point):
    """What the module says."""

    care: str
    hour_from: int
    hour_until: int
    bills: int
    open_at_night: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="night_settlement",
    title="",
    point=NightSettlement,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

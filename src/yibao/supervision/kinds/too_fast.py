"""Two settlements in different institutions sooner than one gets there (短时跨机构连续刷卡).

    care             kinds of care looked at (`med_type` or its beginning), both settlements
    minutes          so many minutes between a settlement and the one before it, or fewer: 30

At stake is the later bill. Exemptions: settlements in the same institution; what is settled later than it was used
(stays) when it is not among `care`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class TooFast(Point):
    """What the module says."""

    care: str
    minutes: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="too_fast",
    title="",
    point=TooFast,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

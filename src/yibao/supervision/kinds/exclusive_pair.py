"""One item includes another (重复收费), or two do not go together (配伍禁忌, 相互作用): both in one window.

    code, item           the item that includes the other (主项)
    other, other_item    the included item: its lines are at stake
    window               "hour" the same clock hour, "6hours" less than six hours apart, "day", "visit" one visit,
                         "prescription" the same rx_drord_no of one visit
    mutual               1: neither includes the other; at stake is the line that came later
    across               1: the two may come from different institutions (interactions); 0: one institution only
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class ExclusivePair(Point):
    """What the module says."""

    other: str = ""
    other_item: str = ""
    window: str = "day"
    mutual: int = 0
    across: int = 0


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="exclusive_pair",
    title="重复收费与配伍",
    point=ExclusivePair,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

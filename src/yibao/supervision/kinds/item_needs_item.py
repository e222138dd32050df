"""An item without the one it belongs to, or more of it than that allows (有加收无主项, 加收重复, 药品耗材与项目不符).

    role             "needs": the surcharge, contrast agent, consumable …; "main": what it belongs to
    group            what belongs together within the rule
    window           "visit" one visit, "day" the person's day in one institution
    per_main         how many for each main item, in ten-thousandths; None: any number ("needs" only)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemNeedsItem(Point):
    """What the module says."""

    role: str = "needs"
    group: str = ""
    window: str = "visit"
    per_main: int | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="item_needs_item",
    title="缺主项与加收超次",
    point=ItemNeedsItem,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

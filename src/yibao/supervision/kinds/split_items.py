"""The parts of a set charged one by one instead of the set (分解收费, 组套拆分).

    code, item     a part of the set
    group          the set's own number, `set_item` its name
    min_parts      so many different parts on one day of a visit are the set
    set_price      price of the set in fen: only what the parts cost more is at stake; None: all of it
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitItems(Point):
    """What the module says."""

    group: str = ""
    set_item: str = ""
    min_parts: int = 2
    set_price: int | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="split_items",
    title="分解收费",
    point=SplitItems,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

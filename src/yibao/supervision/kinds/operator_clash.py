"""One operator with more operations on a day than he can do, or in two institutions on one day (手术时间冲突).

    most             visits with operations on one day, at most; None: not looked at
    institutions     so many institutions on one day, at least; None: not looked at
    operations       beginnings of operation codes counted (ICD-9-CM-3); None for all

Several operations of one visit count once. At stake are the bills of these visits; a finding is an operator's day in one
institution. Exemptions: operations without operator or date; small procedures when `operations` names the great ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class OperatorClash(Point):
    """What the module says."""

    most: int | None = None
    institutions: int | None = None
    operations: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="operator_clash",
    title="",
    point=OperatorClash,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

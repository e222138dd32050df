"""A drug paid only after another was tried, or only with a test result (限二线使用, 靶向药无检测).

    role              "needs": the drug that is looked at; "proof": the first-line drug, or the test, of the same group
    group             what belongs together within the rule
    look_back_days    the proof must lie in so many days before the line, its day included ("needs" only)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondLineFirst(Point):
    """What the module says."""

    role: str = "needs"
    group: str = ""
    look_back_days: int = 365


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="second_line_first",
    title="限二线使用",
    point=SecondLineFirst,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

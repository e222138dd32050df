"""Insured fees of an item or group over the sum that the fund pays at most (超限定报销总额).

    max_amount    the most in fen
    period        "visit" one visit or stay, "year" the calendar year

The items of one `kp_id` share the sum.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class AmountOverCap(Point):
    """What the module says."""

    max_amount: int = 0
    period: str = "year"


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="amount_over_cap",
    title="超限定报销总额",
    point=AmountOverCap,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

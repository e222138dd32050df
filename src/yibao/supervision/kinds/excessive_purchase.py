"""More of a drug bought within a period than a person can use (频繁购药, 跨机构超量配取).

    code                the drug; "" for every single drug of `charge_types`
    charge_types        `med_chrgitm_type` codes separated by blanks, for points without a code
    window_days         length of the sliding window in days
    max_count           the most in ten-thousandths of the line's unit; None: not looked at
    max_supply_days     the most days of supply (sum of `prd_days`); None: not looked at
    max_times           the most days on which it was bought; None: not looked at
    min_institutions    only when bought in at least so many institutions within the window
    care                kinds of care (beginnings of `med_type`, separated by blanks) looked at; None: all

The items of one `kp_id` are one drug.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class ExcessivePurchase(Point):
    """What the module says."""

    charge_types: str = ""
    window_days: int = 30
    max_count: int | None = None
    max_supply_days: int | None = None
    max_times: int | None = None
    min_institutions: int = 1
    care: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="excessive_purchase",
    title="超量购药",
    point=ExcessivePurchase,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

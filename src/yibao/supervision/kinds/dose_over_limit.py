"""More of a drug in a prescription than its daily dose allows (超说明书用量, 中药饮片超大处方, 超量上传).

    code            the drug or herb: its quantity of one visit and day; "" for the whole prescription
    charge_types    `med_chrgitm_type` codes separated by blanks, for points without a code (whole prescription)
    max_per_day     the most for one day (or dose) of supply, in ten-thousandths of the line's unit; None: not looked at
    max_total       the most altogether, in ten-thousandths; None: not looked at
    unit            the unit for the reason (克, 片 …)

Days are the longest `prd_days` (at least 1) of the lines looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class DoseOverLimit(Point):
    """What the module says."""

    charge_types: str = ""
    max_per_day: int | None = None
    max_total: int | None = None
    unit: str = ""


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="dose_over_limit",
    title="超量开药",
    point=DoseOverLimit,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

"""A drug prescribed for more days at once than allowed (限最大开药天数, 出院带药超量).

    code                the drug; "" for all lines of `charge_types`
    charge_types        `med_chrgitm_type` codes separated by blanks, for points without a code
    max_days            the most days of supply (`prd_days`) of one line
    care                kinds of care (beginnings of `med_type`, separated by blanks) looked at; None: all
    exempt              ICD-10 categories (three characters) or chapters (a letter), separated by blanks: long supply allowed
    at_discharge        1: only what is given on the day of discharge (出院带药)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class QuantityOverDays(Point):
    """What the module says."""

    charge_types: str = ""
    max_days: int = 0
    care: str | None = None
    exempt: str | None = None
    at_discharge: int = 0


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="quantity_over_days",
    title="限最大开药天数",
    point=QuantityOverDays,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

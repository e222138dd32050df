"""More different drugs in one prescription than allowed (药品种类超标).

    max_drugs       the most different drugs (`med_list_codg`) of one rx_drord_no of a visit
    charge_types    `med_chrgitm_type` codes of drugs that count, separated by blanks
    care            kinds of care (beginnings of `med_type`, separated by blanks) looked at; None: all
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class TooManyDrugs(Point):
    """What the module says."""

    max_drugs: int = 5
    charge_types: str = ""
    care: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="too_many_drugs",
    title="药品种类超标",
    point=TooManyDrugs,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

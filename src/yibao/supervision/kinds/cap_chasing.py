"""A year's payments run up to the cap at the end of the year (冲顶消费).

    insurance        insurance types (`insutype`) of this cap, separated by blanks
    cap              the year's cap of the fund's payments, fen
    share_from       the person's payments of the year as a share of the cap, at least, basis points
    last_days        the last days of the calendar year
    last_share_from  payments of these days as a share of the person's year, at least, basis points

At stake are the bills of the last days; a finding is a person's year in one institution.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class CapChasing(Point):
    """What the module says."""

    insurance: str
    cap: int
    share_from: int
    last_days: int
    last_share_from: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="cap_chasing",
    title="",
    point=CapChasing,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

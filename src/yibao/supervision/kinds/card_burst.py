"""Many cards settled by one institution within minutes for about the same amount (敛卡集中结算).

    care             kinds of care looked at (`med_type` or its beginning)
    persons          so many persons, at least
    minutes          within so many minutes
    band             fen: amounts of one band of this width are alike; bands shifted by half a width are looked at too
    amount_from      fen: smaller bills are not looked at (registrations alone)

At stake are all bills of such a window; a finding is an institution's day. Exemptions: one person's bills count once;
small amounts; care of fixed fees when it is not among `care`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class CardBurst(Point):
    """What the module says."""

    care: str
    persons: int
    minutes: int
    band: int
    amount_from: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="card_burst",
    title="",
    point=CardBurst,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

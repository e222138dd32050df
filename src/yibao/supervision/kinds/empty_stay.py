"""Days of a stay on end without any care (挂床住院): admitted, but not in the bed.

    care             kinds of care that are stays (`med_type` or its beginning)
    charges          charge types (`med_chrgitm_type`) that show care, separated by blanks: not bed and consultation
    empty_days       so many days on end without a line of them, at least: 3

A drug counts for the days it was given for (`prd_days`). The day of discharge needs no care. Refunded lines show none:
a day counts when its fees are above zero. At stake are the stay's bills. Exemptions: drugs for several days; the day of
discharge; stays that go on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class EmptyStay(Point):
    """What the module says."""

    care: str
    charges: str
    empty_days: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="empty_stay",
    title="",
    point=EmptyStay,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

"""One person in many institutions on one day (同日多院就诊).

    care             kinds of care counted (`med_type` or its beginning)
    institutions     so many institutions on one day, at least: 3
    exempt           beginnings of the visit's diagnosis that are not counted

At stake are the bills in the institution that makes it so many and in those after it, in the order of the day. A finding
is a person's day in one of these.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class ManyInstitutions(Point):
    """What the module says."""

    care: str
    institutions: int
    exempt: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="many_institutions",
    title="",
    point=ManyInstitutions,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

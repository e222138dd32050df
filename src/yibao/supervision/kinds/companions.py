"""The same persons come together again and again (结伴就医、结伴住院).

    care             kinds of care looked at (`med_type` or its beginning)
    persons          so many persons, at least 3
    times            on so many days together in the same institution, at least
    crowd            institution's days with more persons than this are not looked at: there meeting is chance

Three who begin visits in the same institution on at least `times` same days are a triple; triples with the same smallest
person number are one group, and a person who already is another's companion leads none. At stake are the bills of those
days. Exemptions: crowded days; diagnoses of `exempt` (dialysis shifts meet three times a week).

    exempt           beginnings of the visit's diagnosis that are not counted
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class Companions(Point):
    """What the module says."""

    care: str
    persons: int
    times: int
    crowd: int
    exempt: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="companions",
    title="",
    point=Companions,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

"""Admission without need (低标准入院): a short stay of tests with hardly any treatment.

    care             kinds of care that are stays (`med_type` or its beginning)
    days_to          days of the stay, at most
    mild             beginnings of principal diagnoses looked at; None for all
    tests            charge types of tests ("03 04")
    tests_from       their share of the fees, at least, basis points
    treatment        charge types of drugs and treatment ("05 06 09 10 11")
    treatment_to     their share of the fees, at most, basis points
    exempt_ways      ways of discharge that excuse ("2 4 5": transferred, left against advice, died)

At stake are the stay's bills. Exemptions: stays with an operation (day surgery, endoscopy with removal); ways of
discharge of `exempt_ways`; stays that go on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class LowStandardStay(Point):
    """What the module says."""

    care: str
    days_to: int
    tests: str
    tests_from: int
    treatment: str
    treatment_to: int
    mild: str | None = None
    exempt_ways: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="low_standard_stay",
    title="",
    point=LowStandardStay,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

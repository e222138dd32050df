"""Injuries that work accident insurance or a third party may owe, without a word of their cause (工伤、第三方责任).

    injury           beginnings of diagnoses that are injuries ("S T")
    cause            beginnings of diagnoses that state a cause nobody owes ("W0 W1": falls)
    exempt           beginnings of injury diagnoses with no outside party ("T78 T90": allergy, late effects)
    care             kinds of care looked at (`med_type` or its beginning)
    amount_from      fen of insured fees: smaller bills are not looked at

A visit is a finding when its principal diagnosis is an injury, it says that no third party pays (`ttp_pay_flag` 0) and
none of its diagnoses states a cause. At stake are its bills.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class Liability(Point):
    """What the module says."""

    injury: str
    care: str
    amount_from: int
    cause: str | None = None
    exempt: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="liability",
    title="",
    point=Liability,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

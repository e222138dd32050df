"""Rate of infections got in hospital (院内感染发生率).

Stays with a secondary diagnosis of the list that was not there on admission ÷ all stays of an institution and month of
settlement, in basis points.

    diagnoses       beginnings of diagnoses, separated by blanks
    acquired        `adm_cond_type` that says "not there on admission", separated by blanks ("4")
    limit           basis points of the rate that must be passed
    least_stays     stays that an institution needs to be looked at

Exemptions: infections the person came with; small institutions. Nothing is staked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class InfectionRate(Point):
    """What the module says."""

    diagnoses: str
    acquired: str
    limit: int
    least_stays: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="infection_rate",
    title="",
    point=InfectionRate,
    facts=(),
    reason="",
    subject="city",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

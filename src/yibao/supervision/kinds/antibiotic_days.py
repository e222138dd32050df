"""Antibiotics given on after a clean operation (围手术期抗菌药物预防性应用).

    code          the antibiotic
    operations    ICD-9-CM-3 of operations with clean incision, separated by blanks: 2, 4 or 5 characters (06, 06.2, 06.31)
    max_hours     hours after the day of the operation for which prophylaxis is paid (24, 48)
    exempt        ICD-10 categories (three characters) or chapters (a letter) of infection, separated by blanks
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class AntibioticDays(Point):
    """What the module says."""

    operations: str = ""
    max_hours: int = 24
    exempt: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="antibiotic_days",
    title="围手术期抗菌药物",
    point=AntibioticDays,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

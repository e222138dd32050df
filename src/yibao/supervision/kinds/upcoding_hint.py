"""Hints that the principal diagnosis was chosen for its price (高套分组): DRG groups are not computed, diagnoses are.

Groups of stays are those of one principal diagnosis (3 characters), level and month of settlement; medians are the
lower ones. Each point looks for one of two things, by which field it names:

    low_ratio       the fees are under so many basis points of the median of the principal diagnosis, while a secondary
                    diagnosis has a lower median that the fees reach by `fit_ratio` basis points
    swap_share      of the stays with the same two diagnoses, either principal, so many basis points or more have the
                    other one as the principal, and that one has the lower median
    least_alike     stays that make a median, and that the two diagnoses need together

One row for each stay, for the first secondary diagnosis that fits. Exemptions: rare diagnoses; stays with one
diagnosis. The insured fees of the bill are at stake: what another group would pay is not known here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class UpcodingHint(Point):
    """What the module says."""

    low_ratio: int | None = None
    fit_ratio: int = 0
    swap_share: int | None = None
    least_alike: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="upcoding_hint",
    title="",
    point=UpcodingHint,
    facts=(),
    reason="",
    subject="city",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)

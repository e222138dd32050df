"""Visits as columns: what `reading` makes of a file and `simulation` computes on. Money in fen, one entry per visit."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from yibao.benefits.facts import Facts

Array = Any  # a one-dimensional integer array of NumPy

EPOCH = datetime.date(1970, 1, 1)


class VisitsError(ValueError):
    """The file cannot be used; `problems` says what, where and what to do, one text for each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Source:
    """Facts that come together from a column: `codes` by visit, and what each code means for each of `facts`."""

    facts: tuple[str, ...]
    codes: Array
    values: Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Visits:
    """Settled visits of many persons, cancelled pairs left out.

    `persons` int32 numbers of persons below `person_count`; `order` increases with the time of settlement; `day`
    int32 days after `first_day`, the day of discharge or care; `days` of the stay, 0 outside; `stays` numbers of stays
    settled in several bills, 0 for none (empty when there are none); `diseases` int32 numbers of dise_no; `portions`
    int64 fen by name, the pack's own beside the four standard ones; `left_out` rows of cancelled pairs. `credited` fen
    that the own account was given until each visit, spent money not taken off; empty: accounts hold nothing.
    """

    persons: Array
    person_count: int
    order: Array
    first_day: datetime.date
    day: Array
    days: Array
    stays: Array
    diseases: Array
    portions: Mapping[str, Array]
    sources: Sequence[Source]
    left_out: int = 0
    warnings: Sequence[str] = field(default=())
    credited: Array = field(default_factory=lambda: np.zeros(0, np.int64))

    def __len__(self) -> int:
        return len(self.persons)

    def day_of(self, visit: int) -> datetime.date:
        """The day that decides the parameters and the year."""
        return self.first_day + datetime.timedelta(days=int(self.day[visit]))

    def facts_of(self, visit: int, admission: int = 0) -> Facts:
        """The facts of one visit; what no column tells keeps the default of `Facts`."""
        known: dict[str, Any] = {}
        for source in self.sources:
            known |= zip(source.facts, source.values[source.codes[visit]], strict=True)
        return Facts(**known, admission=admission)

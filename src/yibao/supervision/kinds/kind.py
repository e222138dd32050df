"""What a kind of rule is, and what its two executions are given.

A kind's points are rows of its own `Point` type: one row for each item code (or pair, group, doctor …) with the rule's
parameters filled in; a rule that needs no knowledge has one row. Both executions get all points of all rules of the
kind at once, so twenty rules of one kind cost one pass over the lines.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from yibao.supervision.model import Case, Row

if TYPE_CHECKING:  # a process that serves the counter never loads the column engines
    from yibao.supervision.lake import Lake

Subject = Literal["line", "visit", "person", "doctor", "institution", "city"]
"""Whose records must be together in a `Case` so that the counter finds all there is to find."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """A knowledge point (知识点) with its rule's parameters. Kinds add fields: str, int, or either with None.

    `code` is the item's national (or local) code, "" where there is none; a point counts for what happened from
    `valid_from` to `valid_to`, both days included. `item` is the item's name for the reason.
    """

    rule_id: str
    kp_id: str = ""
    code: str = ""
    item: str = ""
    valid_from: date = date(2000, 1, 1)
    valid_to: date = date(2999, 12, 31)

    def in_force(self, day: date) -> bool:
        """Whether the point counts on this day."""
        return self.valid_from <= day <= self.valid_to


class Points:
    """The points of one kind, as the counter looks them up."""

    def __init__(self, points: Sequence[Any]) -> None:
        self.all = tuple(points)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.all)

    @cached_property
    def by_code(self) -> dict[str, list[Any]]:
        """Points by the code of their item."""
        found: dict[str, list[Any]] = defaultdict(list)
        for one in self.all:
            found[one.code].append(one)
        return found


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of rule.

    `facts` are the names of the numbers in `reason`, which is a template in Chinese: `{name}`, `{name:yuan}` for fen,
    `{name:count}` for ten-thousandths. `in_columns` returns an Ibis table with the columns of `model.Row` (facts as
    columns of their names); `at_counter` yields the same rows. `looks_back` is how many days before a line or bill the
    kind needs to see. `item_codes` are the codes of lines that a point needs to see (by default its `code`); None when
    it needs all lines.
    """

    name: str
    title: str
    point: type[Point]
    facts: tuple[str, ...]
    reason: str
    subject: Subject
    in_columns: Callable[["Lake", Any], Any]
    at_counter: Callable[[Case, Points], Iterable[Row]]
    exemptions: str
    looks_back: int = 0
    item_codes: Callable[[Any], Iterable[str]] | None = field(default=lambda point: (point.code,))

    @property
    def columns(self) -> dict[str, str]:
        """Ibis types of the points' table by column."""
        return {one.name: TYPES[str(one.type).removesuffix(" | None")] for one in fields(self.point)}


TYPES = {
    "str": "string", "int": "int64", "date": "date",
    "<class 'str'>": "string", "<class 'int'>": "int64", "<class 'datetime.date'>": "date",
}  # fmt: skip

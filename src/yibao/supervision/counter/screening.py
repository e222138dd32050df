"""A case and the rules that concern it → what is found about the current orders.

`Screen` prepares a rulebook once: which points any item touches. A question then costs what its own items touch, not
what the city's knowledge weighs.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from yibao.supervision.findings import assembled, stake_of
from yibao.supervision.kinds import all_kinds
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Finding, Row
from yibao.supervision.rulebook import Rule, Rulebook

log = logging.getLogger("yibao.supervision")
AT_COUNTER = ("line", "visit", "person")
"""Subjects whose records the counter has before it; a doctor's or an institution's year it has not."""


@dataclass(frozen=True, slots=True)
class Question:
    """The points that concern some items, and what must be known to ask them.

    `codes` are the items whose lines must be seen, None for all; `days` how far back; `person` whether other visits
    of the person count, `visit` whether other lines of the visit do.
    """

    points: tuple[tuple[Kind, Points], ...]
    codes: frozenset[str] | None
    days: int
    person: bool
    visit: bool


class KindScreen:
    """The points of one kind by the items that touch them."""

    def __init__(self, kind: Kind, points: Iterable[Point]) -> None:
        self.kind = kind
        self.always: list[Point] = []
        self.by_code: dict[str, list[Point]] = defaultdict(list)
        for point in points:
            codes = {code for code in kind.item_codes(point) if code} if kind.item_codes else set()
            if not codes:
                self.always.append(point)
            for code in codes:
                self.by_code[code].append(point)

    def touched(self, codes: Iterable[str]) -> list[Point]:
        """Points that look at one of the items, and those that look at no item or at all."""
        found = {id(point): point for code in codes for point in self.by_code.get(code, ())}
        return [*self.always, *found.values()]


class Screen:
    """A rulebook as the counter asks it."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        kinds = all_kinds()
        self._kinds = [
            KindScreen(kinds[name], book.points(name)) for name in book.kinds if kinds[name].subject in AT_COUNTER
        ]

    @cached_property
    def version(self) -> str:
        """Which rules and knowledge these are."""
        return self.book.version

    def question(self, codes: Iterable[str]) -> Question:
        """What the rules have to ask about orders of these items."""
        wanted = frozenset(codes)
        chosen = [(one.kind, points) for one in self._kinds if (points := one.touched(wanted))]
        lines: set[str] = set()
        for kind, points in chosen:
            if kind.item_codes is not None:
                lines |= {code for point in points for code in kind.item_codes(point) if code}
        of_all = any(kind.item_codes is None and kind.subject == "person" for kind, _ in chosen)
        return Question(
            points=tuple((kind, Points(points)) for kind, points in chosen),
            codes=None if of_all else frozenset(lines),
            days=max((kind.looks_back for kind, _ in chosen), default=0),
            person=any(kind.subject == "person" for kind, _ in chosen),
            visit=any(kind.subject == "visit" for kind, _ in chosen),
        )

    def found(self, question: Question, case: Case, mdtrt_id: str) -> list["Found"]:
        """What is found about the case's current orders, or about its current visit `mdtrt_id` as a whole."""
        return [one for kind, points in question.points for one in self._of_kind(kind, points, case, mdtrt_id)]

    def _of_kind(self, kind: Kind, points: Points, case: Case, mdtrt_id: str) -> Iterator["Found"]:
        groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for row in _rows(kind, points, case):
            groups[row.rule_id, row.kp_id, row.finding_key].append(row)
        for rows in groups.values():
            current = [row for row in rows if is_current(row, case, mdtrt_id)]
            if current:
                finding = assembled(kind, self.book.rules, rows)[0]
                yield Found(self.book.rules[finding.rule_id], finding, tuple(current), tuple(rows))


def is_current(row: Row, case: Case, mdtrt_id: str) -> bool:
    """Whether a row is about an order asked about now, or about the visit as a whole."""
    if row.bkkp_sn is None:
        return row.mdtrt_id == mdtrt_id
    return case.current is None or row.bkkp_sn in case.current


def _rows(kind: Kind, points: Points, case: Case) -> Sequence[Row]:
    """A rule that fails on unforeseen records must not stop care or settlement: it is told to the log and left out."""
    try:
        return list(kind.at_counter(case, points))
    except Exception:
        log.exception("kind %s failed at the counter", kind.name)
        return ()


@dataclass(frozen=True, slots=True)
class Found:
    """A finding about current orders: `current` are its rows about them, `rows` all of its evidence."""

    rule: Rule
    finding: Finding
    current: tuple[Row, ...]
    rows: tuple[Row, ...]

    @property
    def amount(self) -> int:
        """Fen at stake in the current orders."""
        return sum(stake_of(row) for row in self.current)

    @property
    def refuses(self) -> bool:
        """Whether the order may go on only with a senior doctor's approval."""
        return self.rule.refuses and self.rule.severity == "violation"

    @property
    def text(self) -> str:
        """Rule and reason in one sentence."""
        return f"{self.rule.rule_id}{self.rule.name}：{self.finding.reason}"

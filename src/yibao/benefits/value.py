"""Dated values (参数): decision rows and adjustments, resolved for one set of facts on one day.

`Value.on(facts, day)` → `Resolved`: the number to use and where it comes from (parameter, date, clause, row).
Money is fen, percents are segments of (upper bound fen, basis points), limits are fen or `UNLIMITED`.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from yibao.benefits.arithmetic import UNLIMITED
from yibao.benefits.condition import Condition, label_of
from yibao.core.money import BASIS_POINTS, share_of


@dataclass(frozen=True)
class Share:
    """A share of the bill's total: basis points, not below `low`, not above `high` fen."""

    ratio: int
    low: int
    high: int


Segments = tuple[tuple[int, int], ...]
Amount = int | Share | Segments


@dataclass(frozen=True)
class Source:
    """A policy document and how far it can be trusted: A–D, C and D are unverified."""

    title: str
    url: str = ""
    grade: str = ""


@dataclass(frozen=True)
class Row:
    """A decision row: the first whose condition holds gives the amount."""

    when: Condition
    amount: Amount


@dataclass(frozen=True)
class Adjustment:
    """An adjustment row. `change` is fen or basis points per step; `factor` basis points."""

    when: Condition
    change: int = 0
    factor: int = BASIS_POINTS
    each: str = ""
    after: int = 0
    every: int = 1
    at_least: int | None = None
    at_most: int | None = None
    at_most_of_original: int | None = None
    replaced_by: int | None = None

    def steps(self, facts: Mapping[str, Any]) -> int:
        """How often the change is made."""
        return max(0, int(facts[self.each]) - self.after) // self.every if self.each else 1

    def apply(self, number: int, original: int, facts: Mapping[str, Any]) -> int:
        """One number after this adjustment, in the same unit."""
        if self.replaced_by is not None:
            return self.replaced_by
        if number >= UNLIMITED:
            return number
        number = share_of(number, self.factor) + self.change * self.steps(facts)
        if self.at_most_of_original is not None:
            number = min(number, share_of(original, self.at_most_of_original))
        if self.at_least is not None:
            number = max(number, self.at_least)
        return max(0, number if self.at_most is None else min(number, self.at_most))


@dataclass(frozen=True)
class Block:
    """What held in one period, both days inclusive."""

    start: datetime.date
    end: datetime.date
    rows: tuple[Row, ...]
    adjust: tuple[Adjustment, ...] = ()
    source: Source | None = None
    clause: str = ""
    unverified: bool = False


@dataclass(frozen=True)
class Resolved:
    """A number to use, and its provenance. `row` and `adjusted` are the conditions that decided."""

    amount: Amount
    title: str = ""
    block: Block | None = None
    row: str = ""
    adjusted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Value:
    """A dated parameter or a literal; `title` is what people call it."""

    title: str
    blocks: tuple[Block, ...]

    def on(self, facts: Mapping[str, Any], day: datetime.date) -> Resolved | None:
        """The value in force for these facts on that day; `None` when no period or row fits."""
        for block in self.blocks:
            if block.start <= day <= block.end:
                return self._decide(block, facts)
        return None

    def _decide(self, block: Block, facts: Mapping[str, Any]) -> Resolved | None:
        row = next((row for row in block.rows if row.when.holds(facts)), None)
        if row is None:
            return None
        resolved = Resolved(row.amount, self.title, block, row.when.text())
        for adjustment in block.adjust:
            if adjustment.when.holds(facts) and (not adjustment.each or adjustment.steps(facts)):
                resolved = _adjusted(resolved, adjustment, row.amount, facts)
        return resolved

    def facts(self) -> set[str]:
        """The facts it looks at."""
        found: set[str] = set()
        for block in self.blocks:
            found = found.union(*(row.when.facts() for row in block.rows))
            for adjustment in block.adjust:
                found |= adjustment.when.facts() | ({adjustment.each} if adjustment.each else set())
        return found


def _adjusted(resolved: Resolved, change: Adjustment, original: Amount, facts: Mapping[str, Any]) -> Resolved:
    amount = _adjust(resolved.amount, change, original, facts)
    label = change.when.text() or (f"{label_of(change.each)} {facts[change.each]}" if change.each else "各类人员")
    return replace(resolved, amount=amount, adjusted=(*resolved.adjusted, label))


def _adjust(amount: Amount, change: Adjustment, original: Amount, facts: Mapping[str, Any]) -> Amount:
    if isinstance(amount, Share):
        if change.replaced_by is not None:
            return change.replaced_by
        factor = change.factor
        return Share(share_of(amount.ratio, factor), share_of(amount.low, factor), _scaled(amount.high, factor))
    if isinstance(amount, tuple):
        before = original if isinstance(original, tuple) else amount
        pairs = zip(amount, before, strict=True)
        return tuple((upper, _ratio(change.apply(ratio, first[1], facts))) for (upper, ratio), first in pairs)
    return change.apply(amount, original if isinstance(original, int) else amount, facts)


def _ratio(number: int) -> int:
    return max(0, min(number, BASIS_POINTS))


def _scaled(limit: int, factor: int) -> int:
    return limit if limit >= UNLIMITED else share_of(limit, factor)

"""Kinds of visits: which visits a pack cannot tell apart, so that each kind is resolved to a plan only once.

Two values of a fact are alike when every condition and adjustment of every pack that looks at the fact gives the
same answer for both. A kind is one combination of such classes, counted as a mixed-radix number; days belong to the
same class when no rule changes between them.
"""

import datetime
from bisect import bisect_right
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from yibao.benefits.batch.probes import Probes, all_probes
from yibao.benefits.batch.sorting import add_digits, note_examples
from yibao.benefits.batch.team import Team, blocks
from yibao.benefits.batch.visits import Array, Source, Visits
from yibao.benefits.pack import Pack

BLOCK = 1 << 16
"""Visits at once, so that what they need stays in the cache."""
DENSE = 1 << 22
"""Largest number for which a table of all numbers is kept."""


@dataclass(frozen=True)
class Numbering:
    """One number per visit: `ranks[number[i]]` counts the numbers that occur, `examples` is one visit for each."""

    number: Array
    ranks: Array
    examples: Array


def kinds_of(visits: Visits, packs: Sequence[Pack], team: Team) -> Numbering:
    """The kind of each visit, the admission of the year apart."""
    return number_visits(kind_columns(visits, packs, all_probes(packs)), len(visits), team)


def kind_columns(visits: Visits, packs: Sequence[Pack], probes: Probes) -> list[tuple[Array, Sequence[int]]]:
    """The columns that make a kind: codes by visit, and the class of each code."""
    length = int(visits.day.max()) + 1
    turns = sorted({turn for pack in packs for turn in pack.turns})
    days = [bisect_right(turns, visits.first_day + datetime.timedelta(days=k)) for k in range(length)]
    sources = [(source.codes, digits_of(source, probes)) for source in visits.sources]
    return [*sources, (visits.day, ranked(days))]


def digits_of(source: Source, probes: Probes) -> list[int]:
    """The class of each code of a source."""
    asked = [(k, probe) for k, fact in enumerate(source.facts) for probe in probes.get(fact, [])]
    return ranked([tuple(probe(values[k]) for k, probe in asked) for values in source.values])


def number_visits(columns: Sequence[tuple[Array, Sequence[int]]], length: int, team: Team) -> Numbering:
    """Combine the classes of several columns (codes by visit, class by code) into one number per visit."""
    number, size = np.zeros(length, np.int32), 1
    waiting: list[tuple[Array, Array]] = []
    for codes, digits in columns:
        count = max(digits, default=0) + 1
        if count == 1:
            continue
        if size * count > DENSE:
            number, size, waiting = *_dense(_added(number, waiting, team)), []
        waiting.append((np.asarray(digits, np.int32) * np.int32(size), codes))
        size *= count
    _added(number, waiting, team)
    examples = np.full(size, -1, np.int64)
    team.each(blocks(length, BLOCK), lambda low, high: note_examples(number[low:high], low, examples))
    found = np.flatnonzero(examples >= 0)
    ranks = np.zeros(size, np.int32)
    ranks[found] = np.arange(len(found), dtype=np.int32)
    return Numbering(number, ranks, examples[found])


def _added(number: Array, waiting: Sequence[tuple[Array, Array]], team: Team) -> Array:
    def add(low: int, high: int) -> None:
        for digits, codes in waiting:
            add_digits(digits, codes[low:high], number[low:high])

    team.each(blocks(len(number), BLOCK), add)
    return number


def _dense(number: Array) -> tuple[Array, int]:
    """Count only the numbers that occur."""
    found, ranks = np.unique(number, return_inverse=True)
    return ranks.astype(np.int32), len(found)


def ranked(answers: Sequence[Hashable]) -> list[int]:
    """The same number for the same answer, from 0 on."""
    classes: dict[Hashable, int] = {}
    return [classes.setdefault(answer, len(classes)) for answer in answers]

"""One calculation of a bill: a single evaluation, or one for each year of a stay that the pack splits (跨年拆分).

A split stay is evaluated year by year, each on the accumulators and balances that the year before left, and its sums
are added; everything else of a settlement need not know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import msgspec

from yibao.benefits import (
    Explanation,
    LayerResult,
    LineAmounts,
    Outcome,
    Pack,
    Totals,
    Visit,
    bills_of,
    evaluate,
    explain,
)
from yibao.benefits.evaluate import accumulator_keys
from yibao.core.errors import Refused


@dataclass(frozen=True, slots=True)
class Calculation:
    """The evaluations in order of years, each with the visit (or its part) that it is of."""

    parts: tuple[tuple[Visit, Outcome], ...]

    @property
    def totals(self) -> Totals:
        """Sums over the parts, fen."""
        return reduce(added, (outcome.totals for _, outcome in self.parts))

    @property
    def layers(self) -> tuple[LayerResult, ...]:
        return tuple(layer for _, outcome in self.parts for layer in outcome.layers)

    @property
    def account_payments(self) -> dict[str, int]:
        """Fen taken from each kind of account."""
        return merged(*(outcome.account_payments for _, outcome in self.parts))

    @property
    def accumulators(self) -> dict[str, int]:
        """What is added to the accumulators, with 0 for those only looked at: that says who builds on whom."""
        return merged(*(looked_at(visit, outcome) for visit, outcome in self.parts), *(o.deltas for _, o in self.parts))

    def line_amounts(self, visit: Visit) -> list[LineAmounts]:
        """The four amounts of every line in the order of the whole visit."""
        if len(self.parts) == 1:
            return list(self.parts[0][1].lines)
        by_year = {part.day.year: iter(outcome.lines) for part, outcome in self.parts}
        return [next(by_year[(line.day or visit.day).year]) for line in visit.lines]

    def explanation(self) -> Explanation:
        """One explanation; the layers of a split stay carry their year in the title."""
        told = [(visit.day.year, explain(outcome)) for visit, outcome in self.parts]
        if len(told) == 1:
            return told[0][1]
        replace = msgspec.structs.replace
        layers = tuple(replace(it, title=f"{year}年·{it.title}") for year, one in told for it in one.layers)
        sums = {
            name: sum(getattr(one, name) for _, one in told)
            for name in ("total", "fund", "personal", "own_account", "family_account", "cash")
        }
        portions = tuple(portion for _, one in told for portion in one.portions)
        return replace(told[-1][1], layers=layers, portions=portions, **sums)


def calculate(pack: Pack, visit: Visit, totals: Mapping[str, int], balances: Mapping[str, int]) -> Calculation:
    """Evaluate the visit, year by year where the pack says so; `Refused` when the pack does not pay it."""
    parts: list[tuple[Visit, Outcome]] = []
    before, left = dict(totals), dict(balances)
    for part in bills_of(pack, visit):
        outcome = evaluate(pack, part, before, left)
        if outcome.refusal is not None:
            raise Refused(outcome.refusal)
        parts.append((part, outcome))
        before = merged(before, outcome.deltas)
        left = {name: balance - outcome.account_payments.get(name, 0) for name, balance in left.items()}
    return Calculation(tuple(parts))


def looked_at(visit: Visit, outcome: Outcome) -> dict[str, int]:
    keys = accumulator_keys(outcome.plan, visit) if outcome.plan else []
    return {key: 0 for key in keys if key and not key.startswith("account:")}


def merged(*amounts: Mapping[str, int]) -> dict[str, int]:
    """Sum by key."""
    total: dict[str, int] = {}
    for one in amounts:
        for key, value in one.items():
            total[key] = total.get(key, 0) + value
    return total


def added(one: Totals, other: Totals) -> Totals:
    sums: dict[str, Any] = {
        name: getattr(one, name) + getattr(other, name)
        for name in one.__dataclass_fields__
        if name not in ("columns", "deductible_standard")
    }
    standard = max(one.deductible_standard, other.deductible_standard)
    return Totals(columns=merged(one.columns, other.columns), deductible_standard=standard, **sums)

"""Yearly totals of a made-up city's people (年度累计): what each bill of the lake added, by the counter's `evaluate`.

    totals = totals_of(bills, people, pack, loaded)      setl_d of the year so far, psn_info_d of its people

Bills that come into the database bring what they added with them; what all others added is taken over, so that the
counter goes on from the right totals whichever bills are there.
"""

import datetime
from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yibao.benefits import Facts, Visit, accumulator_keys, evaluate
from yibao.benefits.batch.reading import visits_of_table
from yibao.benefits.batch.visits import Visits
from yibao.benefits.outcome import Outcome
from yibao.benefits.pack import Pack
from yibao.core.config import ConfigurationError
from yibao.settlement.case import year_of_key as _year

OF_PERSON = ("gend", "brdy", "tags")
Amounts = dict[str, int]
"""Accumulator key → fen or count."""


@dataclass(frozen=True, slots=True)
class YearlyTotals:
    """`added` by setl_id, of the loaded bills, with 0 for what a bill only looked at; by psn_no the `totals` of all
    bills, and what of them is `taken_over` from others than the loaded.
    """

    added: dict[str, Amounts] = field(default_factory=dict)
    totals: dict[str, Amounts] = field(default_factory=dict)
    taken_over: dict[str, Amounts] = field(default_factory=dict)

    def rows(self) -> dict[str, list[Any]]:
        """settlement.accumulator: a row for each person and year."""
        keys = [(psn_no, year) for psn_no, amounts in self.totals.items() for year in sorted(map(_year, amounts))]
        keys = list(dict.fromkeys(keys))
        return {
            "psn_no": [psn_no for psn_no, _ in keys],
            "year": [year for _, year in keys],
            "totals": [text_of(self.totals[psn_no], year) for psn_no, year in keys],
            "taken_over": [text_of(self.taken_over.get(psn_no, {}), year) for psn_no, year in keys],
        }


def text_of(amounts: Mapping[str, int], year: int | None = None) -> str:
    """JSON; with a `year` only its keys that are not 0."""
    if year is not None:
        amounts = {key: amount for key, amount in amounts.items() if amount and _year(key) == year}
    return msgspec.json.encode(amounts).decode()


def totals_of(bills: Any, people: Any, pack: Pack, loaded: Set[str]) -> YearlyTotals:
    """Evaluate every bill in the order of persons and times; `loaded` are the bills that come into the database.

    `ConfigurationError` when the rules of today would pay another sum than the lake says.
    """
    found = YearlyTotals()
    if not bills.num_rows:
        return found
    visits = visits_of_table(_with_persons(bills, people), tuple(pack.portions))
    numbers, persons = bills["setl_id"].to_pylist(), bills["psn_no"].to_pylist()
    paid = bills["fund_pay_sumamt"].to_pylist()
    facts = _Facts(visits)
    for row in np.lexsort((visits.order, visits.persons)).tolist():
        so_far = found.totals.setdefault(persons[row], defaultdict(int))
        visit = _visit(visits, facts, row)
        outcome = evaluate(pack, visit, so_far)
        if (0 if outcome.refusal else outcome.totals.fund) != paid[row]:
            raise ConfigurationError(f"bill {numbers[row]} was settled by other rules: build the lake anew")
        _add(so_far, outcome.deltas)
        if numbers[row] in loaded:
            found.added[numbers[row]] = {**_looked_at(visit, outcome), **outcome.deltas}
        else:
            _add(found.taken_over.setdefault(persons[row], defaultdict(int)), outcome.deltas)
    return found


def _with_persons(bills: Any, people: Any) -> Any:
    """The bills with sex, birth and tags of the persons."""
    place = pc.index_in(
        bills["psn_no"].cast(pa.string()), value_set=people["psn_no"].cast(pa.string()).combine_chunks()
    )
    for name in OF_PERSON:
        bills = bills.append_column(name, people[name].take(place))
    return bills


class _Facts:
    """The facts of a visit, made once for visits that are alike."""

    def __init__(self, visits: Visits) -> None:
        self._visits = visits
        self._codes = np.stack([source.codes for source in visits.sources], axis=1).astype(np.int32)
        self._known: dict[bytes, Facts] = {}

    def of(self, row: int) -> Facts:
        """The facts of this visit."""
        key = self._codes[row].tobytes()
        if key not in self._known:
            self._known[key] = self._visits.facts_of(row)
        return self._known[key]


def _visit(visits: Visits, facts: _Facts, row: int) -> Visit:
    portions = {name: int(amounts[row]) for name, amounts in visits.portions.items()}
    day: datetime.date = visits.day_of(row)
    return Visit(day=day, facts=facts.of(row), portions=portions, days=int(visits.days[row]))


def _looked_at(visit: Visit, outcome: Outcome) -> Amounts:
    """0 for every accumulator of the plan, as the counter keeps it."""
    keys = accumulator_keys(outcome.plan, visit) if outcome.plan else []
    return {key: 0 for key in keys if key and not key.startswith("account:")}


def _add(sums: Amounts, amounts: Mapping[str, int]) -> None:
    for key, amount in amounts.items():
        sums[key] += amount

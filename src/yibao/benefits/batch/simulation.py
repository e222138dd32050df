"""Simulate two packs on the same visits: order them, resolve each kind once, settle, compare.

`simulate(pack_a, pack_b, visits)` is the entry. Persons are independent, so the work is cut at borders between
persons and done by several threads; a thread adds up in arrays of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from yibao.benefits.arithmetic import OUT_WIDTH
from yibao.benefits.batch import kernel, sorting
from yibao.benefits.batch.groups import DEFAULT_GROUPS, group_columns
from yibao.benefits.batch.kinds import Numbering, admission_classes, kinds_of, number_visits
from yibao.benefits.batch.result import Simulation, result_of
from yibao.benefits.batch.tables import PlanShelf
from yibao.benefits.batch.team import Team, person_bounds
from yibao.benefits.batch.visits import Array, Visits
from yibao.benefits.pack import Pack
from yibao.benefits.plan import plan_for
from yibao.core.errors import Refusal

Progress = Callable[[int, int], None]
"""Called with how many persons were settled, and of how many; both packs count."""
CHUNKS = 64


@dataclass(frozen=True)
class Ordered:
    """Visits person by person in the order of time. `starts`, `records` as in `sorting`; year and month by day."""

    visits: Visits
    kinds: Numbering
    groups: Numbering
    starts: Array
    records: Array
    year_of: Array
    month_of: Array

    @property
    def chunks(self) -> Sequence[tuple[int, int]]:
        """Persons in pieces, for the threads and for progress."""
        return person_bounds(self.starts, CHUNKS)


@dataclass(frozen=True)
class Planned:
    """The plan of each record (`kernel.REFUSED` for none), and all plans of the pack that are in use."""

    plans: Array
    shelf: PlanShelf


@dataclass(frozen=True)
class Settled:
    """What one pack pays: `fund` fen by record, `paid` fen by group and layer, `refused` visits, `plans` in use.

    `detail[visit][layer]` what each layer of the pack did (`arithmetic.OUT_…`), when it was asked for.
    """

    pack: Pack
    fund: Array
    paid: Array
    refused: int
    plans: int
    detail: Array


def simulate(
    pack_a: Pack, pack_b: Pack, visits: Visits, by: Sequence[str] = DEFAULT_GROUPS,
    progress: Progress = lambda done, of: None, threads: int = 0,
) -> Simulation:  # fmt: skip
    """What changes for funds and people when pack B takes the place of pack A; amounts in fen.

    `by` names what groups are made of (`groups.GROUPS`), `threads` 0 means one per core. `ValueError` for an unknown
    group or a file without visits.
    """
    with Team(threads) as team:
        ordered = order_visits(visits, (pack_a, pack_b), by, team)
        people = visits.person_count
        settled_a = settle(pack_a, ordered, team, lambda done: progress(done, 2 * people))
        settled_b = settle(pack_b, ordered, team, lambda done: progress(people + done, 2 * people))
        rows = compare(ordered, settled_a, settled_b, team)
    return result_of(visits, by, ordered.groups, rows, settled_a, settled_b)


def order_visits(visits: Visits, packs: Sequence[Pack], by: Sequence[str], team: Team) -> Ordered:
    """Number the kinds and groups of visits and bring the visits into order."""
    if not len(visits):
        raise ValueError("there is no visit to simulate")
    kinds = kinds_of(visits, packs, team)
    groups = number_visits(group_columns(visits, by), len(visits), team)
    starts = np.zeros(visits.person_count + 1, np.int64)
    sorting.count_persons(visits.persons, starts)
    starts = np.cumsum(starts)
    records = _records(visits, kinds, groups, starts, team)
    days = np.datetime64(visits.first_day) + np.arange(int(visits.day.max()) + 1)
    year_of = days.astype("datetime64[Y]").astype(np.int64) + 1970
    return Ordered(visits, kinds, groups, starts, records, year_of, days.astype("datetime64[M]").astype(np.int64))


def _records(visits: Visits, kinds: Numbering, groups: Numbering, starts: Array, team: Team) -> Array:
    """One record per visit, person by person, each person's in the order of time."""
    records = np.empty((len(visits), sorting.RECORD_WIDTH), np.int64)
    following, money = starts.copy(), visits.portions

    def fill(first: int, last: int) -> None:
        sorting.fill_records(
            first, last, visits.persons, following, money["full_self_pay"], money["over_limit"], money["prepay"],
            money["in_scope"], kinds.number, kinds.ranks, groups.number, groups.ranks, visits.day, visits.days, records,
        )  # fmt: skip

    def sort(first: int, last: int) -> None:
        spare = np.zeros(sorting.RECORD_WIDTH, np.int64)
        sorting.sort_records(first, last, starts, visits.order, records, spare)

    team.each(person_bounds(starts, team.threads), fill)
    earliest = np.full(visits.person_count, np.iinfo(np.int64).min)
    if not sorting.in_order(visits.persons, visits.order, earliest):
        team.each(person_bounds(starts, CHUNKS), sort)
    return records


def settle(
    pack: Pack, ordered: Ordered, team: Team, done: Callable[[int], None] | None = None, with_detail: bool = False
) -> Settled:
    """Settle every visit under one pack."""
    planned = plan_visits(pack, ordered, team)
    visits, tables, count = ordered.visits, planned.shelf.tables(), len(pack.layers)
    fund = np.zeros(len(visits), np.int64)
    detail = np.zeros((len(visits) if with_detail else 0, count, OUT_WIDTH), np.int64)
    own = [visits.portions[name] for name in pack.portions]
    extra = np.stack(own) if own else np.zeros((0, 0), np.int64)

    def pay(first: int, last: int) -> Array:
        paid = np.zeros((len(ordered.groups.examples), count), np.int64)
        kernel.pay_persons(
            first, last, ordered.starts, ordered.records, planned.plans, tables.offsets, tables.layers,
            tables.layer_numbers, tables.bases, tables.segments, tables.caps, tables.slots, ordered.year_of,
            ordered.month_of, visits.stays, visits.diseases, extra, tables.sizes, fund, paid, detail,
        )  # fmt: skip
        return paid

    paid = sum(team.each(ordered.chunks, pay, done))
    refused = int(np.count_nonzero(planned.plans == kernel.REFUSED))
    return Settled(pack, fund, paid, refused, len(tables.offsets), detail)


def plan_visits(pack: Pack, ordered: Ordered, team: Team) -> Planned:
    """Give every visit its plan. A round numbers the admissions; plans that it finds missing are resolved.

    A refusal that a round did not know of changes the numbers after it, so rounds go on until nothing is missing.
    """
    shelf, visits, starts = PlanShelf(pack), ordered.visits, ordered.starts
    plans = np.empty(len(visits), np.int32)
    classes = admission_classes(pack, int(np.diff(starts).max()))
    plan_of = np.full((len(ordered.kinds.examples), int(classes.max()) + 1), kernel.UNKNOWN, np.int32)
    examples, numbers = np.full(plan_of.shape, -1, np.int64), np.zeros(plan_of.shape, np.int64)
    cares = [visits.facts_of(int(visit)).care for visit in ordered.kinds.examples]
    counts = np.array([care in pack.admission_care for care in cares])
    years = int(ordered.year_of[-1] - ordered.year_of[0]) + 1

    def number(first: int, last: int) -> int:
        return int(kernel.number_admissions(
            first, last, starts, ordered.records, ordered.year_of, int(ordered.year_of[0]), years, visits.stays,
            counts, classes, plan_of, plans, examples, numbers,
        ))  # fmt: skip

    while sum(team.each(ordered.chunks, number)):
        for kind, admission in np.argwhere((examples >= 0) & (plan_of == kernel.UNKNOWN)):
            visit = int(ordered.records[examples[kind, admission], sorting.RECORD_VISIT])
            facts = visits.facts_of(visit, int(numbers[kind, admission]))
            plan = plan_for(pack, facts, visits.day_of(visit))
            plan_of[kind, admission] = kernel.REFUSED if isinstance(plan, Refusal) else shelf.add(plan)
    return Planned(plans, shelf)


def compare(ordered: Ordered, settled_a: Settled, settled_b: Settled, team: Team) -> Array:
    """`kernel.GROUP_…` for each group, and for everybody in the last row."""
    groups = len(ordered.groups.examples) + 1

    def work(first: int, last: int) -> Any:
        rows = np.zeros((groups, kernel.GROUP_WIDTH), np.int64)
        most = int(np.diff(ordered.starts[first : last + 1]).max())
        kernel.compare_persons(
            first, last, ordered.starts, ordered.records, ordered.year_of, settled_a.fund, settled_b.fund, rows,
            np.zeros((2 * most, 3), np.int64),
        )  # fmt: skip
        return rows

    parts = np.array(team.each(ordered.chunks, work))
    rows = parts.sum(axis=0)
    for column in (kernel.GROUP_LARGEST_RELIEF, kernel.GROUP_LARGEST_BURDEN):
        rows[:, column] = parts[:, :, column].max(axis=0)
    return rows

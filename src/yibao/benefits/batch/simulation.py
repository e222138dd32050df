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
from yibao.benefits.batch.kinds import Numbering, kinds_of, number_visits
from yibao.benefits.batch.plan_book import PlanBook
from yibao.benefits.batch.result import Simulation, result_of
from yibao.benefits.batch.settled import Settled
from yibao.benefits.batch.sight import Sight, admission_classes, sight_of
from yibao.benefits.batch.team import Team, person_bounds
from yibao.benefits.batch.visits import Array, Visits
from yibao.benefits.pack import Pack
from yibao.core.errors import Refusal

Progress = Callable[[int, int], None]
"""Called with how many persons were settled, and of how many; both packs count."""
CHUNKS = 64


@dataclass(frozen=True)
class Ordered:
    """Visits person by person in the order of time, with their kinds and groups."""

    visits: Visits
    kinds: Numbering
    groups: Numbering
    ordering: kernel.Ordering

    @property
    def chunks(self) -> Sequence[tuple[int, int]]:
        """Persons in pieces, for the threads and for progress."""
        return person_bounds(self.ordering.starts, CHUNKS)


@dataclass(frozen=True)
class Planned:
    """The plan of each record (below 0 when refused), and the plans and refusals of the pack that are in use."""

    plans: Array
    book: PlanBook

    def refused(self) -> dict[str, tuple[Refusal, int]]:
        """By code: an example, and how many visits."""
        reasons = enumerate(self.book.refusals.items())
        return {
            code: (refusal, int(np.count_nonzero(self.plans == kernel.REFUSED - number)))
            for number, (code, refusal) in reasons
        }


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
    month_of = days.astype("datetime64[M]").astype(np.int64)
    ordering = kernel.Ordering(starts, records, year_of, month_of, visits.stays, visits.diseases, visits.credited)
    return Ordered(visits, kinds, groups, ordering)


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
    planned, visits, count = plan_visits(pack, ordered, team), ordered.visits, len(pack.layers)
    own = [visits.portions[name] for name in pack.portions]
    tables = planned.book.shelf.tables(np.stack(own) if own else np.zeros((0, 0), np.int64))
    fund = np.zeros(len(visits), np.int64)
    detail = np.zeros((len(visits) if with_detail else 0, count, OUT_WIDTH), np.int64)

    def pay(first: int, last: int) -> Array:
        paid = np.zeros((len(ordered.groups.examples), count), np.int64)
        scratch = planned.book.shelf.scratch(_most_visits(ordered, first, last))
        kernel.pay_persons(first, last, ordered.ordering, planned.plans, tables, scratch, fund, paid, detail)
        return paid

    paid = sum(team.each(ordered.chunks, pay, done))
    return Settled(pack, fund, paid, planned.refused(), len(tables.offsets), detail)


def plan_visits(pack: Pack, ordered: Ordered, team: Team) -> Planned:
    """Give every visit its plan. A round numbers the admissions; plans that it finds missing are resolved.

    A refusal that a round did not know of changes the numbers after it, so rounds go on until nothing is missing.
    """
    book, plans = PlanBook(pack, ordered.visits), np.empty(len(ordered.visits), np.int32)
    sight = sight_of(ordered.visits, ordered.kinds.examples, pack)
    numbering = _numbering(pack, ordered, sight)
    years = int(ordered.ordering.year_of[-1] - ordered.ordering.year_of[0]) + 1
    missing = np.flatnonzero(~sight.asks)  # every plan that does not depend on the admission can be resolved at once
    numbering.examples[missing, 0], numbering.numbers[missing, 0] = ordered.kinds.examples[missing], 1
    _resolve_missing(book, numbering, sight)

    def number(first: int, last: int) -> int:
        so_far = np.zeros(years, np.int64)
        return int(kernel.number_admissions(first, last, ordered.ordering, numbering, plans, so_far))

    while sum(team.each(ordered.chunks, number)):
        _resolve_missing(book, numbering, sight)
    return Planned(plans, book)


def _resolve_missing(book: PlanBook, numbering: kernel.Numbering, sight: Sight) -> None:
    """Find the plans that were noted as missing."""
    for kind, admission in np.argwhere((numbering.examples >= 0) & (numbering.plan_of == kernel.UNKNOWN)):
        visit, number = numbering.examples[kind, admission], numbering.numbers[kind, admission]
        alike = int(sight.alike[kind]), int(admission)
        numbering.plan_of[kind, admission] = book.plan(int(visit), int(number), alike)


def _numbering(pack: Pack, ordered: Ordered, sight: Sight) -> kernel.Numbering:
    """What the pack counts as an admission, and no plan known yet."""
    classes = admission_classes(pack, _most_visits(ordered, 0, ordered.visits.person_count))
    shape = (len(sight.counts), int(classes.max()) + 1)
    plan_of, examples = np.full(shape, kernel.UNKNOWN, np.int32), np.full(shape, -1, np.int64)
    return kernel.Numbering(sight.counts, sight.asks, classes, plan_of, examples, np.zeros(shape, np.int64))


def _most_visits(ordered: Ordered, first: int, last: int) -> int:
    """The visits of the busiest of these persons."""
    return int(np.diff(ordered.ordering.starts[first : last + 1]).max())


def compare(ordered: Ordered, settled_a: Settled, settled_b: Settled, team: Team) -> Array:
    """`kernel.GROUP_…` for each group, and for everybody in the last row."""
    groups = len(ordered.groups.examples) + 1

    def work(first: int, last: int) -> Any:
        rows = np.zeros((groups, kernel.GROUP_WIDTH), np.int64)
        spare = np.zeros((2 * _most_visits(ordered, first, last), 3), np.int64)
        kernel.compare_persons(first, last, ordered.ordering, settled_a.fund, settled_b.fund, rows, spare)
        return rows

    parts = np.array(team.each(ordered.chunks, work))
    rows = parts.sum(axis=0)
    for column in (kernel.GROUP_LARGEST_RELIEF, kernel.GROUP_LARGEST_BURDEN):
        rows[:, column] = parts[:, :, column].max(axis=0)
    return rows

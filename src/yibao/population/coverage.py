"""Coverage (待遇享受期): on which days an enrolment pays, on which a person waits, and why.

    coverages(history, rules)            pure: the rows that follow from what is known of a person
    await refresh(connection, psn_nos)   recompute population.coverage of these persons, in the caller's transaction

Everybody who changes an enrolment, a paid contribution, a birth or a death calls `refresh` in the same transaction.
Coverage is a function of these facts alone: refreshing twice changes nothing, and the order of events leaves no trace.
Rows taken over from an earlier system stay as they are; computed rows fill only the days that they leave open.
Waiting rules are the area's (`waiting`); a city without them refuses with P001.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import msgspec

from yibao.core.database import Connection
from yibao.population.model import Coverage
from yibao.population.rules import Rules, rules_of
from yibao.population.waiting import (
    MonthlyWaiting,
    PaidMonth,
    ResidentWaiting,
    add_months,
    first_day,
    last_day,
    month_of,
    starts,
)

RESIDENT, EMPLOYEE, CADRE = "390", "310", "340"
ENDED_INVALID, SUSPENDED, RETIRED_TYPE = "3", "2", "12"
ONE_DAY = timedelta(days=1)

LOCK = "select 1 from population.person where psn_no = any ($1) order by psn_no for no key update"
FACTS = """
select p.psn_no, jsonb_build_object(
  'brdy', p.brdy, 'die_date', p.die_date,
  'relations', coalesce((select jsonb_agg(to_jsonb(e) order by e.begndate, e.psn_insu_rlts_id)
                         from population.enrolment e where e.psn_no = p.psn_no), '[]'),
  'paid', coalesce((select jsonb_agg(to_jsonb(c) order by c.period_from)
                    from population.contribution c where c.psn_no = p.psn_no and c.status = 'paid'), '[]'),
  'rows', coalesce((select jsonb_agg(to_jsonb(v) order by v.psn_insu_rlts_id, v.begndate)
                    from population.coverage v where v.psn_no = p.psn_no), '[]')) as facts
from population.person p where p.psn_no = any ($1) and p.merged_into is null
"""
FORGET = "delete from population.coverage where psn_no = any ($1)"
INSERT = """
insert into population.coverage (psn_no, psn_insu_rlts_id, insutype, state, begndate, enddate, reason, clause, origin)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::date[], $6::date[], $7::text[], $8::text[],
                     $9::text[])
"""

TAKE_OVER = """
insert into population.coverage (psn_no, psn_insu_rlts_id, insutype, state, begndate, enddate, reason, origin)
select e.psn_no, e.psn_insu_rlts_id, e.insutype, 'covered', e.begndate, e.enddate, 'taken_over', 'taken_over'
from population.enrolment e
where not exists (select from population.coverage v
                  where v.psn_no = e.psn_no and v.psn_insu_rlts_id = e.psn_insu_rlts_id)
"""


class Relation(msgspec.Struct, frozen=True):
    """What of an enrolment decides coverage."""

    psn_insu_rlts_id: int
    insutype: str
    psn_type: str
    insu_admdvs: str
    begndate: date
    category: str = ""
    enddate: date | None = None
    psn_insu_stas: str = "1"
    paus_date: date | None = None

    @property
    def last(self) -> date:
        """The last day of the enrolment; a suspended one ends before the suspension."""
        last = self.enddate or date.max
        if self.psn_insu_stas == ENDED_INVALID or (self.psn_insu_stas == SUSPENDED and self.paus_date is None):
            return date.min
        if self.psn_insu_stas == SUSPENDED and self.paus_date is not None:
            return min(last, self.paus_date - ONE_DAY)
        return last

    @property
    def retired(self) -> bool:
        """Employee insurance of a pensioner who need not pay any more."""
        return self.insutype == EMPLOYEE and (self.category == "retired" or self.psn_type == RETIRED_TYPE)


class Paid(msgspec.Struct, frozen=True):
    """A paid contribution: a resident's year or an employee's month."""

    insutype: str
    category: str
    kind: str
    period_from: date
    period_to: date
    paid_on: date


class History(msgspec.Struct, frozen=True):
    """Everything that decides a person's coverage; `taken_over` are rows that an earlier system decided."""

    brdy: date
    die_date: date | None = None
    relations: tuple[Relation, ...] = ()
    paid: tuple[Paid, ...] = ()
    taken_over: tuple[Coverage, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Days of a state before it is known which enrolment they belong to."""

    state: str
    first: date
    last: date
    reason: str
    clause: str = ""


def coverages(history: History, rules: Rules) -> tuple[Coverage, ...]:
    """All rows of a person, without overlaps, in the order of enrolment and day. Pure.

    A row that was taken over ends with its enrolment and the person's life; computed rows fill the days left open.
    """
    found: list[Coverage] = []
    for insutype, group in groupby(sorted(history.relations, key=_relation_order), key=lambda one: one.insutype):
        relations = list(group)
        spans = _spans(history, insutype, rules)
        for relation, following in zip(relations, [*relations[1:], None], strict=True):
            found.extend(_rows(history, relation, following, spans))
    return tuple(sorted(found, key=lambda row: (row.psn_insu_rlts_id, row.begndate)))


def _relation_order(relation: Relation) -> tuple[str, date, int]:
    return relation.insutype, relation.begndate, relation.psn_insu_rlts_id


def _rows(
    history: History, relation: Relation, following: Relation | None, spans: Sequence[Span]
) -> Iterable[Coverage]:
    """The spans within one enrolment and the person's life, without the days that were taken over."""
    first = max(relation.begndate, history.brdy)
    last = min(relation.last, history.die_date or date.max)
    if following is not None:
        last = min(last, following.begndate - ONE_DAY)
    if relation.retired:
        spans = [Span("covered", date.min, date.max, "retired")]
    elif relation.insutype == CADRE:
        spans = [Span("covered", date.min, date.max, "enrolled")]
    before = [row for row in history.taken_over if row.psn_insu_rlts_id == relation.psn_insu_rlts_id]
    yield from (cut for row in before if (cut := _ended(row, last)) is not None)
    for span in spans:
        for begin, end in _open_days(max(first, span.first), min(last, span.last), before):
            yield Coverage(
                relation.psn_insu_rlts_id,
                relation.insutype,
                span.state,
                begin,
                None if end == date.max else end,
                span.reason,
                span.clause,
            )


def _ended(row: Coverage, last: date) -> Coverage | None:
    """The row until `last`, None when it begins after it."""
    if row.begndate > last:
        return None
    end = min(row.enddate or date.max, last)
    return msgspec.structs.replace(row, enddate=None if end == date.max else end)


def _open_days(first: date, last: date, taken: Sequence[Coverage]) -> Iterable[tuple[date, date]]:
    """What of the days from `first` to `last` lies outside rows that were taken over."""
    for row in sorted(taken, key=lambda one: one.begndate):
        end = row.enddate or date.max
        if end < first or row.begndate > last:
            continue
        if first < row.begndate:
            yield first, row.begndate - ONE_DAY
        if end == date.max:
            return
        first = end + ONE_DAY
    if first <= last:
        yield first, last


def _spans(history: History, insutype: str, rules: Rules) -> list[Span]:
    paid = sorted((one for one in history.paid if one.insutype == insutype), key=lambda one: one.period_from)
    if insutype == RESIDENT:
        return [span for one in paid for span in _resident_year(history, one, rules)]
    return _monthly(history, paid, rules)


def _resident_year(history: History, paid: Paid, rules: Rules) -> list[Span]:
    """Coverage of a resident's year, and the waiting before it."""
    if paid.kind in ("back_payment", "lump_sum"):
        return []
    newborn = rules.value("newborn_days", paid.paid_on)
    if paid.paid_on <= history.brdy + timedelta(days=newborn.content):
        clause = rules.citation(newborn)
        return [Span("covered", max(history.brdy, paid.period_from), paid.period_to, "newborn", clause)]
    if paid.kind == "midyear":
        return [Span("covered", max(paid.paid_on, paid.period_from), paid.period_to, "midyear")]
    value = rules.value("resident_waiting", paid.paid_on)
    months = _resident_months(history, paid, ResidentWaiting(**value.content))
    if months == 0:
        return [Span("covered", paid.period_from, paid.period_to, "paid")]
    clause = rules.citation(value)
    entered = max(paid.paid_on, paid.period_from)
    start = max(paid.period_from, add_months(paid.paid_on, months))
    waiting = Span("waiting", entered, min(start - ONE_DAY, paid.period_to), "waiting", clause)
    covered = Span("covered", start, paid.period_to, "late", clause)
    return [span for span in (waiting, covered) if span.first <= span.last]


def _resident_months(history: History, paid: Paid, rule: ResidentWaiting) -> int:
    """Months of waiting: none for who paid within the window and missed no year."""
    year = paid.period_from.year
    missed = _missed_years(history, year) if rule.per_missed_year else set()
    if paid.kind == "normal" and not missed:
        return 0
    repaired = {one.period_from.year for one in history.paid if one.kind == "back_payment"} & missed
    return rule.months(len(missed), len(repaired))


def _missed_years(history: History, year: int) -> set[int]:
    """Years without any insurance between the last insured one and `year`; none for who was never insured before."""
    insured = {one.period_from.year for one in history.paid if one.kind != "back_payment"}
    for row in history.taken_over:
        end = row.enddate.year if row.enddate else year
        insured |= set(range(row.begndate.year, min(end, year) + 1))
    before = [one for one in insured if one < year]
    return set(range(max(before) + 1, year)) if before else set()


def _monthly(history: History, paid: Sequence[Paid], rules: Rules) -> list[Span]:
    """Coverage of months paid, one span for each unbroken run of one reason."""
    if not paid:
        return []
    value = rules.value("employee_waiting", paid[-1].paid_on)
    through: int = rules.on("employee_paid_through", paid[-1].paid_on)
    clause = rules.citation(value)
    months = [_paid_month(one) for one in paid if one.kind != "lump_sum"]
    spans: list[Span] = []
    for month, start in zip(months, starts(months, MonthlyWaiting(**value.content)), strict=True):
        reason = "back_paid" if month.paid - month.month > through else "paid"
        if start > month.month:
            _extend(
                spans, "waiting", max(month.month, month.paid), min(start - 1, month.month + through), "waiting", clause
            )
        _extend(spans, "covered", start, month.month + through, reason, clause)
    return spans


def _paid_month(paid: Paid) -> PaidMonth:
    return PaidMonth(month_of(paid.period_from), month_of(paid.paid_on), paid.category == "flexible")


def _extend(spans: list[Span], state: str, first: int, last: int, reason: str, clause: str) -> None:
    """Add months to the last span when they continue it, else as a span of their own."""
    if first > last:
        return
    begin, end = first_day(first), last_day(last)
    if spans and spans[-1].last >= begin - ONE_DAY:
        before = spans.pop()
        if (before.state, before.reason) == (state, reason):
            spans.append(Span(state, before.first, max(end, before.last), reason, clause))
            return
        if before.first < begin:
            spans.append(Span(before.state, before.first, begin - ONE_DAY, before.reason, before.clause))
    spans.append(Span(state, begin, end, reason, clause))


async def take_over(connection: Connection) -> None:
    """Let every enrolment without coverage cover its own days, as an earlier system says (loading, not daily work)."""
    await connection.execute(TAKE_OVER)


async def refresh(connection: Connection, psn_nos: Sequence[str], today: date | None = None) -> None:
    """Recompute the coverage of these persons; writes nothing for whom nothing changes.

    `today` is kept for callers that pass their day; coverage does not depend on it. Raises `Refused` P001 for a
    person of a city without rules.
    """
    numbers = list(psn_nos)
    await connection.execute(LOCK, numbers)
    changed: list[str] = []
    rows: list[tuple[str, Coverage]] = []
    for record in await connection.fetch(FACTS, numbers):
        before, after = _before_and_after(record["facts"])
        if before != after:
            changed.append(record["psn_no"])
            rows.extend((record["psn_no"], row) for row in after)
    if changed:
        await connection.execute(FORGET, changed)
        await connection.execute(INSERT, *_columns(rows))


def _before_and_after(facts: dict[str, Any]) -> tuple[tuple[Coverage, ...], tuple[Coverage, ...]]:
    stored = msgspec.convert(facts.pop("rows"), tuple[Coverage, ...])
    taken_over = tuple(row for row in stored if row.origin == "taken_over")
    history = msgspec.structs.replace(msgspec.convert(facts, History), taken_over=taken_over)
    if not history.relations:
        return stored, ()
    return stored, coverages(history, rules_of(history.relations[-1].insu_admdvs))


def _columns(rows: Sequence[tuple[str, Coverage]]) -> list[list[Any]]:
    """The rows as the arrays that INSERT takes."""
    flat = [
        (
            psn_no,
            row.psn_insu_rlts_id,
            row.insutype,
            row.state,
            row.begndate,
            row.enddate,
            row.reason,
            row.clause,
            row.origin,
        )
        for psn_no, row in rows
    ]
    return [list(column) for column in zip(*flat, strict=True)] if flat else [[] for _ in range(9)]

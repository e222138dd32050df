"""Coverage (待遇享受期): on which days an enrolment pays, on which a person waits, and why.

    coverages(history, rules)            pure: the rows that follow from what is known of a person
    await refresh(connection, psn_nos)   recompute population.coverage of these persons, in the caller's transaction

Everybody who changes an enrolment, a paid contribution, a birth or a death calls `refresh` in the same transaction.
Coverage is a function of these facts alone: refreshing twice changes nothing, and the order of events leaves no trace.
Rows taken over from an earlier system stay as they are; computed rows fill only the days that they leave open.
Which days a payment gives stands in `paid_days`; waiting rules are the area's, and a city without them refuses (P001).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from yibao.core.database import Connection
from yibao.population.entitlement.paid_days import ONE_DAY, History, Relation, Span, spans_of
from yibao.population.entitlement.waiting import unbroken_since
from yibao.population.model import Coverage
from yibao.population.rules import Rules, rules_of

CADRE = "340"

LOCK = "select 1 from population.person where psn_no = any ($1) order by psn_no for no key update"
FACTS = """
select p.psn_no, jsonb_build_object(
  'brdy', p.brdy, 'die_date', p.die_date, 'insured_since', p.insured_since,
  'relations', coalesce((select jsonb_agg(to_jsonb(e) order by e.begndate, e.psn_insu_rlts_id)
                         from population.enrolment e where e.psn_no = p.psn_no and e.psn_insu_stas <> '3'), '[]'),
  'paid', coalesce((select jsonb_agg(to_jsonb(c) order by c.period_from)
                    from population.contribution c where c.psn_no = p.psn_no and c.status = 'paid'), '[]'),
  'elsewhere', coalesce((select jsonb_agg(to_jsonb(t) order by t.begndate)
                         from population.insured_elsewhere t where t.psn_no = p.psn_no), '[]'),
  'suspensions', coalesce((select jsonb_agg(jsonb_build_array(s.psn_insu_rlts_id, s.paus_date, s.resu_date))
                           from population.suspension s join population.enrolment e using (psn_insu_rlts_id)
                           where e.psn_no = p.psn_no), '[]'),
  'rows', coalesce((select jsonb_agg(to_jsonb(v) order by v.psn_insu_rlts_id, v.begndate)
                    from population.coverage v where v.psn_no = p.psn_no), '[]')) as facts
from population.person p where p.psn_no = any ($1)
"""
FACTS_OF_ONE = FACTS.replace("p.psn_no = any ($1)", "p.psn_no = $1")
"""The same for one person: planned once, where an array is planned anew each time."""
FORGET = "delete from population.coverage where psn_no = any ($1)"
INSERT = """
insert into population.coverage (psn_no, psn_insu_rlts_id, insutype, state, begndate, enddate, reason, clause, origin)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::date[], $6::date[], $7::text[], $8::text[],
                     $9::text[])
"""

SINCE = """
update population.person p set insured_since = t.since from unnest($1::text[], $2::date[]) as t (psn_no, since)
where p.psn_no = t.psn_no and p.insured_since is distinct from t.since
"""
TAKE_OVER = """
insert into population.coverage (psn_no, psn_insu_rlts_id, insutype, state, begndate, enddate, reason, origin)
select e.psn_no, e.psn_insu_rlts_id, e.insutype, 'covered', e.begndate, e.enddate, 'taken_over', 'taken_over'
from population.enrolment e
where not exists (select from population.coverage v
                  where v.psn_no = e.psn_no and v.psn_insu_rlts_id = e.psn_insu_rlts_id)
"""


def coverages(history: History, rules: Rules) -> tuple[Coverage, ...]:
    """All rows of a person, without overlaps, in the order of enrolment and day. Pure.

    A row that was taken over ends with its enrolment and the person's life; computed rows fill the days left open.
    Days of a suspension that is over are left out of whatever covers.
    """
    lives = [(relation, *_life(history, relation)) for relation in history.relations]
    kept = [row for relation, _, last in lives for row in _taken_over(history, relation, last)]
    history = msgspec.structs.replace(history, taken_over=tuple(kept))
    spans = {one.insutype: spans_of(history, one.insutype, rules) for one in history.relations}
    found = list(kept)
    for relation, first, last in lives:
        before = [row for row in kept if row.psn_insu_rlts_id == relation.psn_insu_rlts_id]
        for span in _without_payment(relation) or spans[relation.insutype]:
            days = _open_days(max(first, span.first), min(last, span.last), before)
            found.extend(_row(relation, span, begin, end) for begin, end in days)
    for number, first, again in history.suspensions:
        found = [part for row in found for part in _outside(row, number, first, again)]
    return tuple(sorted(found, key=lambda row: (row.psn_insu_rlts_id, row.begndate)))


def _outside(row: Coverage, number: int, first: date, again: date) -> Iterable[Coverage]:
    """What of a row lies outside the days from `first` to the day before `again` of enrolment `number`."""
    last = row.enddate or date.max
    if row.psn_insu_rlts_id != number or row.begndate >= again or last < first:
        yield row
        return
    if row.begndate < first:
        yield msgspec.structs.replace(row, enddate=first - ONE_DAY)
    if last >= again:
        yield msgspec.structs.replace(row, begndate=again)


def insured_since(history: History, rows: Sequence[Coverage], rules: Rules) -> date | None:
    """The first day of the years of unbroken insurance, not before the area begins to count them. Pure."""
    days = [(row.begndate, row.enddate or date.max) for row in rows if row.state == "covered"]
    days += [(one.period_from, one.period_to) for one in history.paid]
    days += [(one.begndate, one.enddate) for one in history.elsewhere]
    return counted_from(unbroken_since((begin.year, end.year) for begin, end in days), rules)


def counted_from(year: int | None, rules: Rules) -> date | None:
    """The first day of a year of insurance, or of the area's counting when that is later."""
    if year is None:
        return None
    counting: date = rules.on("insured_years_from", date(year, 1, 1))
    return max(date(year, 1, 1), counting)


def _life(history: History, relation: Relation) -> tuple[date, date]:
    """First and last day on which the enrolment may cover: birth, death, and the next enrolment of its insurance."""
    later = [
        other.begndate
        for other in history.relations
        if other.insutype == relation.insutype and _order(other) > _order(relation)
    ]
    last = min(relation.last, history.die_date or date.max, min(later, default=date.max))
    if later and last == min(later):
        last -= ONE_DAY
    return max(relation.begndate, history.brdy), last


def _order(relation: Relation) -> tuple[date, int]:
    return relation.begndate, relation.psn_insu_rlts_id


def _taken_over(history: History, relation: Relation, last: date) -> Iterable[Coverage]:
    """Rows of the enrolment that an earlier system decided, until its `last` day."""
    for row in history.taken_over:
        if row.psn_insu_rlts_id == relation.psn_insu_rlts_id and row.begndate <= last:
            end = min(row.enddate or date.max, last)
            yield msgspec.structs.replace(row, enddate=None if end == date.max else end)


def _without_payment(relation: Relation) -> list[Span]:
    """Pensioners and retired cadres (离休人员) are covered without paying."""
    if relation.retired or relation.insutype == CADRE:
        return [Span("covered", date.min, date.max, "retired" if relation.retired else "enrolled")]
    return []


def _row(relation: Relation, span: Span, begin: date, end: date) -> Coverage:
    number, last = relation.psn_insu_rlts_id, None if end == date.max else end
    return Coverage(number, relation.insutype, span.state, begin, last, span.reason, span.clause)


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


async def take_over(connection: Connection) -> None:
    """Let every enrolment without coverage cover its own days, as an earlier system says (loading, not daily work)."""
    await connection.execute(TAKE_OVER)


async def refresh(connection: Connection, psn_nos: Sequence[str]) -> None:
    """Recompute the coverage of these persons; writes nothing for whom nothing changes.

    Raises `Refused` P001 for a person of a city without rules.
    """
    numbers = list(psn_nos)
    await connection.execute(LOCK, numbers)
    changed: dict[str, State] = {}
    one = len(numbers) == 1
    for record in await connection.fetch(FACTS_OF_ONE if one else FACTS, numbers[0] if one else numbers):
        before, after = _before_and_after(record["facts"])
        if before != after:
            changed[record["psn_no"]] = after
    if changed:
        rows = [(psn_no, row) for psn_no, state in changed.items() for row in state.rows]
        await connection.execute(FORGET, list(changed))
        await connection.execute(INSERT, *_columns(rows))
        await connection.execute(SINCE, list(changed), [state.insured_since for state in changed.values()])


async def history_of(connection: Connection, psn_no: str) -> History:
    """What decides the coverage of a registered person."""
    facts = await connection.fetchrow(FACTS_OF_ONE, psn_no)
    return _history(facts["facts"], msgspec.convert(facts["facts"], State))


class State(msgspec.Struct, frozen=True):
    """What is stored of a person."""

    rows: tuple[Coverage, ...]
    insured_since: date | None


def _history(facts: dict[str, Any], before: State) -> History:
    taken_over = tuple(row for row in before.rows if row.origin == "taken_over")
    return msgspec.structs.replace(msgspec.convert(facts, History), taken_over=taken_over)


def _before_and_after(facts: dict[str, Any]) -> tuple[State, State]:
    before = msgspec.convert(facts, State)
    history = _history(facts, before)
    if not history.relations:
        return before, State((), None)
    rules = rules_of(history.relations[-1].insu_admdvs)
    rows = coverages(history, rules)
    return before, State(rows, insured_since(history, rows, rules))


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

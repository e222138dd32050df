"""Coverage of a whole city in the database: read in columns, decided by `coverage_batch`, compared or written.

    async for case in wrong_coverage(connection)        verify: persons whose stored rows are not what follows
    await refresh_city(connection, admdvs)              recompute everybody of a city, by slices of `SLICE` persons

Persons of a city without rules are left alone; a person belongs to the city of his newest enrolment.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import numpy as np

from yibao.core.database import Connection
from yibao.core.errors import Refused
from yibao.population.entitlement import coverage_kernel as kernel
from yibao.population.entitlement.coverage import FORGET, SINCE, counted_from, refresh
from yibao.population.entitlement.coverage_batch import KINDS, Rows, calendar, coverage_batch, insurance, record
from yibao.population.entitlement.coverage_kernel import FAR, People
from yibao.population.entitlement.waiting import unbroken_since
from yibao.population.rules import Rules, rules_of

SLICE = 50_000
Array = Any

PERSONS = """
select p.psn_no,
       (select left(e.insu_admdvs, 4) from population.enrolment e where e.psn_no = p.psn_no and e.psn_insu_stas <> '3'
        order by e.begndate desc, e.psn_insu_rlts_id desc limit 1) as city
from population.person p where p.psn_no > $1 order by p.psn_no limit $2
"""
RESUMED = """
select distinct e.psn_no from population.suspension s join population.enrolment e using (psn_insu_rlts_id)
where e.psn_no = any ($1)
"""
"""Whose enrolment was suspended and goes on again: few, and decided one by one."""
COVERED_WITHOUT_ENROLMENT = "select distinct psn_no from population.coverage where psn_no = any ($1) order by 1"
BORN = """
select psn_no, brdy - date '0001-01-01' + 1 as birth, die_date - date '0001-01-01' + 1 as death
from population.person where psn_no = any ($1)
"""
RELATIONS = """
select psn_no, psn_insu_rlts_id, insutype, begndate - date '0001-01-01' + 1 as begins,
       case when psn_insu_stas = '2' and paus_date is null then 1
            when psn_insu_stas = '2' then least(enddate, paus_date - 1) - date '0001-01-01' + 1
            else enddate - date '0001-01-01' + 1 end as ends,
       insutype = '310' and (category = 'retired' or psn_type = '12') as retired
from population.enrolment where psn_no = any ($1) and psn_insu_stas <> '3' order by psn_no, begndate, psn_insu_rlts_id
"""
PAID = """
select psn_no, insutype, kind, category = 'flexible' as flexible, period_from - date '0001-01-01' + 1 as begins,
       period_to - date '0001-01-01' + 1 as ends, paid_on - date '0001-01-01' + 1 as paid
from population.contribution where psn_no = any ($1) and status = 'paid' order by psn_no, period_from
"""
STORED = """
select psn_no, psn_insu_rlts_id, state = 'covered' as covered, begndate - date '0001-01-01' + 1 as begins,
       enddate - date '0001-01-01' + 1 as ends, origin = 'taken_over' as taken, reason, clause
from population.coverage where psn_no = any ($1) order by psn_no, psn_insu_rlts_id, begndate
"""
ELSEWHERE = """
select psn_no, begndate - date '0001-01-01' + 1 as begins, enddate - date '0001-01-01' + 1 as ends
from population.insured_elsewhere where psn_no = any ($1) order by psn_no, begndate
"""
COLUMNS = (
    "psn_no", "psn_insu_rlts_id", "insutype", "state", "begndate", "enddate", "reason", "clause", "origin",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slice:
    """Some persons of one city: their columns, their numbers, enrolments, and the rows stored for each."""

    people: People
    psn_nos: list[str]
    relations: list[Any]
    stored: dict[str, list[Any]]

    def decided(self, rows: Rows) -> list[set[tuple[Any, ...]]]:
        """What follows for each person: relation, covered, first day, last day or None, reason and clause."""
        found: list[set[tuple[Any, ...]]] = [set() for _ in self.psn_nos]
        for person, relation, state, begin, end, reason, clause in rows.table.tolist():
            number, last = self.relations[relation]["psn_insu_rlts_id"], None if end >= FAR else end
            told = ("", "") if reason == kernel.TAKEN_OVER else (kernel.REASONS[reason], rows.clauses[clause])
            found[person].add((number, state == kernel.COVERED, begin, last, *told))
        return found

    def known(self, place: int) -> set[tuple[Any, ...]]:
        """What is stored for a person, in the same form; of rows taken over neither reason nor clause."""
        return {
            (row["psn_insu_rlts_id"], row["covered"], row["begins"], row["ends"],
             *(("", "") if row["taken"] else (row["reason"], row["clause"])))
            for row in self.stored.get(self.psn_nos[place], [])
        }  # fmt: skip

    def insured_since(self, rows: Rows, rules: Rules) -> list[date | None]:
        """For each person the first day of the years of unbroken insurance; as `coverage.insured_since`."""
        years: list[list[tuple[int, int]]] = [[] for _ in self.psn_nos]
        covered = rows.table[rows.table[:, kernel.ROW_STATE] == kernel.COVERED]
        runs = zip(_years(covered[:, kernel.ROW_BEGIN]), _years(covered[:, kernel.ROW_END]), strict=True)
        for person, run in zip(covered[:, kernel.ROW_PERSON].tolist(), runs, strict=True):
            years[person].append(run)
        paid, elsewhere = self.people.paid, self.people.elsewhere
        for at, begin, end in (
            (self.people.paid_at, _years(paid[:, kernel.PAID_FROM]), _years(paid[:, kernel.PAID_TO])),
            (self.people.elsewhere_at, _years(elsewhere[:, 0]), _years(elsewhere[:, 1])),
        ):
            for person, first in enumerate(at[:-1].tolist()):
                last = int(at[person + 1])
                years[person].extend(zip(begin[first:last], end[first:last], strict=True))
        return [counted_from(unbroken_since(one), rules) for one in years]

    def differing(self, rows: Rows) -> set[int]:
        """Places of the persons for whom other rows follow than are stored."""
        decided, refused = self.decided(rows), set(rows.refused.tolist())
        return {n for n in range(len(self.psn_nos)) if n not in refused and decided[n] != self.known(n)}


async def wrong_coverage(connection: Connection) -> AsyncIterator[str]:
    """Persons whose stored coverage is not what follows from enrolments and contributions."""
    async for city, psn_nos in _persons(connection):
        rules = _rules(city)
        if city is None:
            for row in await connection.fetch(COVERED_WITHOUT_ENROLMENT, psn_nos):
                yield f"person {row[0]}: coverage without an enrolment"
        if rules is not None:
            part = await read_slice(connection, psn_nos)
            resumed = {row[0] for row in await connection.fetch(RESUMED, psn_nos)}
            for place in sorted(part.differing(coverage_batch(part.people, rules))):
                if part.psn_nos[place] in resumed:
                    continue
                yield f"person {part.psn_nos[place]}: {len(part.known(place))} rows stored, others follow"


async def refresh_city(connection: Connection, admdvs: str) -> int:
    """Recompute everybody of a city, in the caller's transaction; returns how many persons changed."""
    rules, changed = rules_of(admdvs), 0
    async for city, psn_nos in _persons(connection):
        if city == admdvs[:4]:
            part = await read_slice(connection, psn_nos)
            rows = coverage_batch(part.people, rules)
            resumed = [row[0] for row in await connection.fetch(RESUMED, psn_nos)]
            different = part.differing(rows)
            await _write(connection, part, rows, different)
            await connection.execute(SINCE, part.psn_nos, part.insured_since(rows, rules))
            await refresh(connection, resumed)
            changed += len(different)
    return changed


async def _write(connection: Connection, part: Slice, rows: Rows, persons: set[int]) -> None:
    """Replace the rows of these persons; rows taken over keep their reason and clause."""
    told = {
        (row["psn_insu_rlts_id"], row["begins"]): (row["reason"], row["clause"])
        for place in persons
        for row in part.stored.get(part.psn_nos[place], [])
        if row["taken"]
    }
    records = []
    for row in rows.table.tolist():
        if row[kernel.ROW_PERSON] in persons:
            relation = part.relations[row[kernel.ROW_RELATION]]
            number = relation["psn_insu_rlts_id"]
            one = record(row, number, relation["insutype"], rows.clauses)
            reason, clause = told.get((number, row[kernel.ROW_BEGIN]), (one.reason, one.clause))
            days = (one.begndate, one.enddate)
            records.append((relation["psn_no"], number, one.insutype, one.state, *days, reason, clause, one.origin))
    await connection.execute(FORGET, [part.psn_nos[place] for place in persons])
    await connection.copy_records_to_table("coverage", schema_name="population", columns=COLUMNS, records=records)


def _rules(city: str | None) -> Any:
    try:
        return rules_of(city) if city else None
    except Refused:
        return None


async def _persons(connection: Connection) -> AsyncIterator[tuple[str | None, list[str]]]:
    """Everybody in slices by number, and within a slice by city."""
    last = ""
    while True:
        rows = await connection.fetch(PERSONS, last, SLICE)
        by_city = sorted(rows, key=lambda row: row["city"] or "")
        for city, group in groupby(by_city, key=lambda row: row["city"]):
            yield city, [row["psn_no"] for row in group]
        if len(rows) < SLICE:
            return
        last = rows[-1]["psn_no"]


async def read_slice(connection: Connection, psn_nos: Sequence[str]) -> Slice:
    """These persons' facts as columns."""
    numbers = list(psn_nos)
    place = {psn_no: n for n, psn_no in enumerate(numbers)}
    born, relations, paid, stored, elsewhere = [
        sorted(await connection.fetch(query, numbers), key=lambda row: place[row["psn_no"]])
        for query in (BORN, RELATIONS, PAID, STORED, ELSEWHERE)
    ]
    first = _starts(relations, place)
    within = {row["psn_insu_rlts_id"]: n - int(first[place[row["psn_no"]]]) for n, row in enumerate(relations)}
    taken = [row for row in stored if row["taken"] and row["psn_insu_rlts_id"] in within]
    city = People(
        _table([(row["birth"], _day(row["death"])) for row in born], 2),
        _table([_relation(row) for row in relations], kernel.RELATION_WIDTH),
        first,
        _table([_payment(row) for row in paid], kernel.PAID_WIDTH),
        _starts(paid, place),
        _table([(within[r["psn_insu_rlts_id"]], int(r["covered"]), *_days(r)) for r in taken], kernel.TAKEN_WIDTH),
        _starts(taken, place),
        _table([_days(row) for row in elsewhere], kernel.ELSEWHERE_WIDTH),
        _starts(elsewhere, place),
    )
    by_person = {str(psn_no): list(rows) for psn_no, rows in groupby(stored, key=lambda row: row["psn_no"])}
    return Slice(city, numbers, relations, by_person)


def _relation(row: Any) -> tuple[int, ...]:
    return insurance(row["insutype"]), *_days(row), int(row["retired"])


def _payment(row: Any) -> tuple[int, ...]:
    return insurance(row["insutype"]), KINDS[row["kind"]], int(row["flexible"]), *_days(row), row["paid"]


def _days(row: Any) -> tuple[int, int]:
    return row["begins"], _day(row["ends"])


def _years(days: Array) -> list[int]:
    """The years of days."""
    months: Array = calendar().month_of[np.minimum(days, FAR) - kernel.DAY_ZERO]
    found: list[int] = (months // 12).tolist()
    return found


def _day(number: int | None) -> int:
    return FAR if number is None else number


def _table(rows: list[tuple[int, ...]], width: int) -> Array:
    return np.array(rows, np.int64).reshape(-1, width)


def _starts(rows: Sequence[Any], place: dict[str, int]) -> Array:
    """Where the rows of each person begin, one more for the end; rows stand in the order of persons."""
    counts = np.bincount([place[row["psn_no"]] for row in rows], minlength=len(place)) if rows else np.zeros(len(place))
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

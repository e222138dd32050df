"""Coverage of many persons at once (成批计算待遇享受期): columns in, rows out, by the loops of `coverage_kernel`.

people = columns_of(histories)              or read from the database: `coverage_city`
rows = coverage_batch(people, rules)        as `coverages` for each; persons in `rows.refused` lack a rule
"""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from yibao.population.entitlement import coverage_kernel as kernel
from yibao.population.entitlement.coverage_kernel import FAR, Calendar, People, RuleTables
from yibao.population.entitlement.paid_days import History
from yibao.population.model import Coverage
from yibao.population.rules import Rules

Array = Any
INSURANCES = {"390": kernel.RESIDENT, "310": kernel.EMPLOYEE, "340": kernel.CADRE}
KINDS = {
    "normal": kernel.NORMAL,
    "late": kernel.LATE,
    "midyear": kernel.MIDYEAR,
    "back_payment": kernel.REPAIR,
    "lump_sum": kernel.LUMP,
}
STATES = ("waiting", "covered")
RESIDENT_NUMBERS = ("fixed", "per_missed_year", "repaired_per_year", "long_break_years", "long_break_floor")
MONTHLY_NUMBERS = ("gap_months", "employee", "flexible")


class Rows(NamedTuple):
    """Rows of coverage: `table` with the columns `coverage_kernel.ROW_…`, the clauses by number, persons refused."""

    table: Array
    clauses: tuple[str, ...]
    refused: Array


class CityRules(NamedTuple):
    """A city's rules as tables, and the clauses that they name."""

    tables: RuleTables
    clauses: tuple[str, ...]


def coverage_batch(people: People, rules: Rules) -> Rows:
    """Coverage of every person by one city's rules; rows of a person in no particular order."""
    city = city_rules(rules)
    paid = np.diff(people.paid_at)
    spans = 2 * paid + 1
    capacity = int((2 * np.diff(people.taken_at) + np.diff(people.relations_at) * spans).sum())
    most = int(spans.max(initial=1))
    rows = np.empty((capacity, kernel.ROW_WIDTH), np.int64)
    refused = np.zeros(len(people.people), np.int8)
    months = np.empty((most, kernel.MONTH_WIDTH), np.int64)
    scratch = np.empty((most, kernel.SPAN_WIDTH), np.int64)
    done = kernel.cover_persons(calendar(), people, city.tables, months, scratch, rows, refused)
    return Rows(rows[:done], city.clauses, np.flatnonzero(refused))


@cache
def calendar() -> Calendar:
    """Months by day and first days by month, from `FIRST_YEAR` to `LAST_YEAR`."""
    first = np.datetime64(f"{kernel.FIRST_YEAR}-01-01")
    days = first + np.arange(FAR - kernel.DAY_ZERO + 1)
    month_of = days.astype("datetime64[M]").astype(np.int64) + 1970 * 12
    count = (kernel.LAST_YEAR + 50 - kernel.FIRST_YEAR) * 12
    starts = (np.datetime64(f"{kernel.FIRST_YEAR}-01") + np.arange(count)).astype("datetime64[D]")
    return Calendar(month_of, (starts - first).astype(np.int64) + kernel.DAY_ZERO)


@cache
def city_rules(rules: Rules) -> CityRules:
    """The rules that decide coverage, as tables. Clause 0 is none."""
    clauses = [""]
    tables = RuleTables(
        _table(rules, "resident_waiting", RESIDENT_NUMBERS, clauses),
        _table(rules, "newborn_days", (), clauses),
        _table(rules, "employee_paid_through", (), clauses),
        _table(rules, "employee_waiting", MONTHLY_NUMBERS, clauses),
    )
    return CityRules(tables, tuple(clauses))


def _table(rules: Rules, name: str, numbers: tuple[str, ...], clauses: list[str]) -> Array:
    known = rules.parameters.get(name)
    values = known.values if known else ()
    table = np.zeros((len(values), kernel.RULE_FIRST + max(1, len(numbers))), np.int64)
    for row, value in zip(table, values, strict=True):
        content = [value.content[number] for number in numbers] if numbers else [value.content]
        row[:] = [value.begins.toordinal(), value.ends.toordinal(), len(clauses), *content]
        clauses.append(rules.citation(value))
    return table


def columns_of(histories: Sequence[History]) -> People:
    """Histories as columns; the enrolments of each in the order of their first day and number."""
    people = [(one.brdy.toordinal(), ordinal(one.die_date)) for one in histories]
    relations, paid, taken, elsewhere = ([_part(one)[n] for one in histories] for n in range(4))
    return People(
        np.array(people, np.int64).reshape(-1, 2),
        *_stacked(relations, kernel.RELATION_WIDTH),
        *_stacked(paid, kernel.PAID_WIDTH),
        *_stacked(taken, kernel.TAKEN_WIDTH),
        *_stacked(elsewhere, kernel.ELSEWHERE_WIDTH),
    )


def _part(history: History) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """The rows of one person: relations, payments, rows taken over, days elsewhere."""
    relations = sorted(history.relations, key=lambda one: (one.begndate, one.psn_insu_rlts_id))
    place = {one.psn_insu_rlts_id: n for n, one in enumerate(relations)}
    paid = sorted(history.paid, key=lambda one: one.period_from)
    return (
        [(insurance(r.insutype), r.begndate.toordinal(), ordinal(r.last), int(r.retired)) for r in relations],
        [
            (
                insurance(p.insutype),
                KINDS[p.kind],
                int(p.category == "flexible"),
                p.period_from.toordinal(),
                p.period_to.toordinal(),
                p.paid_on.toordinal(),
            )
            for p in paid
        ],
        [
            (place[t.psn_insu_rlts_id], STATES.index(t.state), t.begndate.toordinal(), ordinal(t.enddate))
            for t in sorted(history.taken_over, key=lambda one: one.begndate)
            if t.psn_insu_rlts_id in place
        ],
        [(e.begndate.toordinal(), e.enddate.toordinal()) for e in history.elsewhere],
    )


def insurance(insutype: str) -> int:
    """The number of an insurance: 1 to 3 for those with rules of their own, else its digits."""
    return INSURANCES.get(insutype, int(insutype))


def ordinal(day: date | None) -> int:
    """The day as a number, `FAR` for none and for days beyond."""
    return FAR if day is None else min(day.toordinal(), FAR)


def _stacked(parts: list[list[Any]], width: int) -> tuple[Array, Array]:
    at = np.zeros(len(parts) + 1, np.int64)
    np.cumsum([len(part) for part in parts], out=at[1:])
    return np.array([row for part in parts for row in part], np.int64).reshape(-1, width), at


def coverages_of(rows: Rows, histories: Sequence[History]) -> list[tuple[Coverage, ...]]:
    """The rows again as records, person by person, in the order of `coverages`."""
    found: list[list[Coverage]] = [[] for _ in histories]
    first = np.cumsum([0, *(len(one.relations) for one in histories)])
    for row in rows.table.tolist():
        history = histories[row[kernel.ROW_PERSON]]
        relations = sorted(history.relations, key=lambda one: (one.begndate, one.psn_insu_rlts_id))
        relation = relations[row[kernel.ROW_RELATION] - first[row[kernel.ROW_PERSON]]]
        found[row[kernel.ROW_PERSON]].append(record(row, relation.psn_insu_rlts_id, relation.insutype, rows.clauses))
    return [tuple(sorted(one, key=lambda row: (row.psn_insu_rlts_id, row.begndate))) for one in found]


def record(row: Sequence[int], psn_insu_rlts_id: int, insutype: str, clauses: Sequence[str]) -> Coverage:
    """One row of the table as a record; a row taken over keeps neither reason nor clause of its own here."""
    _, _, state, begin, end, reason, clause = row
    return Coverage(
        psn_insu_rlts_id,
        insutype,
        STATES[state],
        date.fromordinal(begin),
        None if end >= FAR else date.fromordinal(end),
        kernel.REASONS[reason],
        clauses[clause],
        "taken_over" if reason == kernel.TAKEN_OVER else "computed",
    )

"""How fast entitlement is decided: one person from the database, one person's coverage anew, a city in arrays."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import date

from yibao.core.database import Connection, Database
from yibao.core.months import first_day, last_day
from yibao.population.entitlement.coverage import refresh
from yibao.population.entitlement.coverage_batch import columns_of, coverage_batch
from yibao.population.entitlement.decision import Entitled, enrolment_on
from yibao.population.entitlement.paid_days import History, Paid, Relation
from yibao.population.queries import care_facts
from yibao.population.rules import rules_of

AREA, DAY = "340600", date(2024, 6, 1)
PERSONS, TASKS, SECONDS = 200_000, 8, 3.0


async def single_rates(database: Database, persons: int, seconds: float = SECONDS) -> dict[str, float]:
    """Per second, `TASKS` at once, over the persons `bench1` … of the bench's town."""

    async def decide(connection: Connection, psn_no: str) -> None:
        if not isinstance(enrolment_on(await care_facts(connection, psn_no, DAY), DAY, "310"), Entitled):
            raise RuntimeError(f"{psn_no} is not entitled: the town is not as it should be")

    async def recompute(connection: Connection, psn_no: str) -> None:
        await refresh(connection, [psn_no])

    return {
        "entitlement of a person, from the database (per second)": await _rate(database, decide, persons, seconds),
        "coverage of a person computed anew (per second)": await _rate(database, recompute, persons, seconds),
    }


async def _rate(
    database: Database, work: Callable[[Connection, str], Awaitable[None]], persons: int, seconds: float
) -> float:
    start = time.perf_counter()

    async def run(task: int) -> int:
        done = 0
        async with database.transaction() as connection:  # as its callers, who pay for the commit
            while time.perf_counter() < start + seconds:
                await work(connection, f"bench{(done * TASKS + task) % persons + 1}")
                done += 1
        return done

    counts = await asyncio.gather(*(run(task) for task in range(TASKS)))
    return sum(counts) / (time.perf_counter() - start)


def batch_rate(persons: int = PERSONS, rounds: int = 3) -> dict[str, float]:
    """Persons per second in arrays on one core: of eight, seven residents with six years, one employee."""
    people = columns_of([_employee() if n % 8 == 0 else _resident(n) for n in range(persons)])
    rules = rules_of(AREA)
    coverage_batch(columns_of([_resident(1)]), rules)  # compiles, or takes what is compiled
    best = 0.0
    for _ in range(rounds):
        start = time.perf_counter()
        coverage_batch(people, rules)
        best = max(best, persons / (time.perf_counter() - start))
    return {"coverage of a city in arrays (persons per second)": best}


def _resident(number: int) -> History:
    """Every third year paid late, every fifth missed."""
    paid = tuple(
        Paid(
            "390",
            "resident",
            "normal" if year % 3 else "late",
            date(year, 1, 1),
            date(year, 12, 31),
            date(year - 1, 11, 5) if year % 3 else date(year, 4, 2),
        )
        for year in range(2020, 2026)
        if (number + year) % 5
    )
    relation = Relation(1, "390", "15", AREA, date(2020, 1, 1), "resident")
    return History(date(1960 + number % 40, 1, 1), relations=(relation,), paid=paid)


def _employee() -> History:
    """Two years of months, every seventh paid a month late."""
    months = range(2024 * 12, 2026 * 12)
    paid = tuple(
        Paid("310", "employee", "normal", first_day(m), last_day(m), first_day(m + (m % 7 == 0))) for m in months
    )
    return History(
        date(1980, 1, 1), relations=(Relation(1, "310", "11", AREA, date(2020, 1, 1), "employee"),), paid=paid
    )

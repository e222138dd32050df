"""Many desks at the same persons at once: starts, deaths, their undoing, merging, sharing; nothing deadlocks."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime
from random import Random
from typing import Any

import pytest

from tests.population.desk import AREA, furnish
from yibao.core import dates
from yibao.core.database import Connection, Database
from yibao.core.errors import Refused
from yibao.population.accounts import credit
from yibao.population.enrolment.deaths import record_death, undo_death
from yibao.population.enrolment.enrolments import Start, end, enrolments_of, start, suspend
from yibao.population.enrolment.merging import merge
from yibao.population.enrolment.persons import NewPerson, register
from yibao.population.enrolment.replay import differences
from yibao.population.entitlement.coverage_city import wrong_coverage
from yibao.population.entitlement.family import Consent, Link, bind
from yibao.settlement.verify import violations

Step = Callable[[Connection, Random, list[str]], Awaitable[Any]]
DIED = date(2024, 5, 20)
DESKS, STEPS = 6, 40


async def begin(connection: Connection, random: Random, people: list[str]) -> None:
    day = date(2024, random.randint(1, 5), 1)
    await start(connection, Start(random.choice(people), "390", "resident", "15", AREA, day), "clerk", "new")


async def stop(connection: Connection, random: Random, people: list[str]) -> None:
    rows = [row for row in await enrolments_of(connection, random.choice(people)) if row.psn_insu_stas == "1"]
    if rows:
        action = random.choice([end, suspend])
        await action(connection, rows[-1].psn_insu_rlts_id, date(2024, 5, random.randint(1, 28)), "clerk", "requested")


async def die(connection: Connection, random: Random, people: list[str]) -> None:
    await record_death(connection, random.choice(people), DIED, "clerk", "公安")


async def live(connection: Connection, random: Random, people: list[str]) -> None:
    await undo_death(connection, random.choice(people), "clerk", "误报")


async def make_one(connection: Connection, random: Random, people: list[str]) -> None:
    if random.random() < 0.2:
        duplicate, survivor = random.sample(people, 2)
        await merge(connection, duplicate, survivor, "clerk", "重复登记")


async def share(connection: Connection, random: Random, people: list[str]) -> None:
    patient, payer = random.sample(people, 2)
    consent = Consent(payer, dates.now(), "counter")
    await bind(connection, Link(patient, payer, random.randint(1, 9), "10", date(2024, 1, 1)), consent)


async def save(connection: Connection, random: Random, people: list[str]) -> None:
    await credit(connection, random.choice(people), 100, f"V{random.random()}", DIED)


ACTIONS: tuple[Step, ...] = (begin, begin, stop, die, live, live, make_one, share, save)


async def test_desks_that_work_on_the_same_persons_at_once_wait_for_each_other(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dates, "now", lambda: datetime(2024, 6, 1, 9, 0, 0))
    async with database.transaction() as connection:
        await furnish(connection)
        woman = NewPerson("", "测试甲", AREA, "2", date(1980, 1, 1), "16", despite_namesake=True)
        passports = [replace(woman, certno=f"E{n}000000") for n in range(8)]
        people = [await register(connection, one, "clerk", "new") for one in passports]
    done: Counter[str] = Counter()

    async def desk(seed: int) -> None:
        random = Random(seed)
        for _ in range(STEPS):
            action = random.choice(ACTIONS)
            try:
                async with database.transaction() as connection:
                    await action(connection, random, people)
                done[action.__name__] += 1
            except Refused:
                done["refused"] += 1

    await asyncio.wait_for(asyncio.gather(*(desk(seed) for seed in range(DESKS))), 60)
    assert {action.__name__ for action in ACTIONS} <= done.keys()
    async with database.connection() as connection:
        broken = {name: cases async for name, cases in violations(connection) if cases}
        assert broken == {}
        async with connection.transaction():
            assert [line async for line in differences(connection)] == []
            assert [line async for line in wrong_coverage(connection)] == []

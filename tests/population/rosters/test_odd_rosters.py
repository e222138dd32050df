"""Rosters as they come: people who live elsewhere, one person twice, two departments and a death at the same moment."""

import asyncio
from datetime import date
from typing import Any

import pytest

from tests.population.rosters.test_comparing import compared
from tests.population.rosters.village import TODAY, build, certno, line, tag, tags
from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.ledger.chart import install_chart
from yibao.population.enrolment.deaths import record_death
from yibao.population.rosters.applying import apply

DUE = """
insert into population.contribution (psn_no, insutype, category, period_from, period_to, personal, fiscal)
values ($1, '390', 'resident', '2024-01-01', '2024-12-31', 38000, 64000)
"""
DEATHS = "证件号码,姓名,死亡日期"


@pytest.fixture
async def town(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr(dates, "today", lambda: TODAY)
    async with database.transaction() as connection:
        await install_chart(connection)
        await build(connection)
    return database


async def test_who_lives_where_no_rules_are_known_does_not_stop_a_roster(village: Any, packs: PackBook) -> None:
    await village.execute("update population.person set live_area = '990102001001' where psn_no = '7'")
    await village.execute(DUE, "6")
    batch = await compared(village, line(6), line(7))
    done = await apply(village, packs, batch.batch_no, "clerk", TODAY)
    assert (done.persons, done.premiums) == (2, 1)


async def test_one_dead_person_under_two_numbers_is_recorded_once(
    village: Any, packs: PackBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dates, "today", lambda: TODAY)
    await village.execute("insert into population.certificate values ('07', 'H12345678', '1')")
    rows = (f"{certno(1)},村民1,2024-03-01", "H12345678,村民1,2024-03-02")
    batch = await compared(village, *rows, department="police", header=DEATHS, mode="incremental")
    await apply(village, packs, batch.batch_no, "clerk", TODAY)
    assert await village.fetchval("select die_date from population.person where psn_no = '1'") == date(2024, 3, 1)
    assert await village.fetchval("select count(*) from population.event where kind = 'died'") == 1


async def test_a_death_and_a_roster_at_the_same_moment_follow_each_other(town: Database, packs: PackBook) -> None:
    async with town.transaction() as connection:
        await tag(connection, 1, "低保", "2023-01-01")
        await connection.execute(DUE, "6")
        batch = await compared(connection, line(6))

    async def roster() -> object:
        async with town.transaction() as connection:
            return await apply(connection, packs, batch.batch_no, "clerk", TODAY, many_endings=True)

    async with town.transaction() as connection:
        await connection.execute("select 1 from population.person where psn_no = '1' for no key update")
        applying = asyncio.create_task(roster())
        await asyncio.sleep(0.5)
        await record_death(connection, "1", date(2024, 3, 10), "clerk", "police")
    with pytest.raises(Refused, match="P808"):
        await applying
    async with town.connection() as connection:
        assert await tags(connection) == [("1", "低保", "2023-01-01", "2024-03-10")]


async def test_two_departments_may_apply_rosters_about_one_person_at_once(town: Database, packs: PackBook) -> None:
    async with town.transaction() as connection:
        for number in ("6", "7"):
            await connection.execute(DUE, number)
        poor = await compared(connection, line(6), line(7))
        disabled = await compared(
            connection, line(7, "重度残疾"), line(6, "重度残疾"), department="disabled_federation"
        )

    async def roster(batch_no: str) -> None:
        async with town.transaction() as connection:
            await apply(connection, packs, batch_no, "clerk", TODAY)

    await asyncio.gather(roster(poor.batch_no), roster(disabled.batch_no))
    async with town.connection() as connection:
        assert len(await tags(connection)) == 4

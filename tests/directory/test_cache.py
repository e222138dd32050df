"""The in-memory catalogue answers as the database does, and forgets when the database changes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest

from yibao.core.database import Database
from yibao.directory.cache import DirectoryCache

ITEM = """
insert into directory.item (area, med_list_codg, valid_from, valid_to, list_type, item_name, med_chrgitm_type,
  chrgitm_lv, selfpay_prop, selfpay_prop_by_insutype, pric_uplmt, version)
values ($1, $2, $3, $4, '101', $2, '09', '02', $5, $6, $7, '20240101001')
"""
INSTITUTION = """
insert into directory.institution (fixmedins_code, fixmedins_name, fixmedins_type, hosp_lv,
  level, admdvs, contract_from)
values ('H34060000001', '测试医院', '1', '2', 3, '340600', '2020-01-01')
"""
DAY = date(2024, 6, 1)


async def add(
    database: Database, code: str, *, since: date = date(2024, 1, 1), until: date | None = None, ratio: int = 1000
) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            ITEM, "340600", code, since, until, ratio, {"390": 1500}, {"3": 5_000_000, "*": 4_000_000}
        )


@pytest.fixture
async def cache(database: Database) -> AsyncIterator[DirectoryCache]:
    cache = DirectoryCache(database, capacity=3)
    await cache.listen()
    yield cache
    await cache.close()


async def test_only_items_in_force_on_the_day_are_found(database: Database, cache: DirectoryCache) -> None:
    await add(database, "A", until=date(2024, 5, 31), ratio=1000)
    await add(database, "A", since=date(2024, 6, 1), ratio=2000)
    await add(database, "B", since=date(2024, 6, 2))
    found = await cache.items("340600", ["A", "B", "C"], DAY)
    assert {code: item.selfpay_prop for code, item in found.items()} == {"A": 2000}
    before = await cache.items("340600", ["A"], date(2024, 5, 31))
    assert before["A"].selfpay_prop == 1000


async def test_own_share_and_price_limit_depend_on_insurance_and_level(
    database: Database, cache: DirectoryCache
) -> None:
    await add(database, "A")
    item = (await cache.items("340600", ["A"], DAY))["A"]
    assert (item.self_pay_ratio("310"), item.self_pay_ratio("390")) == (1000, 1500)
    assert (item.price_limit(3), item.price_limit(2)) == (5_000_000, 4_000_000)


async def test_a_known_code_costs_no_statement(database: Database, cache: DirectoryCache) -> None:
    await add(database, "A")
    await asyncio.sleep(0.1)
    await cache.items("340600", ["A", "unknown"], DAY)
    async with database.connection() as connection:
        counted: list[object] = []
        connection.add_query_logger(counted.append)
        await cache.items("340600", ["A", "unknown"], DAY, connection)
        await asyncio.sleep(0.01)  # the log comes a moment later
        assert counted == []
        await cache.items("340600", ["another"], DAY, connection)
        await asyncio.sleep(0.01)
        assert len(counted) == 1


async def test_a_change_in_the_database_is_seen_within_a_second(database: Database, cache: DirectoryCache) -> None:
    await add(database, "A")
    assert await cache.items("340600", ["B"], DAY) == {}
    await add(database, "B")
    async with asyncio.timeout(1):
        while not await cache.items("340600", ["B"], DAY):
            await asyncio.sleep(0.01)


async def test_more_codes_than_the_capacity_are_all_answered(database: Database, cache: DirectoryCache) -> None:
    for code in "ABCDE":
        await add(database, code)
    for _ in range(2):
        assert sorted(await cache.items("340600", list("ABCDE"), DAY)) == list("ABCDE")


async def test_without_a_listener_nothing_is_kept(database: Database) -> None:
    cache = DirectoryCache(database)
    assert await cache.items("340600", ["A"], DAY) == {}
    await add(database, "A")
    assert list(await cache.items("340600", ["A"], DAY)) == ["A"]


async def test_when_the_listening_connection_is_lost_changes_are_still_seen(
    database: Database, cache: DirectoryCache
) -> None:
    assert await cache.items("340600", ["A"], DAY) == {}
    async with database.connection() as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and query like 'LISTEN%' and pid <> pg_backend_pid()"
        )
    await asyncio.sleep(0.2)
    await add(database, "A")
    assert list(await cache.items("340600", ["A"], DAY)) == ["A"]


async def test_after_a_lost_connection_it_listens_and_keeps_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yibao.directory.cache.RETRY_SECONDS", 0.05)
    cache = DirectoryCache(database)
    await cache.listen()
    async with database.connection() as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and query like 'LISTEN%' and pid <> pg_backend_pid()"
        )
    await asyncio.sleep(0.5)
    await cache.items("340600", ["A"], DAY)
    async with database.connection() as connection:
        counted: list[object] = []
        connection.add_query_logger(counted.append)
        await cache.items("340600", ["A"], DAY, connection)
        await asyncio.sleep(0.01)
    assert counted == []
    await cache.close()


async def test_an_institution_is_found_and_its_suspension_seen(database: Database, cache: DirectoryCache) -> None:
    assert await cache.institution("H34060000001") is None
    async with database.transaction() as connection:
        await connection.execute(INSTITUTION)
    found = await cache.institution("H34060000001")
    assert found is not None
    assert not found.suspended_on(DAY)
    async with database.transaction() as connection:
        await connection.execute("update directory.institution set status = 'suspended'")
    async with asyncio.timeout(1):
        while not (await cache.institution("H34060000001")).suspended_on(DAY):  # type: ignore[union-attr]
            await asyncio.sleep(0.01)

"""Transactions commit or leave nothing; a database that is away is a fault that heals by itself."""

import asyncio
import os
import signal
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest

from yibao.core.database import Database, connect
from yibao.core.embedded import EmbeddedPostgres
from yibao.core.errors import Conflict, Unavailable

FAIL = "do $$ begin raise exception 'made up' using errcode = '{}'; end $$"


async def test_json_numbers_come_back_exact(connection: asyncpg.Connection) -> None:
    value = {"fen": 123, "ratio": Decimal("0.10"), "name": "统筹"}
    assert await connection.fetchval("select $1::jsonb", value) == value
    assert await connection.fetchval("select $1::json", value) == value


async def test_every_connection_lives_in_shanghai(database: Database) -> None:
    async with database.connection() as connection:
        assert await connection.fetchval("show timezone") == "Asia/Shanghai"


async def test_an_exception_leaves_nothing_of_its_transaction(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("create table note (text text)")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await _write_half(database)
    async with database.connection() as connection:
        assert await connection.fetchval("select count(*) from note") == 0


@pytest.mark.parametrize("code", ["53100", "53200", "57P01", "58030"])
async def test_a_machine_that_cannot_go_on_is_unavailable(database: Database, code: str) -> None:
    with pytest.raises(Unavailable):
        async with database.transaction() as connection:
            await connection.execute(FAIL.format(code))


@pytest.mark.parametrize("code", ["40001", "40P01", "55P03"])
async def test_a_lost_race_is_a_conflict(database: Database, code: str) -> None:
    with pytest.raises(Conflict):
        async with database.transaction() as connection:
            await connection.execute(FAIL.format(code))


async def test_a_mistake_in_sql_stays_a_mistake(database: Database) -> None:
    with pytest.raises(asyncpg.UndefinedTableError):
        async with database.transaction() as connection:
            await connection.execute("select * from nowhere")


async def test_readiness_comes_back_after_a_full_disk_when_writing_works_again(database: Database) -> None:
    with pytest.raises(Unavailable):
        async with database.transaction() as connection:
            await connection.execute(FAIL.format("53100"))
    assert database._disk_was_full
    assert await database.ready() is None
    assert not database._disk_was_full


async def test_a_database_that_is_away_is_unavailable_and_then_used_again(home: Path) -> None:
    server = EmbeddedPostgres(home, say=lambda line: None)
    server.acquire()
    database = await Database.open(server.url)
    assert await database.ready() is None
    sleeping = asyncio.create_task(_sleep_in_transaction(database))
    await asyncio.sleep(0.1)
    os.kill(int((server.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    with pytest.raises(Unavailable):
        await sleeping
    assert await database.ready() is not None
    with pytest.raises(Unavailable):
        await _sleep_in_transaction(database)
    await asyncio.to_thread(server.acquire)
    assert await database.ready() is None
    async with database.transaction() as connection:
        assert await connection.fetchval("select 1") == 1
    await database.close()
    server.release()


async def test_connecting_to_nothing_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await connect(f"postgresql://postgres@/yibao?host={tmp_path}")


async def _write_half(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("insert into note values ('half')")
        await connection.execute("select 1 / 0")


async def _sleep_in_transaction(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("select pg_sleep(20)")

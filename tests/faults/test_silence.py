"""A database that takes a statement and says nothing more: given up in time, and only then."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.settlement.wire import Wire
from yibao.core.database import Database
from yibao.core.errors import Unavailable

LESS_THAN_ONE_STATEMENT = 15.0  # seconds; a rollback that waits like any statement takes twice that


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[Wire]:
    with tempfile.TemporaryDirectory(prefix="yibao-wire-") as directory:
        wire = Wire(database_url, Path(directory))
        await wire.open()
        yield wire
        wire.speaks.set()
        wire.close()


@pytest.fixture
async def over_wire(wire: Wire) -> AsyncIterator[Database]:
    database = await Database.open(wire.url, connections=1)
    yield database
    await database.close()


async def test_a_transaction_does_not_wait_for_the_rollback_on_a_server_that_is_silent(
    over_wire: Database, wire: Wire
) -> None:
    async with asyncio.timeout(LESS_THAN_ONE_STATEMENT):
        with pytest.raises(Unavailable):
            await ask_while_silent(over_wire, wire)
    wire.speaks.set()
    async with over_wire.transaction() as connection:
        assert await connection.fetchval("select 1") == 1


async def ask_while_silent(database: Database, wire: Wire) -> None:
    async with database.transaction() as connection:
        wire.speaks.clear()
        await connection.fetchval("select 1", timeout=0.2)


async def test_a_reader_does_not_wait_for_a_server_that_is_silent(over_wire: Database, wire: Wire) -> None:
    async with over_wire.connection() as connection:
        await connection.fetchval("select 1")
    async with asyncio.timeout(LESS_THAN_ONE_STATEMENT):
        wire.speaks.clear()
        assert await over_wire.ready() is not None
    wire.speaks.set()
    assert await over_wire.ready() is None


async def test_a_statement_that_is_merely_slow_is_cancelled_and_its_connection_kept(database: Database) -> None:
    async with database.connection() as connection:
        server_process = await connection.fetchval("select pg_backend_pid()")
    with pytest.raises(Unavailable):
        async with database.transaction() as connection:
            await connection.fetchval("select pg_sleep(20)", timeout=0.2)
    async with database.connection() as connection:
        assert await connection.fetchval("select pg_backend_pid()") == server_process

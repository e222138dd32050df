from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.population.rosters.village import build
from yibao.benefits.book import PackBook
from yibao.core.database import Database
from yibao.ledger.chart import install_chart


@pytest.fixture(scope="session")
def packs() -> PackBook:
    return PackBook.load()


@pytest.fixture
async def village(database: Database) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    """A connection in a transaction over the village."""
    async with database.transaction() as connection:
        await install_chart(connection)
        await build(connection)
        yield connection

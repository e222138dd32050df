"""A small town for the tests of settlement: two hospitals, a pharmacy, six people, four items."""

from datetime import date, datetime
from pathlib import Path

import pytest

from tests.settlement.town import Town
from yibao.benefits.book import PackBook
from yibao.core.database import Database
from yibao.directory.cache import DirectoryCache
from yibao.ledger import install_chart
from yibao.settlement.services import Services

AREAS = Path(__file__).parent / "areas"
NOW = datetime(2024, 6, 3, 10, 0, 0)


@pytest.fixture
async def town(database: Database, monkeypatch: pytest.MonkeyPatch) -> Town:
    """The town with its services; business time stands at `NOW` unless a test moves it."""
    services = Services(database, DirectoryCache(database), PackBook.load(AREAS))
    town = Town(services, monkeypatch)
    town.clock(NOW)
    async with database.transaction() as connection:
        await install_chart(connection)
        await town.build(connection, date(2024, 1, 1))
    return town

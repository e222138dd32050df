"""The town of the settlement tests behind a gateway: its hospital and pharmacy have programs with credentials."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.gateway.client import Program
from tests.settlement.town import COUNTY_HOSPITAL, HOSPITAL, PHARMACY, Town
from yibao.benefits.book import PackBook
from yibao.core.database import Database
from yibao.directory.cache import DirectoryCache
from yibao.gateway.credentials import Credential, write_credential
from yibao.gateway.dispatch import Gateway
from yibao.ledger import install_chart
from yibao.settlement.services import Services

AREAS = Path(__file__).parents[1] / "settlement" / "areas"
KEY = bytes(range(32))
NOW = datetime.fromisoformat("2024-06-03 10:00:00")


@dataclass(frozen=True)
class City:
    """Everything a test needs: the town, the gateway, one program per institution."""

    town: Town
    gateway: Gateway
    hospital: Program
    county: Program
    pharmacy: Program


@pytest.fixture
async def city(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[City]:
    services = Services(database, DirectoryCache(database), PackBook.load(AREAS))
    town = Town(services, monkeypatch)
    town.clock(NOW)
    async with database.transaction() as connection:
        await install_chart(connection)
        await town.build(connection, date(2024, 1, 1))
        for code in (HOSPITAL, COUNTY_HOSPITAL, PHARMACY):
            await write_credential(connection, KEY, Credential(code, code, f"secret-{code}"))
    gateway = Gateway(services, KEY)
    programs = [Program(gateway, code, f"secret-{code}") for code in (HOSPITAL, COUNTY_HOSPITAL, PHARMACY)]
    yield City(town, gateway, *programs)
    for program in programs:
        await program.http.aclose()

"""The town of the gateway tests with hard rules made by hand at its counter."""

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime

import pytest

from tests.gateway.client import Program
from tests.gateway.conftest import AREAS, KEY, City
from tests.settlement.town import COUNTY_HOSPITAL, HOSPITAL, PHARMACY, Town
from tests.supervision.counter.orders import rulebooks
from yibao.benefits.book import PackBook
from yibao.core.database import Database
from yibao.directory.cache import DirectoryCache
from yibao.gateway.credentials import Credential, write_credential
from yibao.gateway.dispatch import Gateway
from yibao.ledger import install_chart
from yibao.settlement.services import Services
from yibao.supervision.counter.review import Counter
from yibao.supervision.counter.rulebooks import Rulebooks

Watched = Callable[[Rulebooks], City]


@pytest.fixture
async def watched(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watched]:
    """`watched(rulebooks)`: the city with these rules."""
    services = Services(database, DirectoryCache(database), PackBook.load(AREAS))
    town = Town(services, monkeypatch)
    town.clock(datetime.fromisoformat("2024-06-03 10:00:00"))
    async with database.transaction() as connection:
        await install_chart(connection)
        await town.build(connection, date(2024, 1, 1))
        for code in (HOSPITAL, COUNTY_HOSPITAL, PHARMACY):
            await write_credential(connection, KEY, Credential(code, code, f"secret-{code}"))
        await connection.execute(
            "insert into directory.doctor (dr_codg, dr_name, fixmedins_code, dept_codg, valid_from, prof_title)"
            " values ('D1', '医师甲', $1, 'K1', '2020-01-01', '234'), ('D9', '主任乙', $1, 'K1', '2020-01-01', '231')",
            HOSPITAL,
        )
    programs: list[Program] = []

    def city(rules: Rulebooks) -> City:
        gateway = Gateway(services, KEY, counter=Counter(services.directory, rules))
        town.services = gateway.services
        new = [Program(gateway, code, f"secret-{code}") for code in (HOSPITAL, COUNTY_HOSPITAL, PHARMACY)]
        programs.extend(new)
        return City(town, gateway, *new)

    yield city
    for program in programs:
        await program.http.aclose()


@pytest.fixture
def city(watched: Watched) -> City:
    """The city with two hard rules: a drug for women only, which refuses; a drug for level 3 only, suspicious."""
    return watched(rulebooks())

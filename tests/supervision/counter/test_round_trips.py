"""How often a question at the counter waits for the database, counted on the wire, when warm."""

import tempfile
from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.gateway.client import Program
from tests.gateway.messages import fee_row
from tests.settlement.town import DRUG_A, DRUG_B, HOSPITAL, OWN_PAID, Town
from tests.settlement.wire import Wire
from tests.supervision.counter.orders import asking, encounter, order, rulebooks
from yibao.benefits.book import PackBook
from yibao.core.database import Database
from yibao.directory.cache import DirectoryCache
from yibao.gateway.credentials import Credential, write_credential
from yibao.gateway.dispatch import Gateway
from yibao.ledger import install_chart
from yibao.settlement.services import Services
from yibao.supervision.counter.review import Counter

AREAS = Path(__file__).parents[2] / "settlement" / "areas"
KEY = bytes(range(32))


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[Wire]:
    with tempfile.TemporaryDirectory(prefix="yibao-wire-") as directory:
        wire = Wire(database_url, Path(directory))
        await wire.open()
        yield wire
        wire.close()


@pytest.fixture
async def hospital(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Town, Program]]:
    database, listening = await Database.open(wire.url, connections=1), await Database.open(wire.url, connections=1)
    directory = DirectoryCache(listening)
    await directory.listen()
    services = Services(database, directory, PackBook.load(AREAS))
    town = Town(services, monkeypatch)
    town.clock(datetime.fromisoformat("2024-06-03 10:00:00"))
    async with database.transaction() as connection:
        await install_chart(connection)
        await town.build(connection, date(2024, 1, 1))
        await write_credential(connection, KEY, Credential(HOSPITAL, HOSPITAL, "secret"))
    program = Program(Gateway(services, KEY, counter=Counter(directory, rulebooks())), HOSPITAL, "secret")
    yield town, program
    await program.http.aclose()
    await directory.close()
    await listening.close()
    await database.close()


async def test_a_clean_order_waits_for_the_nonce_and_the_history(hospital: tuple[Town, Program], wire: Wire) -> None:
    _, program = hospital
    ask = asking("w2", encounter("V1", *(order(f"R{n}", DRUG_A) for n in range(40))))
    await program.ok("3101", ask)
    before = wire.round_trips
    await program.ok("3101", ask)
    assert wire.round_trips - before == 2


async def test_a_warning_adds_the_statement_that_keeps_it(hospital: tuple[Town, Program], wire: Wire) -> None:
    _, program = hospital
    ask = asking("w1", encounter("V1", *(order(f"R{n}", DRUG_A) for n in range(40))))
    assert len((await program.ok("3101", ask))["result"]) == 40
    before = wire.round_trips
    await program.ok("3101", ask)
    assert wire.round_trips - before == 3


async def test_an_upload_that_no_rule_refuses_waits_no_longer_than_before(
    hospital: tuple[Town, Program], wire: Wire
) -> None:
    town, program = hospital
    visit = await town.visit("w2")
    await program.ok("2204", {"feedetail": [fee_row("w2", visit, "F1", DRUG_B, "5")]})
    before = wire.round_trips
    await program.ok("2204", {"feedetail": [fee_row("w2", visit, "F2", OWN_PAID, "5")]})
    untouched = wire.round_trips - before
    before = wire.round_trips
    await program.ok("2204", {"feedetail": [fee_row("w2", visit, "F3", DRUG_A, "5")]})
    assert wire.round_trips - before == untouched

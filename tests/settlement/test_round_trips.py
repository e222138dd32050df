"""How often a settlement waits for the database, counted on the wire and not in the program.

Counted when warm, as every settlement but the first of a process is: its statements are prepared, the catalogue items
and the institution are in memory.
"""

import tempfile
from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.gateway.client import Program
from tests.gateway.messages import sale
from tests.settlement.town import DRUG_A, DRUG_B, PHARMACY, Town, render
from tests.settlement.wire import Wire
from yibao.benefits.book import PackBook
from yibao.core.database import Database
from yibao.directory.cache import DirectoryCache
from yibao.gateway.credentials import Credential, write_credential
from yibao.gateway.dispatch import Gateway
from yibao.ledger import install_chart
from yibao.settlement.actions import settle
from yibao.settlement.services import Services

AREAS = Path(__file__).parent / "areas"
KEY = bytes(range(32))
TEN_LINES = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "10")


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[Wire]:
    with tempfile.TemporaryDirectory(prefix="yibao-wire-") as directory:
        wire = Wire(database_url, Path(directory))
        await wire.open()
        yield wire
        wire.close()


@pytest.fixture
async def town(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """The town of the settlement tests, with one connection that leads over the wire."""
    database, listening = await Database.open(wire.url, connections=1), await Database.open(wire.url, connections=1)
    directory = DirectoryCache(listening)
    await directory.listen()
    town = Town(Services(database, directory, PackBook.load(AREAS)), monkeypatch)
    town.clock(datetime.fromisoformat("2024-06-03 10:00:00"))
    async with database.transaction() as connection:
        await install_chart(connection)
        await town.build(connection, date(2024, 1, 1))
        await write_credential(connection, KEY, Credential(PHARMACY, PHARMACY, "secret"))
    yield town
    await directory.close()
    await listening.close()
    await database.close()


async def outpatient_visit(town: Town) -> str:
    mdtrt_id = await town.visit("w2")
    await town.upload("w2", mdtrt_id, *(town.line(DRUG_A, yuan) for yuan in TEN_LINES))
    return mdtrt_id


async def test_a_pharmacy_sale_of_ten_lines_takes_four_round_trips_from_begin_to_commit(town: Town, wire: Wire) -> None:
    await town.buy("w1", *TEN_LINES)
    before = wire.round_trips
    await town.buy("w1", *TEN_LINES)
    assert wire.round_trips - before == 4  # begin, open the case, write, commit: the lines came with the message


async def test_an_outpatient_settlement_of_ten_lines_takes_five_round_trips(town: Town, wire: Wire) -> None:
    first, second = await outpatient_visit(town), await outpatient_visit(town)
    await town.settle("w2", first, insutype="310")
    before = wire.round_trips
    await town.settle("w2", second, insutype="310")
    assert wire.round_trips - before == 5  # begin, open the case, read the lines, write, commit


async def test_a_signed_message_adds_one_round_trip_for_its_nonce(town: Town, wire: Wire) -> None:
    program = Program(Gateway(town.services, KEY), PHARMACY, "secret")
    await program.ok("2102", sale("w1", DRUG_B, "8"))
    before = wire.round_trips
    await program.ok("2102", sale("w1", DRUG_B, "8"))
    assert wire.round_trips - before == 5
    await program.http.aclose()


async def test_a_repeated_message_takes_three_round_trips(town: Town, wire: Wire) -> None:
    request, message = town.sale("w1", town.line(DRUG_A, "8")), town.message(PHARMACY, "2102")
    await settle(town.services, request, message, render)
    before = wire.round_trips
    await settle(town.services, request, message, render)
    assert wire.round_trips - before == 3  # begin, open the case, commit

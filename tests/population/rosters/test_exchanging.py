"""Files of departments in, lists out: numbered, checked, replay-safe, and kept."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.population.rosters.village import CITY, HEADER, TODAY, build, line, sheet, tag, tags
from yibao.benefits.book import PackBook
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.ledger.chart import install_chart
from yibao.population import rules
from yibao.population.rosters.exchange import Manifest, Receipt, acknowledge, content_of, history, send, take_in
from yibao.population.rosters.exchange_folders import Swept, sweep
from yibao.population.rosters.exchange_stub import DepartmentStub


@pytest.fixture
async def city(database: Database) -> Database:
    async with database.transaction() as connection:
        await install_chart(connection)
        await build(connection)
        await tag(connection, 3, "低保", "2023-01-01")
    return database


@pytest.fixture
def civil_affairs(tmp_path: Path) -> DepartmentStub:
    return DepartmentStub(tmp_path, CITY, "civil_affairs")


@pytest.fixture
def automatic(monkeypatch: pytest.MonkeyPatch) -> None:
    """The area applies rosters without asking."""
    known = rules.Rules.on

    def on(self: rules.Rules, name: str, day: Any) -> Any:
        return (
            {"automatic": True, "most_ended_percent": 100} if name == "roster_application" else known(self, name, day)
        )

    monkeypatch.setattr(rules.Rules, "on", on)


async def swept(city: Database, packs: PackBook, stub: DepartmentStub) -> Swept:
    return await sweep(city, packs, stub.root, CITY, "exchange", TODAY)


async def receipt(city: Database, packs: PackBook, stub: DepartmentStub) -> Receipt:
    (one,) = (await swept(city, packs, stub)).receipts[stub.code]
    return one


def rows_of(content: bytes) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(min_row=3, values_only=True))


async def test_a_roster_is_taken_in_compared_and_answered_line_by_line(
    city: Database, packs: PackBook, civil_affairs: DepartmentStub
) -> None:
    civil_affairs.put(sheet([line(1), line(7), line(2, "返贫致贫")]), "低保名册.csv", TODAY)
    one = await receipt(city, packs, civil_affairs)
    assert (one.status, one.batch_status, one.refusals) == ("received", "compared", ())
    lists = dict(civil_affairs.fetch())
    assert [row[4:6] for row in rows_of(lists["answers"])] == [
        ("已比对到人", "新增"),
        ("已比对到人", "新增、漏保"),
        ("有错误，未处理", None),
    ]
    assert [row[0] for row in rows_of(lists["uninsured"])] == ["漏保"]
    tax = DepartmentStub(civil_affairs.root, CITY, "tax")
    assert [kind for kind, _ in tax.fetch()] == ["uninsured"]
    async with city.connection() as connection:
        assert len(await tags(connection)) == 1  # a clerk decides first


@pytest.mark.usefixtures("automatic")
async def test_where_the_area_says_so_a_roster_takes_effect_by_itself(
    city: Database, packs: PackBook, civil_affairs: DepartmentStub
) -> None:
    civil_affairs.put(sheet([line(1)]), "低保名册.csv", TODAY)
    assert (await receipt(city, packs, civil_affairs)).batch_status == "applied"
    lists = dict(civil_affairs.fetch())
    assert [row[0] for row in rows_of(lists["tag_changes"])] == ["新增", "结束"]


@pytest.mark.usefixtures("automatic")
async def test_a_doubtful_line_keeps_a_roster_waiting_for_a_clerk(
    city: Database, packs: PackBook, civil_affairs: DepartmentStub
) -> None:
    civil_affairs.put(sheet([line(1), line(2).replace("村民2", "张三")]), "低保名册.csv", TODAY)
    assert (await receipt(city, packs, civil_affairs)).batch_status == "compared"


async def test_the_same_number_with_the_same_content_changes_nothing(
    city: Database, packs: PackBook, civil_affairs: DepartmentStub
) -> None:
    content = sheet([line(1)])
    civil_affairs.put(content, "低保名册.csv", TODAY)
    first = await receipt(city, packs, civil_affairs)
    civil_affairs.put(content, "低保名册.csv", TODAY, sequence=1)
    again = await receipt(city, packs, civil_affairs)
    assert (again.status, again.batch_no) == ("repeated", first.batch_no)
    async with city.connection() as connection:
        assert [one.direction for one in await history(connection, CITY, "civil_affairs")].count("in") == 1


async def test_the_same_number_with_other_content_is_quarantined(
    city: Database, packs: PackBook, civil_affairs: DepartmentStub
) -> None:
    civil_affairs.put(sheet([line(1)]), "低保名册.csv", TODAY)
    await swept(city, packs, civil_affairs)
    civil_affairs.put(sheet([line(2)]), "低保名册2.csv", TODAY, sequence=1)
    one = await receipt(city, packs, civil_affairs)
    assert (one.status, one.refusals[0].code) == ("quarantined", "P823")
    assert "P823" in (civil_affairs.folder / "quarantine" / "1.reasons.txt").read_text("utf-8")


async def test_a_number_too_high_waits_for_the_ones_between(
    city: Database, packs: PackBook, civil_affairs: DepartmentStub
) -> None:
    civil_affairs.put(sheet([line(2)]), "二.csv", TODAY, sequence=3)
    one = await receipt(city, packs, civil_affairs)
    assert (one.status, one.refusals[0].code, "1至2" in one.refusals[0].text) == ("waiting", "P824", True)
    civil_affairs.put(sheet([line(1)]), "一.csv", TODAY, sequence=1)
    civil_affairs.put(sheet([line(4)]), "中.csv", TODAY, sequence=2)
    found = (await swept(city, packs, civil_affairs)).receipts["civil_affairs"]
    assert [(one.sequence, one.status) for one in found] == [(1, "received"), (2, "received"), (3, "received")]


async def test_a_damaged_file_is_quarantined_and_its_number_stays_free(
    city: Database, packs: PackBook, civil_affairs: DepartmentStub
) -> None:
    manifest = civil_affairs.put(sheet([line(1)]), "低保名册.csv", TODAY)
    (civil_affairs.folder / "inbox" / manifest.file_name).write_bytes(b"half")
    one = await receipt(city, packs, civil_affairs)
    assert (one.status, one.refusals[0].code) == ("quarantined", "P822")
    civil_affairs.put(sheet([line(1)]), "低保名册.csv", TODAY)
    assert (await receipt(city, packs, civil_affairs)).status == "received"


async def test_a_manifest_whose_file_is_not_there_yet_is_quarantined(
    city: Database, packs: PackBook, civil_affairs: DepartmentStub
) -> None:
    manifest = civil_affairs.put(sheet([line(1)]), "低保名册.csv", TODAY)
    (civil_affairs.folder / "inbox" / manifest.file_name).unlink()
    assert (await receipt(city, packs, civil_affairs)).refusals[0].code == "P822"


@pytest.mark.parametrize(
    ("content", "code"),
    [(f"{HEADER}\n", "C110"), ("PK\x03\x04", "C103"), ("甲,乙\n1,2\n", "C107")],
)
async def test_a_file_that_is_no_roster_is_quarantined_with_its_reasons(
    city: Database, packs: PackBook, civil_affairs: DepartmentStub, content: str, code: str
) -> None:
    civil_affairs.put(content.encode(), "低保名册.xlsx", TODAY)
    one = await receipt(city, packs, civil_affairs)
    assert (one.status, one.refusals[0].code) == ("quarantined", code)
    async with city.connection() as connection:
        assert await connection.fetchval("select count(*) from population.roster_batch") == 0


@pytest.mark.parametrize(
    "manifest",
    [
        "{",
        "[]",
        '{"sequence": 1}',
        '{"sequence":1,"kind":"roster","file_name":"../../x","sm3":"00","as_of":"2024-03-15"}',
        '{"admdvs":"429900","sequence":1,"kind":"roster","file_name":"x.csv","sm3":"00","as_of":"2024-03-15"}',
    ],
)
async def test_a_manifest_that_cannot_be_read_is_quarantined(
    city: Database, packs: PackBook, civil_affairs: DepartmentStub, manifest: str
) -> None:
    inbox = civil_affairs.folder / "inbox"
    inbox.mkdir(parents=True)
    (inbox / "1.manifest.json").write_text(manifest)
    one = await receipt(city, packs, civil_affairs)
    assert (one.status, one.refusals[0].code) == ("quarantined", "P821")


async def test_a_file_of_another_kind_is_quarantined(city: Database, packs: PackBook) -> None:
    manifest = Manifest(
        admdvs=CITY, department="civil_affairs", sequence=1, kind="photo", file_name="a.jpg", sm3="0", as_of=TODAY
    )
    async with city.transaction() as connection:
        one = await take_in(connection, packs, manifest, b"x", "exchange", TODAY)
    assert [refusal.code for refusal in one.refusals] == ["P822", "P825"]


async def test_what_was_fetched_is_acknowledged_and_not_put_out_again(
    city: Database, packs: PackBook, civil_affairs: DepartmentStub
) -> None:
    async with city.transaction() as connection:
        assert await send(connection, CITY, "civil_affairs", "uninsured", "清单.xlsx", b"content", 1, "clerk") == 1
        assert await send(connection, CITY, "civil_affairs", "uninsured", "清单2.xlsx", b"more", 1, "clerk") == 2
    assert (await swept(city, packs, civil_affairs)).sent["civil_affairs"] == [1, 2]
    assert civil_affairs.fetch() == [("uninsured", b"content"), ("uninsured", b"more")]
    again = await swept(city, packs, civil_affairs)
    assert (again.acknowledged["civil_affairs"], again.sent["civil_affairs"]) == ([1, 2], [])
    async with city.connection() as connection:
        found = await history(connection, CITY, "civil_affairs")
    assert [(one.sequence, one.status) for one in found] == [(2, "acknowledged"), (1, "acknowledged")]


async def test_only_what_is_there_can_be_fetched_and_acknowledged(city: Database) -> None:
    async with city.transaction() as connection:
        await send(connection, CITY, "civil_affairs", "uninsured", "清单.xlsx", b"content", 1, "clerk")
    async with city.connection() as connection:
        with pytest.raises(Refused, match="P826"):
            await content_of(connection, CITY, "civil_affairs", 2)
        for sequence, digest in ((1, "00"), (2, "00"), (1, "no hex")):
            with pytest.raises(Refused, match="P826"):
                await acknowledge(connection, CITY, "civil_affairs", sequence, digest)

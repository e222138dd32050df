"""The first load of persons from a table: row by row answers, all or nothing, known ones left alone."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import asyncpg
import pytest

from tests.population.desk import AREA, VILLAGE, codes, furnish, registered, someone
from yibao.core.database import Database, connect
from yibao.core.errors import Refused
from yibao.core.sheets import read_sheet
from yibao.population.enrolment.employers import check_character, register_employer
from yibao.population.enrolment.importing import COLUMNS, Imported, import_persons
from yibao.population.enrolment.replay import differences
from yibao.population.events import timeline
from yibao.population.identity import identity_number

HEAD = "证件号码,姓名,居住区划,险种,参保身份,人员类别,参保日期,单位统一社会信用代码"
FIRST_SEVENTEEN = "91340600MA2N0000X"
USCC = FIRST_SEVENTEEN + check_character(FIRST_SEVENTEEN)


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    async with database.transaction() as connection:
        await furnish(connection)
        yield connection


def number(serial: int) -> str:
    return identity_number(AREA, date(1980, 2, 29), serial)


async def load(desk: Any, *lines: str, partial: bool = False) -> Imported:
    rows = read_sheet("\n".join([HEAD, *lines]).encode(), COLUMNS)
    return await import_persons(desk, rows, AREA, "clerk", partial=partial)


async def test_good_rows_become_persons_with_enrolments_and_events(desk: Any) -> None:
    emp_no = await register_employer(desk, USCC, "测试公司", AREA, date(2020, 1, 1), "clerk")
    imported = await load(
        desk,
        f"{number(0)},测试甲,{VILLAGE},390,居民,15,2024-01-01,",
        f"{number(1)},测试乙,{VILLAGE},310,职工,11,2023-05-01,{USCC}",
        f"{number(2)},测试丙,,,,,,",
    )
    assert (imported.rows, imported.registered, imported.enrolled, imported.faults) == (3, 3, 2, {})
    rows = await desk.fetch("select psn_no, insutype, category, begndate, emp_no, reason from population.enrolment")
    assert sorted(tuple(row)[1:] for row in rows) == [
        ("310", "employee", date(2023, 5, 1), emp_no, "taken_over"),
        ("390", "resident", date(2024, 1, 1), None, "taken_over"),
    ]
    assert [event.kind for event in await timeline(desk, rows[0]["psn_no"])] == ["enrolled", "registered"]
    assert [sentence async for sentence in differences(desk)] == []


async def test_one_faulty_row_changes_nothing_and_every_faulty_row_is_answered(desk: Any) -> None:
    lines = (
        f"{number(0)},测试甲,{VILLAGE},,,,,",
        f"{number(0)},测试甲,{VILLAGE},,,,,",
        f"340600198002290019,测试乙,{VILLAGE},,,,,",
        f"{number(1)},测试乙,340602001099,,,,,",
        f"{number(3)},测试丁,{VILLAGE},310,职工,11,2023-05-01,{USCC}",
        f"{number(5)},测试戊,{VILLAGE},390,居民,11,,",
        f"{number(7)},=1+1,{VILLAGE},,,,,",
    )
    imported = await load(desk, *lines)
    answers = {row: [refusal.code for refusal in found] for row, found in imported.faults.items()}
    assert answers == {3: ["P111"], 4: ["P101"], 5: ["P115"], 6: ["P143"], 7: ["P527", "P524"], 8: ["C128"]}
    assert await desk.fetchval("select count(*) from population.person") == 0
    assert (await load(desk, *lines, partial=True)).registered == 1


async def test_who_is_known_is_left_as_registered(desk: Any) -> None:
    await registered(desk)
    imported = await load(desk, f"{someone().certno},另一名,{VILLAGE},,,,,", f"{number(2)},测试丙,,,,,,")
    assert (imported.registered, imported.known) == (1, 1)
    assert await desk.fetchval("select psn_name from population.person where certno = $1", someone().certno) == "测试甲"


async def test_a_load_belongs_to_a_city(desk: Any) -> None:
    with pytest.raises(Refused) as caught:
        await import_persons(desk, iter(()), "34", "clerk")
    assert codes(caught) == ["P115"]


@pytest.mark.slow
async def test_two_hundred_thousand_persons_are_loaded_within_a_minute(database_url: str, tmp_path: Path) -> None:
    """Over a connection as the command has, without the time limit of the pool's statements."""
    table = tmp_path / "persons.csv"
    day = date(1950, 1, 1)
    with table.open("w", encoding="utf-8") as out:
        print(HEAD, file=out)
        for n in range(200_000):
            certno = identity_number(AREA, day + timedelta(days=n // 500), n % 500 * 2 + 1)
            print(f"{certno},测试甲,{VILLAGE},390,居民,15,2024-01-01,", file=out)
    connection = await connect(database_url)
    async with connection.transaction():
        await furnish(connection)
        began = perf_counter()
        imported = await import_persons(connection, read_sheet(table, COLUMNS), AREA, "clerk")
        took = perf_counter() - began
    await connection.close()
    assert imported.registered == imported.enrolled == 200_000
    assert took < 60
    print(f"200,000 persons in {took:.1f} s")

"""A department's roster of a whole city, from the workbook to the tags: how long each step takes.

    measure(url, folder, rows, persons)    seconds of reading and matching, comparing, applying; and the counts

Most lines are known and unchanged, as in life: a tenth begins, a twentieth ends, one line in a thousand has a name
that differs, one in a thousand belongs to nobody.
"""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from yibao.benefits.book import PackBook
from yibao.core.database import Connection, connect
from yibao.core.sheets import Heading, write_sheet
from yibao.ledger import install_chart
from yibao.population.identity import identity_number
from yibao.population.rosters.applying import apply
from yibao.population.rosters.comparison import compare
from yibao.population.rosters.receiving import Incoming, receive

CITY, DEPARTMENT, WORD = "340600", "civil_affairs", "低保"
DAY = date(2024, 3, 15)
HEADINGS = (Heading("证件号码", "identity"), Heading("姓名"), Heading("身份类别"))
ENROL = """
insert into population.enrolment (psn_no, insutype, category, psn_type, insu_admdvs, begndate)
select psn_no, '390', 'resident', '15', '340621', '2021-01-01' from population.person
"""
PAY = """
insert into population.contribution
  (psn_no, insutype, category, period_from, period_to, personal, fiscal, status, paid_on)
select psn_no, '390', 'resident', '2024-01-01', '2024-12-31', 38000, 64000, 'paid', '2023-11-01'
from population.person where psn_no::bigint % 20 <> 0
"""
TAG = """
insert into population.identity_tag (psn_no, psn_idet_type, tag, begntime, owner, admdvs)
select psn_no, '2303', '低保', '2023-01-01', 'civil_affairs', '340600'
from population.person where psn_no::bigint % 10 <> 0 and psn_no::bigint <= $1
"""


def certificate(number: int) -> str:
    """The identity number of person `number`: a birth day and a sequence of their own."""
    born = date(1950, 1, 1) + timedelta(days=number // 999)
    return identity_number("340621", born, number % 999)


async def measure(url: str, folder: Path, rows: int = 200_000, persons: int = 2_000_000) -> dict[str, Any]:
    """Build a city without bills in an empty database, then bring a full roster of `rows` lines to effect."""
    connection = await connect(url)
    try:
        await _build(connection, rows, persons)
        file = folder / "roster.xlsx"
        write_sheet(file, "低保名册", HEADINGS, _lines(rows, persons))
        return await _bring_to_effect(connection, file)
    finally:
        await connection.close()


async def _bring_to_effect(connection: Connection, file: Path) -> dict[str, Any]:
    incoming = Incoming(CITY, DEPARTMENT, "full", DAY, file.name)
    packs = PackBook.load()
    clock = [time.perf_counter()]
    async with connection.transaction():
        batch = await receive(connection, incoming, file, "bench", DAY)
        clock.append(time.perf_counter())
        report = await compare(connection, batch.batch_no)
        clock.append(time.perf_counter())
    async with connection.transaction():
        done = await apply(connection, packs, batch.batch_no, "bench", DAY, many_endings=True)
        clock.append(time.perf_counter())
    names = ("read_and_match", "compare", "apply")
    seconds = {
        f"{name}_s": round(after - before, 1) for name, before, after in zip(names, clock, clock[1:], strict=False)
    }
    return {"rows": batch.row_count, **seconds, "changed": done.persons, **report}


async def _build(connection: Connection, rows: int, persons: int) -> None:
    async with connection.transaction():
        await install_chart(connection)
        people = (
            (
                str(number),
                certificate(number),
                f"居民{number % 5000}",
                "1",
                date(1950, 1, 1) + timedelta(days=number // 999),
            )
            for number in range(1, persons + 1)
        )
        columns = ["psn_no", "certno", "psn_name", "gend", "brdy"]
        await connection.copy_records_to_table("person", schema_name="population", records=people, columns=columns)
        for statement in (ENROL, PAY):
            await connection.execute(statement, timeout=900)
        await connection.execute(TAG, rows, timeout=900)
    await connection.execute("analyze", timeout=900)


def _lines(rows: int, persons: int) -> Iterator[tuple[str, str, str]]:
    """Known lines without one in twenty (they end), new ones, a few doubtful and a few of nobody."""
    for number in range(1, rows + 1):
        name = "某人" if number % 1000 == 500 else f"居民{number % 5000}"
        if number % 20 == 1:
            number += rows  # in place of one who ends, somebody new
            name = f"居民{number % 5000}"
        if number % 1000 == 2:
            yield identity_number("340699", date(1949, 1, 1), number % 999), "外来人", WORD
        else:
            yield certificate(min(number, persons)), name, WORD

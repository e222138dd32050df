"""A village for the tests of rosters: eight persons of Huaibei whose numbers can be read.

Person n has psn_no "n", is named 村民n, was born on 1980-01-0n and has an identity number with a right check digit.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from yibao.core.database import Connection
from yibao.population.identity import identity_number
from yibao.population.rosters.receiving import Batch, Incoming, receive

CITY, TODAY = "340600", date(2024, 3, 15)
VILLAGE = "340621001001"
HEADER = "证件号码,姓名,身份类别,开始日期,结束日期,变动类型"
PERSON = """
insert into population.person (psn_no, certno, psn_name, gend, brdy, live_area, hsreg_area)
values ($1, $2, $3, '1', $4, $5, $5)
"""
ENROLMENT = """
insert into population.enrolment (psn_no, insutype, category, psn_type, insu_admdvs, begndate)
values ($1, '390', 'resident', '15', '340621', '2021-01-01')
"""
PAID = """
insert into population.contribution
  (psn_no, insutype, category, period_from, period_to, personal, fiscal, status, paid_on)
values ($1, '390', 'resident', make_date($2, 1, 1), make_date($2, 12, 31), 38000, 64000, 'paid',
        make_date($2 - 1, 11, 1))
"""
TAG = """
insert into population.identity_tag (psn_no, psn_idet_type, tag, begntime, endtime, owner, admdvs)
values ($1, '2303', $2, $3, $4, 'civil_affairs', '340600')
"""
TAGS = "select psn_no, tag, begntime, endtime from population.identity_tag order by psn_no, tag, begntime"
EVENTS = "select psn_no, kind, effective from population.event where kind like '%tag%' order by event_id"


def certno(number: int) -> str:
    return identity_number("340621", date(1980, 1, number), 1)


async def build(connection: Connection) -> None:
    """Persons 1–8; all but 7 and 8 are enrolled, 1–5 have paid for 2024, 6 paid for 2023 only."""
    for number in range(1, 9):
        person = (str(number), certno(number), f"村民{number}", date(1980, 1, number), VILLAGE)
        await connection.execute(PERSON, *person)
        if number < 7:
            await connection.execute(ENROLMENT, str(number))
        if number < 6:
            await connection.execute(PAID, str(number), 2024)
    await connection.execute(PAID, "6", 2023)


async def tag(connection: Connection, number: int, word: str, begins: str, ends: str | None = None) -> None:
    last = date.fromisoformat(ends) if ends else None
    await connection.execute(TAG, str(number), word, date.fromisoformat(begins), last)


def line(number: int, word: str = "低保", begins: str = "", ends: str = "", operation: str = "") -> str:
    """One line of a roster for person `number`."""
    return f"{certno(number)},村民{number},{word},{begins},{ends},{operation}"


def sheet(lines: Sequence[str], header: str = HEADER) -> bytes:
    return "\n".join([header, *lines]).encode()


async def receive_lines(connection: Connection, *lines: str, **changes: Any) -> Batch:
    """Receive a full roster of the civil-affairs department as of `TODAY`, unless `changes` say otherwise."""
    header = changes.pop("header", HEADER)
    said = {"admdvs": CITY, "department": "civil_affairs", "mode": "full", "as_of": TODAY, "file_name": "名册.csv"}
    return await receive(connection, Incoming(**{**said, **changes}), sheet(lines, header), "clerk", TODAY)


async def tags(connection: Connection) -> list[tuple[str, ...]]:
    """Every tag as (person, word, first day, last day or "")."""
    return [
        (row["psn_no"], row["tag"], str(row["begntime"]), str(row["endtime"] or ""))
        for row in await connection.fetch(TAGS)
    ]

"""A county with two towns, three villages and twelve residents, on fixed days of the campaign for 2024."""

from collections.abc import AsyncIterator
from datetime import date

import asyncpg
import pytest

from yibao.core.database import Connection, Database

CITY, COUNTY = "3406", "340621"
TOWN_A, TOWN_B = "340621101", "340621102"
VILLAGE_A1, VILLAGE_A2, VILLAGE_B1 = "340621101201", "340621101202", "340621102201"
DIVISIONS = (
    ("34", None, "安徽省", 1), (CITY, "34", "淮北市", 2), (COUNTY, CITY, "濉溪县", 3), (TOWN_A, COUNTY, "青禾镇", 4),
    (TOWN_B, COUNTY, "柳湾镇", 4), (VILLAGE_A1, TOWN_A, "张圩村", 5), (VILLAGE_A2, TOWN_A, "王楼村", 5),
    (VILLAGE_B1, TOWN_B, "李庄村", 5),
)  # fmt: skip
RESIDENTS = {VILLAGE_A1: range(1, 7), VILLAGE_A2: range(7, 10), VILLAGE_B1: range(10, 13)}
DUE = 38_000


def psn(number: int) -> str:
    return f"3406{number:06d}"


async def pay(connection: Connection, *numbers: int, on: date) -> None:
    """What these persons owe for 2024 is paid on this day."""
    await connection.execute(
        "update population.contribution set status = 'paid', paid_on = $2::date, paid_at = $2::date"
        " where psn_no = any($1) and period_from = '2024-01-01'",
        [psn(number) for number in numbers], on,
    )  # fmt: skip


async def settle_people(connection: Connection) -> None:
    """Divisions, residents, their enrolments and what each owes for 2024."""
    await connection.executemany("insert into directory.division values ($1, $2, $3, $4)", [
        (code, parent, name, level) for code, parent, name, level in DIVISIONS
    ])  # fmt: skip
    for village, numbers in RESIDENTS.items():
        for number in numbers:
            await connection.execute(
                "insert into population.person (psn_no, certno, psn_name, gend, brdy, live_area)"
                " values ($1, $2, $3, '1', '1980-01-01', $4)",
                psn(number), f"34062119800101{number:04d}", f"村民{number}", village,
            )  # fmt: skip
            await connection.execute(
                "insert into population.enrolment (psn_no, insutype, psn_type, insu_admdvs, begndate,"
                " category) values ($1, '390', '15', '340621', '2020-01-01', 'resident')", psn(number)
            )  # fmt: skip
            await connection.execute(
                "insert into population.contribution (psn_no, insutype, category, period_from, period_to, personal,"
                " fiscal) values ($1, '390', 'resident', '2024-01-01', '2024-12-31', $2, 64000)", psn(number), DUE
            )  # fmt: skip


@pytest.fixture
async def county(database: Database) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    """A connection in a transaction over the county."""
    async with database.transaction() as connection:
        await settle_people(connection)
        yield connection

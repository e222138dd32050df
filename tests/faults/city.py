"""The small town of the settlement tests as data of a real server, with a crowd of employees to settle for."""

import asyncio
from datetime import date
from pathlib import Path

import pytest

from tests.settlement.town import HOSPITAL, PHARMACY, Town
from yibao.benefits.book import PackBook
from yibao.core.database import Database
from yibao.directory.cache import DirectoryCache
from yibao.gateway.credentials import Credential, write_credential
from yibao.ledger import install_chart
from yibao.population.entitlement.coverage import take_over
from yibao.settlement.services import Services

AREAS = Path(__file__).parents[1] / "settlement" / "areas"
KEY = bytes(range(32))
ENVIRONMENT = {"YIBAO_KEY": KEY.hex(), "YIBAO_AREAS": str(AREAS)}
SINCE = date(2024, 1, 1)
CROWD = 16
OPENING = 40_000  # fen on each account of the crowd
STATEMENTS = (
    "insert into population.person (psn_no, certno, psn_name, gend, brdy)"
    " select 'c' || n, 'c' || n, '职工' || n, '1', date '1980-01-01' from generate_series(1, $1) n",
    "insert into population.enrolment (psn_no, insutype, psn_type, insu_admdvs, begndate)"
    " select 'c' || n, '310', '11', '340600', date '2024-01-01' from generate_series(1, $1) n",
    f"insert into population.account (psn_no, balance) select 'c' || n, {OPENING} from generate_series(1, $1) n",
    "insert into population.account_movement (psn_no, amount, balance_after, kind, reference)"
    f" select 'c' || n, {OPENING}, {OPENING}, 'opening', 'test' from generate_series(1, $1) n",
    "with entry as (insert into ledger.entry (booked_on, kind, reference, text)"
    " values ('2024-01-01', 'opening', 'crowd', '期初余额') returning entry_id)"
    " insert into ledger.posting (entry_id, line_no, account, amount, party)"
    f" select entry_id, n, 'personal_account.balances', -{OPENING}, 'c' || n from entry, generate_series(1, $1) n"
    f" union all select entry_id, 0, 'personal_account.contributions', {OPENING} * $1, '' from entry",
)
FAMILY_LINK = """
insert into population.family_link (beneficiary, payer, seq, relation, begndate)
values ('w2', 'w1', 1, '10', '2024-01-01'), ('w3', 'w1', 1, '50', '2024-01-01'), ('r1', 'w1', 1, '20', '2024-01-01')
"""


def secret_of(code: str) -> str:
    """The secret of an institution; its access key is its code."""
    return f"secret-{code}"


def fill(url: str) -> None:
    """Put the town into an empty, migrated database."""
    asyncio.run(_fill(url))


async def _fill(url: str) -> None:
    database = await Database.open(url)
    town = Town(Services(database, DirectoryCache(database), PackBook({})), pytest.MonkeyPatch())
    async with database.transaction() as connection:
        await install_chart(connection)
        await town.build(connection, SINCE)
        for statement in STATEMENTS:
            await connection.execute(statement, CROWD)
        await take_over(connection)
        await connection.execute(FAMILY_LINK)
        for code in (HOSPITAL, PHARMACY):
            await write_credential(connection, KEY, Credential(code, code, secret_of(code)))
    await database.close()

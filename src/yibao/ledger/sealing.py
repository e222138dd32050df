"""The server seals by itself: soon after midnight the day before is closed into the chain."""

import asyncio
import logging
from datetime import date, timedelta

from asyncpg.exceptions import PostgresError

from yibao.core import dates
from yibao.core.database import Database
from yibao.core.errors import Conflict, Unavailable
from yibao.ledger.actions import seal_days

log = logging.getLogger("yibao.ledger")
EVERY_SECONDS = 300.0
DUE = """
select exists (select 1 from ledger.entry where booked_on <= $1)
   and not exists (select 1 from ledger.seal where day >= $1)
"""


async def seal_when_due(database: Database, today: date) -> list[date]:
    """Seal the days before `today` unless that is done; several processes may try at once."""
    async with database.connection() as connection:
        if not await connection.fetchval(DUE, today - timedelta(days=1)):
            return []
        return await seal_days(connection, today)


async def keep_sealed(database: Database) -> None:
    """Runs as long as the process: looks every five minutes whether a day is to be sealed."""
    while True:
        try:
            for day in await seal_when_due(database, dates.today()):
                log.info("sealed the journal of %s", day)
        except (Unavailable, Conflict, PostgresError) as error:
            log.warning("the journal is sealed later: %s", type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)

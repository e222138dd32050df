"""What the server does by itself each day (每日推进): terms that ended, findings of cancelled settlements.

Every process looks every ten minutes whether a new day has begun; one at a time does the work, which finds nothing more
to do when it is done again. A process that has seen the day done waits for the next.
"""

import asyncio
import logging
from datetime import date

from asyncpg.exceptions import PostgresError

from yibao.core import dates
from yibao.core.database import Database
from yibao.core.errors import Conflict, Refused, Unavailable
from yibao.supervision.casework.advance import Advanced, advance, close_cancelled

EVERY_SECONDS = 600.0
ALONE = "select pg_try_advisory_xact_lock(hashtextextended('yibao casework keeping', 0))"
log = logging.getLogger("yibao.casework")


async def advance_alone(database: Database, today: date) -> Advanced | None:
    """Carry out what ended before `today`; None while another process is at it."""
    async with database.transaction() as connection:
        if not await connection.fetchval(ALONE):
            return None
        cancelled = await close_cancelled(connection)
        done = await advance(connection, today)
        return Advanced(done.silent, done.returned, cancelled)


async def keep_advanced(database: Database) -> None:
    """Runs as long as the process."""
    done_on: date | None = None
    while True:
        today = dates.today()
        try:
            if today != done_on and (done := await advance_alone(database, today)):
                done_on = today
                if done != Advanced(0, 0):
                    log.info("casework of %s: %s", today, done)
        except (Unavailable, Conflict, Refused, PostgresError) as error:
            log.warning("casework is advanced later: %s", type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)

"""What each server process looks at beside its requests: more people in bed than beds raises an alert."""

import asyncio
import logging

from asyncpg.exceptions import PostgresError

from yibao.core import dates
from yibao.core.database import Database
from yibao.core.errors import Conflict, Unavailable
from yibao.supervision.monitoring.alerts import raise_live
from yibao.supervision.monitoring.live import IN_BED, Today

EVERY_SECONDS = 600
BEDS = "select fixmedins_code, beds from directory.institution where fixmedins_code = any($1::text[])"
log = logging.getLogger("yibao.monitoring")


async def watch(database: Database) -> int:
    """Look once; how many alerts are new."""
    async with database.transaction() as connection:
        rows = await connection.fetch(IN_BED)
        today = {row["fixmedins_code"]: Today(in_bed=row["in_bed"]) for row in rows}
        beds = {row["fixmedins_code"]: row["beds"] for row in await connection.fetch(BEDS, list(today))}
        return await raise_live(connection, dates.today(), today, beds)


async def keep_watched(database: Database) -> None:
    """Runs as long as the process."""
    while True:
        try:
            await watch(database)
        except (Unavailable, Conflict, PostgresError) as error:
            log.warning("beds are looked at later: %s", type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)

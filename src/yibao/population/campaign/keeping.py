"""The server counts by itself: yesterday once it is over, and today every hour while the collection is open.

A city is counted when it has tasks in force for a year that is not over. Several processes may look; one counts.
"""

import asyncio
import logging
from datetime import date, datetime, time, timedelta

from asyncpg.exceptions import PostgresError

from yibao.core import dates
from yibao.core.database import Connection, Database
from yibao.core.errors import Conflict, Refused, Unavailable
from yibao.population.campaign.counting import snapshot
from yibao.population.campaign.parameters import campaign_rules
from yibao.population.rules import Rules, rules_of

log = logging.getLogger("yibao.population.campaign")
EVERY_SECONDS = 600.0
HOUR = timedelta(hours=1)
ALONE = "select pg_try_advisory_xact_lock(hashtextextended('yibao campaign keeping', 0))"
RUNNING = """
select distinct year, left(unit, 4) as area from population.campaign_task
where superseded_at is null and kind = 'division' and year in ($1, $1 + 1) order by year, area
"""
TAKEN = "select taken_at from population.campaign_day where year = $1 and unit = $2 and day = $3"


async def count_when_due(database: Database, now: datetime) -> list[tuple[str, int, date]]:
    """Count what is due at `now` (Shanghai); returns city, year and day of each count."""
    counted = []
    async with database.transaction() as connection:
        if not await connection.fetchval(ALONE):
            return []
        for year, area in await connection.fetch(RUNNING, now.year):
            rules = rules_of(area)
            for day in await _due_days(connection, rules, year, now):
                await snapshot(connection, rules, year, day)
                counted.append((area, year, day))
    return counted


async def keep_counted(database: Database) -> None:
    """Runs as long as the process: looks every ten minutes whether a city is to be counted."""
    while True:
        try:
            for area, year, day in await count_when_due(database, dates.now()):
                log.info("counted %s for %s on %s", area, year, day)
        except (Unavailable, Conflict, Refused, PostgresError) as error:
            log.warning("the campaign is counted later: %s", type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)


async def _due_days(connection: Connection, rules: Rules, year: int, now: datetime) -> list[date]:
    """Yesterday unless it was counted after its end; today when the last count is an hour old."""
    known, today = campaign_rules(rules, year), now.date()
    yesterday = today - timedelta(days=1)
    due = []
    if known.first_day <= yesterday and await _older_than(
        connection, rules, year, yesterday, datetime.combine(today, time.min)
    ):
        due.append(yesterday)
    if known.first_day <= today <= known.last_day and await _older_than(connection, rules, year, today, now - HOUR):
        due.append(today)
    return due


async def _older_than(connection: Connection, rules: Rules, year: int, day: date, moment: datetime) -> bool:
    taken = await connection.fetchval(TAKEN, year, rules.area_code[:4], day)
    return taken is None or taken < moment.replace(tzinfo=dates.SHANGHAI)

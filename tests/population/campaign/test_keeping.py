"""The server counts by itself."""

from datetime import date, datetime, timedelta

from tests.population.campaign.conftest import CITY, settle_people
from yibao.core.database import Database
from yibao.population.campaign.keeping import count_when_due
from yibao.population.campaign.tasks import Revision, revise

MORNING = datetime(2023, 11, 15, 8, 0)


async def running(database: Database, taken_at: datetime | None = None) -> None:
    """A city with a task for 2024; what was counted so far was counted at `taken_at`."""
    async with database.transaction() as connection:
        await settle_people(connection)
        await revise(connection, Revision(2024, CITY, {CITY: 12}, "市下达"), "clerk")
    if taken_at:
        await count_when_due(database, taken_at)
        async with database.transaction() as connection:
            await connection.execute("update population.campaign_day set taken_at = $1::timestamp", taken_at)


async def counted(database: Database, now: datetime) -> list[date]:
    return [day for _, _, day in await count_when_due(database, now)]


async def test_yesterday_and_today_are_counted_when_nothing_was(database: Database) -> None:
    await running(database)
    assert await count_when_due(database, MORNING) == [
        (CITY, 2024, date(2023, 11, 14)),
        (CITY, 2024, date(2023, 11, 15)),
    ]


async def test_within_the_hour_nothing_is_counted_again(database: Database) -> None:
    await running(database, MORNING)
    assert await counted(database, MORNING + timedelta(minutes=50)) == []
    assert await counted(database, MORNING + timedelta(minutes=70)) == [MORNING.date()]


async def test_a_day_is_counted_once_more_after_its_end(database: Database) -> None:
    await running(database, datetime(2023, 11, 14, 23, 40))
    assert await counted(database, datetime(2023, 11, 15, 0, 10)) == [date(2023, 11, 14), date(2023, 11, 15)]


async def test_after_the_collection_only_whole_days_are_counted(database: Database) -> None:
    await running(database)
    assert await counted(database, datetime(2024, 6, 2, 9, 0)) == [date(2024, 6, 1)]


async def test_a_city_without_tasks_is_not_counted(database: Database) -> None:
    async with database.transaction() as connection:
        await settle_people(connection)
    assert await counted(database, MORNING) == []

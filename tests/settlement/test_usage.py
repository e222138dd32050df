"""Who used benefits, as refunds of premiums ask it."""

from datetime import timedelta

from tests.settlement.town import PHARMACY, Town
from yibao.settlement.usage import benefits_used


async def test_only_bills_that_stand_count_as_used_benefits(town: Town) -> None:
    await town.buy("w1", "900")
    bill = await town.buy("w2", "20")
    await town.cancel("w2", bill, PHARMACY)
    today = town.now.date()
    async with town.database.connection() as connection:
        assert await benefits_used(connection, ["w1", "w2", "r2"], today, today) == {"w1"}
        tomorrow = today + timedelta(days=1)
        assert await benefits_used(connection, ["w1", "w2", "r2"], tomorrow, tomorrow) == set()

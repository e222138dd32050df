"""Days of the journal are sealed by the server itself, once, and one after the other."""

import asyncio
from datetime import timedelta

from tests.settlement.town import Town
from yibao.ledger.sealing import seal_when_due


async def test_the_day_before_is_sealed_and_then_nothing_more(town: Town) -> None:
    await town.buy("w1", "900")
    tomorrow = town.now.date() + timedelta(days=1)
    assert await seal_when_due(town.database, town.now.date()) == []
    assert await seal_when_due(town.database, tomorrow) == [town.now.date()]
    assert await seal_when_due(town.database, tomorrow) == []


async def test_several_processes_that_seal_at_once_seal_every_day_once(town: Town) -> None:
    await town.buy("w1", "900")
    later = town.now.date() + timedelta(days=3)
    sealed = await asyncio.gather(*(seal_when_due(town.database, later) for _ in range(4)))
    assert sorted(day for days in sealed for day in days) == [town.now.date() + timedelta(days=n) for n in range(3)]

"""A death that becomes known late: what was settled after it is named, what was settled on the day is right."""

from datetime import timedelta

import pytest

from tests.settlement.test_verifying import broken
from tests.settlement.town import PHARMACY, Town
from yibao.core.errors import Refused
from yibao.population.enrolment.deaths import Death, record_death


async def die(town: Town, days_ago: int) -> Death:
    async with town.database.transaction() as connection:
        return await record_death(connection, "w1", town.now.date() - timedelta(days=days_ago), "clerk", "公安")


async def test_a_bill_after_the_death_is_a_finding_and_further_care_is_refused(town: Town) -> None:
    bill = await town.buy("w1", "900")
    death = await die(town, 1)
    (found,) = [finding for finding in death.findings if finding.code == "P163"]
    assert (found.reference, found.day, found.amount) == (bill["setl_id"], town.now.date(), bill["fund_pay_sumamt"])
    with pytest.raises(Refused) as caught:
        await town.buy("w1", "20")
    assert "P206" in [refusal.code for refusal in caught.value.refusals]
    assert await broken(town) == {}


async def test_a_bill_of_the_day_of_death_is_no_finding(town: Town) -> None:
    await town.buy("w1", "900")
    assert (await die(town, 0)).findings == ()


async def test_a_cancelled_bill_after_the_death_is_no_finding(town: Town) -> None:
    await town.cancel("w1", await town.buy("w1", "900"), PHARMACY)
    assert (await die(town, 1)).findings == ()

"""A person who was registered twice: bills made under the old number live on under the one that stays."""

import pytest

from tests.settlement.test_verifying import broken
from tests.settlement.town import DRUG_A, PHARMACY, Town
from yibao.core.errors import Refused
from yibao.population.enrolment.merging import merge


async def make_one(town: Town, duplicate: str, survivor: str) -> None:
    """Let the duplicate have the survivor's name, birth date and sex, then merge."""
    async with town.database.transaction() as connection:
        await connection.execute(
            "update population.person d set brdy = s.brdy, gend = s.gend, psn_name = s.psn_name"
            " from population.person s where d.psn_no = $1 and s.psn_no = $2",
            duplicate, survivor,
        )  # fmt: skip
        await merge(connection, duplicate, survivor, "clerk", "重复登记")


async def test_messages_with_the_old_number_are_refused_and_the_new_number_goes_on(town: Town) -> None:
    bill = await town.buy("w1", "900")
    balance = await town.balance("w1") + await town.balance("w2")
    await make_one(town, "w1", "w2")
    assert await town.balance("w2") == balance
    for message in (town.cancel("w1", bill, PHARMACY), town.buy("w1", "20"), town.admit("w1", insutype="310")):
        with pytest.raises(Refused) as caught:
            await message
        assert [refusal.code for refusal in caught.value.refusals] == ["P118"]
        assert "w2" in caught.value.refusals[0].advice
    await town.cancel("w2", bill, PHARMACY)
    assert await town.totals("w2") == {}
    assert await town.buy("w2", "900")
    assert await broken(town) == {}


async def test_a_stay_goes_on_under_the_new_number(town: Town) -> None:
    stay = await town.admit("w1", insutype="310")
    await make_one(town, "w1", "w2")
    with pytest.raises(Refused, match="P118"):
        await town.upload("w1", stay, town.line(DRUG_A, "100"))
    await town.upload("w2", stay, town.line(DRUG_A, "100"))


async def test_totals_that_were_taken_over_go_with_the_person(town: Town) -> None:
    async with town.database.transaction() as connection:
        await connection.execute(
            "insert into settlement.accumulator (psn_no, year, totals, taken_over)"
            " select psn_no, 2023, $1, $1 from unnest(array['w1', 'w2']) as p (psn_no)",
            {"2023:admissions": 1},
        )
    await make_one(town, "w1", "w2")
    async with town.database.connection() as connection:
        row = await connection.fetchrow("select * from settlement.accumulator where psn_no = 'w2' and year = 2023")
    assert row["totals"] == row["taken_over"] == {"2023:admissions": 2}
    assert await broken(town) == {}

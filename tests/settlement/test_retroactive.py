"""A tag that begins in the past: which settled bills would differ, and that none is changed."""

from datetime import date, datetime
from typing import Any

import pytest

from tests.settlement.town import Town
from yibao.core.errors import Refused
from yibao.settlement.retroactive import Effect, close, effects_of, note_effects, open_effects

TAG = "insert into population.identity_tag (psn_no, psn_idet_type, tag, begntime) values ($1, '2303', '低保', $2)"
BILLS = "select setl_id, fund_pay_sumamt, psn_pay from settlement.settlement order by created_at"
NEW_YEAR = date(2024, 1, 1)


async def tag(town: Town, psn_no: str, since: date) -> None:
    async with town.database.transaction() as connection:
        await connection.execute(TAG, psn_no, since)


async def effects(town: Town, psn_no: str, since: date) -> list[Effect]:
    async with town.database.connection() as connection:
        return await effects_of(town.services, connection, psn_no, since)


async def bills(town: Town) -> list[Any]:
    async with town.database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(BILLS)]


async def test_a_tag_that_began_before_the_bill_shows_what_medical_aid_would_pay(town: Town) -> None:
    bill = await town.stay("r1", "20000")
    before = await bills(town)
    await tag(town, "r1", NEW_YEAR)
    (effect,) = await effects(town, "r1", NEW_YEAR)
    assert (effect.setl_id, effect.since, effect.obstacle) == (bill["setl_id"], NEW_YEAR, "")
    assert effect.before["maf_pay"] == 0 < effect.after["maf_pay"]
    assert (
        effect.before["psn_pay"] - effect.after["psn_pay"] == effect.after["fund_pay_sumamt"] - bill["fund_pay_sumamt"]
    )
    assert set(effect.before) == set(effect.after) <= {"maf_pay", "fund_pay_sumamt", "psn_pay", "hifmi_pay"}
    assert await bills(town) == before


async def test_the_bill_would_be_what_a_person_with_the_tag_got(town: Town) -> None:
    with_tag = await town.stay("r2", "60000")
    town.clock(datetime(2024, 6, 3, 10))
    await town.stay("r1", "60000")
    await tag(town, "r1", NEW_YEAR)
    (effect,) = await effects(town, "r1", NEW_YEAR)
    assert {name: with_tag[name] for name in ("maf_pay", "fund_pay_sumamt", "psn_pay")} == {
        name: effect.after[name] for name in ("maf_pay", "fund_pay_sumamt", "psn_pay")
    }


async def test_later_bills_build_on_what_the_earlier_would_have_been(town: Town) -> None:
    for psn_no in ("r1", "r2"):
        town.clock(datetime(2024, 6, 3, 10))
        await town.stay(psn_no, "60000")
        town.clock(datetime(2024, 7, 3, 10))
        await town.stay(psn_no, "60000")
    await tag(town, "r1", NEW_YEAR)
    async with town.database.connection() as connection:
        statement = "select maf_pay from settlement.settlement where psn_no = 'r2' order by created_at"
        expected = [row["maf_pay"] for row in await connection.fetch(statement)]
    assert [effect.after["maf_pay"] for effect in await effects(town, "r1", NEW_YEAR)] == expected


async def test_bills_before_the_day_and_bills_that_do_not_differ_are_not_listed(town: Town) -> None:
    await town.stay("r1", "20000")
    await tag(town, "r1", date(2024, 7, 1))
    assert await effects(town, "r1", date(2024, 7, 1)) == []
    await tag(town, "w1", NEW_YEAR)
    await town.buy("w1", "100")
    assert await effects(town, "w1", NEW_YEAR) == []


async def test_what_accounts_paid_makes_no_difference(town: Town) -> None:
    bill = await town.stay("w1", "20000", acct_used_flag="1")
    assert bill["acct_pay"] > 0
    assert await effects(town, "w1", NEW_YEAR) == []


async def test_a_cancelled_bill_has_no_effect(town: Town) -> None:
    bill = await town.stay("r1", "20000")
    await town.cancel("r1", bill)
    await tag(town, "r1", NEW_YEAR)
    assert await effects(town, "r1", NEW_YEAR) == []


async def test_a_bill_that_cannot_be_computed_again_is_listed_with_the_obstacle(town: Town) -> None:
    bill = await town.stay("r1", "20000")
    async with town.database.transaction() as connection:
        await connection.execute("update population.person set die_date = '2024-01-02' where psn_no = 'r1'")
    (effect,) = await effects(town, "r1", NEW_YEAR)
    assert (effect.setl_id, effect.after) == (bill["setl_id"], {})
    assert "死亡" in effect.obstacle


async def test_the_list_for_clerks_is_kept_renewed_and_closed(town: Town) -> None:
    await town.stay("r1", "20000")
    await tag(town, "r1", NEW_YEAR)
    async with town.database.transaction() as connection:
        for _ in range(2):
            await note_effects(town.services, connection, "batch 1", [("r1", NEW_YEAR), ("r3", NEW_YEAR)])
        (entry,) = await open_effects(connection)
        assert (entry["psn_no"], entry["reference"], entry["before"]["maf_pay"]) == ("r1", "batch 1", 0)
        await close(connection, entry["effect_id"], "left", "clerk")
        assert await open_effects(connection) == []
        with pytest.raises(Refused, match="S511"):
            await close(connection, entry["effect_id"], "left", "clerk")

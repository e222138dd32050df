"""Undoing: negative settlements, recomputation, reversal; cancelling leaves no trace in accumulators and balances."""

from pathlib import Path

import pytest

from tests.settlement.town import COUNTY_HOSPITAL, DRUG_A, HOSPITAL, PHARMACY, Town
from yibao.core.errors import Refused


async def test_a_cancellation_answers_every_amount_negative_under_an_id_of_its_own(town: Town) -> None:
    bill = await town.buy("w1", "900")
    back = await town.cancel("w1", bill, PHARMACY)
    assert back["setl_id"] != bill["setl_id"]
    amounts = [name for name in bill if name not in ("setl_id", "mdtrt_id", "balc")]
    assert [back[name] for name in amounts] == [-bill[name] for name in amounts]


async def test_cancelling_leaves_no_trace_in_accumulators_and_account(town: Town) -> None:
    before = await town.totals("w1"), await town.balance("w1")
    bill = await town.buy("w1", "900")
    await town.cancel("w1", bill, PHARMACY)
    assert (await town.totals("w1"), await town.balance("w1")) == before


async def test_a_settlement_is_cancelled_only_once(town: Town) -> None:
    bill = await town.buy("w1", "900")
    await town.cancel("w1", bill, PHARMACY)
    with pytest.raises(Refused, match="S305"):
        await town.cancel("w1", bill, PHARMACY)


async def test_a_negative_settlement_cannot_be_cancelled(town: Town) -> None:
    back = await town.cancel("w1", await town.buy("w1", "900"), PHARMACY)
    with pytest.raises(Refused, match="S304"):
        await town.cancel("w1", back, PHARMACY)


async def test_cancelling_what_later_bills_build_on_is_refused_with_the_list_in_order(town: Town) -> None:
    bills = [await town.buy("w1", "400") for _ in range(3)]
    with pytest.raises(Refused, match="S306") as caught:
        await town.cancel("w1", bills[0], PHARMACY)
    text = str(caught.value)
    assert text.index(bills[2]["setl_id"]) < text.index(bills[1]["setl_id"])
    for bill in reversed(bills):
        await town.cancel("w1", bill, PHARMACY)
    assert await town.totals("w1") == {}


async def test_a_later_bill_of_other_benefits_does_not_stand_in_the_way(town: Town) -> None:
    sale = await town.buy("w1", "900")
    await town.stay("w1", "3000")
    assert (await town.cancel("w1", sale, PHARMACY))["hifp_pay"] == -sale["hifp_pay"]


async def test_after_a_cancellation_the_same_lines_are_settled_anew(town: Town) -> None:
    first = await town.stay("r1", "2000")
    await town.cancel("r1", first)
    again = await town.settle("r1", first["mdtrt_id"])
    assert again["hifp_pay"] == first["hifp_pay"]
    assert (await town.totals("r1"))["2024:admissions"] == 1


@pytest.fixture
def recomputing(town: Town, tmp_path: Path) -> Town:
    """The town under a pack that recomputes later bills instead of refusing."""
    return town.under(tmp_path, cancellation="recompute")


async def test_where_the_pack_says_so_later_bills_are_recomputed(recomputing: Town) -> None:
    town = recomputing
    first = await town.buy("w1", "400", account="0")
    await town.buy("w1", "400", account="0")  # pays (800 − 500) × 80 % = 240
    await town.cancel("w1", first, PHARMACY)
    assert (await town.totals("w1")) == {"2024:pooled:deductible": 40_000}
    async with town.database.connection() as connection:
        rows = await connection.fetch(
            "select hifp_pay, init_setl_id from settlement.settlement order by created_at offset 2"
        )
    assert [row["hifp_pay"] for row in rows] == [-24_000, 0, 0]


async def test_reversal_of_a_settlement_whose_reply_was_lost_undoes_it(town: Town) -> None:
    await town.buy("w1", "900", msgid="lost")
    await town.reverse("w1", "lost", "2102")
    assert (await town.totals("w1"), await town.balance("w1")) == ({}, 100_000)
    with pytest.raises(Refused, match="G042"):
        await town.buy("w1", "900", msgid="lost")


async def test_reversal_of_a_message_that_never_came_makes_a_late_one_refused(town: Town) -> None:
    await town.reverse("w1", "never", "2102")
    with pytest.raises(Refused, match="G042"):
        await town.buy("w1", "900", msgid="never")


async def test_reversal_may_be_repeated(town: Town) -> None:
    await town.buy("w1", "900", msgid="lost")
    await town.reverse("w1", "lost", "2102")
    await town.reverse("w1", "lost", "2102")
    assert await town.balance("w1") == 100_000


async def test_only_settlements_and_admissions_can_be_reversed(town: Town) -> None:
    with pytest.raises(Refused, match="S501"):
        await town.reverse("w1", "x", "2204")


async def test_a_stay_cannot_be_withdrawn_by_another_hospital(town: Town) -> None:
    bill = await town.stay("r1", "1000")
    with pytest.raises(Refused, match="S303"):
        await town.cancel("r1", bill, COUNTY_HOSPITAL)


async def test_interim_settlements_are_cancelled_from_the_last_back(town: Town) -> None:
    stay = await town.admit("r1")
    await town.upload("r1", stay, town.line(DRUG_A, "2000"))
    first = await town.settle("r1", stay, mid_setl_flag="1")
    await town.upload("r1", stay, town.line(DRUG_A, "1000"))
    last = await town.settle("r1", stay)
    with pytest.raises(Refused, match="S306"):
        await town.cancel("r1", first)
    await town.cancel("r1", last)
    await town.cancel("r1", first, HOSPITAL)
    assert await town.totals("r1") == {}

"""Bills that are computed again: in a pack that recomputes later bills, and after a cancellation by the institution."""

from datetime import datetime
from typing import Any

import pytest

from tests.settlement.test_cancelling import recomputing  # noqa: F401
from tests.settlement.town import DRUG_A, HOSPITAL, PHARMACY, Town
from yibao.core.errors import Refused

STANDING = """
select * from settlement.settlement s where psn_no = $1 and init_setl_id is null
  and not exists (select 1 from settlement.settlement c where c.init_setl_id = s.setl_id) order by created_at
"""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def standing(town: Town, psn_no: str) -> list[Any]:
    async with town.database.connection() as connection:
        return list(await connection.fetch(STANDING, psn_no))


async def test_reversing_a_message_undoes_what_was_computed_again_from_it(recomputing: Town) -> None:  # noqa: F811
    first = await recomputing.buy("w1", "400", account="0")
    await recomputing.buy("w1", "400", account="0", msgid="lost")
    await recomputing.cancel("w1", first, PHARMACY)
    await recomputing.reverse("w1", "lost", "2102")
    assert await standing(recomputing, "w1") == []
    assert await recomputing.totals("w1") == {}


async def test_cancelling_a_bill_that_was_computed_again_names_the_bill_in_its_place(
    recomputing: Town,  # noqa: F811
) -> None:
    first = await recomputing.buy("w1", "400", account="0")
    second = await recomputing.buy("w1", "400", account="0")
    await recomputing.cancel("w1", first, PHARMACY)
    (now,) = await standing(recomputing, "w1")
    with pytest.raises(Refused, match=f"S305.*现为结算ID {now['setl_id']}"):
        await recomputing.cancel("w1", second, PHARMACY)
    await recomputing.cancel("w1", dict(now), PHARMACY)
    assert await recomputing.totals("w1") == {}


async def test_a_bill_settled_anew_by_the_institution_is_not_undone_by_reversing_the_old_message(town: Town) -> None:
    mdtrt_id = await town.visit("w2")
    await town.upload("w2", mdtrt_id, town.line(DRUG_A, "10"))
    lost = town.message(HOSPITAL, "2207")
    bill = await town.settle("w2", mdtrt_id, msgid=lost.msgid, insutype="310")
    await town.cancel("w2", bill)
    again = await town.settle("w2", mdtrt_id, insutype="310")
    await town.reverse("w2", lost.msgid, "2304", HOSPITAL)
    assert [row["setl_id"] for row in await standing(town, "w2")] == [again["setl_id"]]


async def test_an_interim_bill_computed_again_in_the_next_year_stays_in_its_year(recomputing: Town) -> None:  # noqa: F811
    town = recomputing
    town.clock(at("2024-12-20 10:00:00"))
    first = await town.stay("r1", "2000", days=1)
    stay = await town.admit("r1")
    await town.upload("r1", stay, town.line(DRUG_A, "3000"))
    town.clock(at("2024-12-30 10:00:00"))
    await town.settle("r1", stay, mid_setl_flag="1")
    town.clock(at("2025-01-10 10:00:00"))
    await town.cancel("r1", first)
    (again,) = await standing(town, "r1")
    assert (str(again["enddate"]), again["year"]) == ("2024-12-30", 2024)


async def test_an_outpatient_bill_settled_days_later_and_settled_anew_stays_on_the_day_of_care(town: Town) -> None:
    town.clock(at("2024-12-30 10:00:00"))
    mdtrt_id = await town.visit("w2")
    await town.upload("w2", mdtrt_id, town.line(DRUG_A, "1000"))
    town.clock(at("2025-01-02 10:00:00"))
    await town.cancel("w2", await town.settle("w2", mdtrt_id, insutype="310"))
    await town.settle("w2", mdtrt_id, insutype="310")
    (bill,) = await standing(town, "w2")
    assert (str(bill["enddate"]), bill["year"]) == ("2024-12-30", 2024)


async def test_a_stay_settled_days_after_its_discharge_and_settled_anew_ends_with_the_discharge(town: Town) -> None:
    town.clock(at("2024-12-20 10:00:00"))
    stay = await town.admit("r1")
    await town.upload("r1", stay, town.line(DRUG_A, "3000"))
    async with town.database.transaction() as connection:
        await connection.execute(
            "update settlement.visit set status = 'discharged', endtime = '2024-12-30 09:00' where mdtrt_id = $1", stay
        )
    town.clock(at("2025-01-02 10:00:00"))
    await town.cancel("r1", await town.settle("r1", stay))
    await town.settle("r1", stay)
    (bill,) = await standing(town, "r1")
    assert (str(bill["enddate"]), bill["year"]) == ("2024-12-30", 2024)


async def test_an_early_interim_bill_of_a_stay_of_years_is_cancelled_without_loss_of_that_years_accumulators(
    town: Town,
) -> None:
    town.clock(at("2024-02-01 10:00:00"))
    await town.stay("r1", "2000", days=1)
    before = await town.totals("r1")
    stay = await town.admit("r1")
    await town.upload("r1", stay, town.line(DRUG_A, "3000"))
    interim = await town.settle("r1", stay, mid_setl_flag="1")
    town.clock(at("2026-03-01 10:00:00"))
    await town.cancel("r1", interim)
    assert await town.totals("r1") == before


async def test_the_final_bill_of_a_stay_is_computed_again_with_its_interim_bill_though_it_counts_no_admission(
    recomputing: Town,  # noqa: F811
) -> None:
    town = recomputing
    first = await town.stay("r1", "0.01", days=1)
    stay = await town.admit("r1")
    await town.upload("r1", stay, town.line(DRUG_A, "3000"))
    await town.settle("r1", stay, mid_setl_flag="1")
    await town.upload("r1", stay, town.line(DRUG_A, "1000"))
    await town.settle("r1", stay)
    await town.cancel("r1", first)
    interim, last = await standing(town, "r1")
    # now it is the first admission of the year, with a deductible of 800
    assert (interim["act_pay_dedc"], interim["hifp_pay"]) == (80_000, 154_000)
    assert (last["medfee_sumamt"], last["act_pay_dedc"], last["hifp_pay"]) == (100_000, 0, 70_000)


async def test_an_interim_bill_is_not_cancelled_before_the_final_bill_of_its_stay(
    recomputing: Town,  # noqa: F811
) -> None:
    town = recomputing
    stay = await town.admit("r1")
    await town.upload("r1", stay, town.line(DRUG_A, "3000"))
    interim = await town.settle("r1", stay, mid_setl_flag="1")
    await town.upload("r1", stay, town.line(DRUG_A, "1000"))
    last = await town.settle("r1", stay)
    with pytest.raises(Refused, match=f"S306.*{last['setl_id']}"):
        await town.cancel("r1", interim)


async def test_a_bill_computed_again_may_use_the_account_as_it_was_asked_even_if_that_paid_nothing(
    recomputing: Town,  # noqa: F811
) -> None:
    town = recomputing
    first = await town.buy("w3", "500", account="0")
    empty = await town.buy("w3", "400", account="1")
    assert (empty["hifp_pay"], empty["acct_pay"]) == (34_000, 0)
    async with town.database.transaction() as connection:
        await connection.execute("select population.move_accounts('{w3}', '{100000}', 'credit', 'test')")
    await town.cancel("w3", first, PHARMACY)
    assert await town.balance("w3") == 100_000 - 40_000  # under the deductible again, so the account pays

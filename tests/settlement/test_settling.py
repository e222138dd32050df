"""Settling through the real database: what is paid, remembered, refused."""

import pytest

from tests.settlement.town import DRUG_A, DRUG_B, HOSPITAL, LIMITED, OWN_PAID, PHARMACY, Town
from yibao.core.errors import Refused


async def test_a_purchase_under_the_deductible_is_paid_from_the_account_and_counts_towards_it(town: Town) -> None:
    bill = await town.buy("w1", "300")
    assert (bill["hifp_pay"], bill["acct_pay"], bill["cash_payamt"], bill["balc"]) == (0, 30_000, 0, 70_000)
    assert (await town.totals("w1"))["2024:pooled:deductible"] == 30_000


async def test_the_yearly_deductible_is_taken_over_several_purchases_and_then_no_more(town: Town) -> None:
    await town.buy("w1", "300", account="0")
    second = await town.buy("w1", "400", account="0")
    assert second["act_pay_dedc"] == 20_000
    assert second["hifp_pay"] == 16_000  # (400 − 200) × 80 %
    third = await town.buy("w1", "100", account="0")
    assert (third["act_pay_dedc"], third["hifp_pay"]) == (0, 8_000)


async def test_an_inpatient_bill_passes_basic_serious_illness_and_medical_aid_in_one_settlement(town: Town) -> None:
    bill = await town.stay("r2", "50000")
    # basic (50000 − 800) × 70 % = 34440; serious illness (15560 − 7500) × 65 % = 5239; aid (15560 − 5239) × 75 %
    assert (bill["hifp_pay"], bill["hifmi_pay"], bill["maf_pay"]) == (3_444_000, 523_900, 774_075)
    assert bill["cash_payamt"] == 5_000_000 - 3_444_000 - 523_900 - 774_075


async def test_the_classes_of_lines_decide_what_enters_the_benefit(town: Town) -> None:
    stay = await town.admit("r1")
    await town.upload(
        "r1", stay, town.line(DRUG_A, "1000"), town.line(DRUG_B, "50"), town.line(DRUG_B, "80"),
        town.line(OWN_PAID, "70"), town.line(LIMITED, "90"), town.line(LIMITED, "60", hosp_appr_flag="1"),
    )  # fmt: skip
    bill = (await town.try_settle(town.request("r1", stay))).bill
    assert bill.fulamt_ownpay_amt == 16_000  # class 丙 70 and the limited drug without approval 90
    assert bill.overlmt_selfpay == 3_000  # 80 against a limit of 50
    assert bill.preselfpay_amt == 1_000  # 10 % of 50 twice
    assert bill.inscp_amt == 100_000 + 4_500 + 4_500 + 6_000


async def test_a_trial_writes_nothing_at_all(town: Town) -> None:
    stay = await town.admit("r1")
    await town.upload("r1", stay, town.line(DRUG_A, "1000"))
    trial = (await town.try_settle(town.request("r1", stay))).bill
    assert trial.hifp_pay == 14_000
    assert await town.totals("r1") == {}
    async with town.database.connection() as connection:
        assert await connection.fetchval("select count(*) from settlement.settlement") == 0
        assert await connection.fetchval("select count(*) from ledger.entry where kind = 'settlement'") == 0


async def test_the_same_message_again_gets_the_stored_reply_and_settles_nothing(town: Town) -> None:
    request = town.sale("w1", town.line(DRUG_A, "20"))
    message = town.message(PHARMACY, "2102")
    from tests.settlement.town import render
    from yibao.settlement.actions import settle

    first = await settle(town.services, request, message, render)
    again = await settle(town.services, request, message, render)
    assert first == again
    assert await town.balance("w1") == 98_000


async def test_the_same_msgid_with_another_body_is_refused(town: Town) -> None:
    from tests.settlement.town import render
    from yibao.settlement.actions import settle

    await town.buy("w1", "20", msgid="m1")
    with pytest.raises(Refused, match="G041"):
        await settle(
            town.services,
            town.sale("w1", town.line(DRUG_A, "99")),
            town.message(PHARMACY, "2102", "m1", b"other"),
            render,
        )


async def test_a_total_that_differs_from_the_lines_is_refused_with_both_numbers(town: Town) -> None:
    with pytest.raises(Refused, match=r"S210.*21\.00元.*20\.00元"):
        await town.buy("w1", "20", medfee_sumamt=2_100)


async def test_every_bad_line_of_a_message_is_named_at_once(town: Town) -> None:
    stay = await town.admit("r1")
    from dataclasses import replace  # noqa: F401

    import msgspec

    unknown = town.line("NOSUCH", "10")
    wrong = msgspec.structs.replace(town.line(DRUG_A, "10"), det_item_fee_sumamt=5_000)
    with pytest.raises(Refused) as caught:
        await town.upload("r1", stay, unknown, wrong)
    assert [refusal.code for refusal in caught.value.refusals] == ["S202", "S203"]
    assert "第1行" in str(caught.value)


async def test_a_late_line_after_the_settlement_is_refused(town: Town) -> None:
    bill = await town.stay("r1", "1000")
    with pytest.raises(Refused, match="S104"):
        await town.upload("r1", bill["mdtrt_id"], town.line(DRUG_A, "10"))


async def test_a_line_number_is_used_once(town: Town) -> None:
    stay = await town.admit("r1")
    await town.upload("r1", stay, town.line(DRUG_A, "10", "one"))
    with pytest.raises(Refused, match="S201"):
        await town.upload("r1", stay, town.line(DRUG_A, "20", "one"))


async def test_two_stays_at_once_are_refused(town: Town) -> None:
    await town.admit("r1")
    with pytest.raises(Refused, match="S110"):
        await town.admit("r1")


async def test_the_second_admission_of_a_year_has_a_lower_deductible(town: Town) -> None:
    first = await town.stay("r1", "2000")
    second = await town.stay("r1", "2000")
    assert (first["act_pay_dedc"], second["act_pay_dedc"]) == (80_000, 70_000)


async def test_an_interim_settlement_takes_the_deductible_of_a_stay_only_once(town: Town) -> None:
    stay = await town.admit("r1")
    await town.upload("r1", stay, town.line(DRUG_A, "2000"))
    first = await town.settle("r1", stay, mid_setl_flag="1")
    await town.upload("r1", stay, town.line(DRUG_A, "1000"))
    last = await town.settle("r1", stay)
    assert (first["act_pay_dedc"], last["act_pay_dedc"]) == (80_000, 0)
    assert (await town.totals("r1"))["2024:admissions"] == 1


async def test_an_accident_with_a_liable_third_party_is_refused_with_its_reason(town: Town) -> None:
    stay = await town.admit("r1", med_type="22", ttp_pay_flag="1")
    await town.upload("r1", stay, town.line(DRUG_A, "1000"))
    with pytest.raises(Refused, match="第三方责任"):
        await town.settle("r1", stay)


async def test_a_relatives_account_pays_after_the_own_one_when_the_person_asks_for_it(town: Town) -> None:
    async with town.database.transaction() as connection:
        await connection.execute(
            "insert into population.family_link (beneficiary, payer, seq, relation, begndate)"
            " values ('w3', 'w2', 1, '配偶', '2024-01-01')"
        )
    bill = await town.buy("w3", "300", account="2")
    assert (bill["acct_pay"], bill["acct_mulaid_pay"], bill["cash_payamt"]) == (30_000, 30_000, 0)
    assert await town.balance("w2") == 20_000


async def test_an_empty_account_does_not_touch_the_pooled_benefit(town: Town) -> None:
    bill = await town.buy("w3", "700")
    assert (bill["hifp_pay"], bill["acct_pay"], bill["cash_payamt"]) == (17_000, 0, 53_000)  # (700 − 500) × 85 %


async def test_a_hospital_cannot_settle_another_hospitals_visit(town: Town) -> None:
    stay = await town.admit("r1", HOSPITAL)
    await town.upload("r1", stay, town.line(DRUG_A, "10"))
    with pytest.raises(Refused, match="S103"):
        await town.settle("r1", stay, "H34060000002")

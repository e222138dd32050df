"""Fee lines as they come: a refused one is self-paid, a suspicious one marked, and the money still adds up."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from tests.gateway.conftest import City
from tests.gateway.messages import fee_row, sale
from tests.settlement.test_verifying import broken
from tests.settlement.town import COUNTY_HOSPITAL, DRUG_A, DRUG_B, HOSPITAL, PHARMACY
from tests.supervision.counter.conftest import Watched
from tests.supervision.counter.orders import asking, encounter, feedback, order, rulebooks
from yibao.supervision.counter.answers import set_title
from yibao.supervision.kinds.frequency_in_period import FrequencyInPeriod
from yibao.supervision.rulebook import Rule


async def lines(city: City, mdtrt_id: str) -> list[Any]:
    async with city.town.database.connection() as connection:
        return list(
            await connection.fetch(
                "select * from settlement.fee_line where mdtrt_id = $1 and not cancelled order by bkkp_sn", mdtrt_id
            )
        )


async def test_a_refused_line_is_wholly_self_paid_and_its_reply_says_why(city: City) -> None:
    visit = await city.town.visit("w1")
    rows = [fee_row("w1", visit, "F1", DRUG_A, "900"), fee_row("w1", visit, "F2", DRUG_B, "5")]
    refused, clean = (await city.hospital.ok("2204", {"feedetail": rows}))["result"]
    assert (refused["fulamt_ownpay_amt"], refused["inscp_scp_amt"]) == (900, 0)
    assert "N05药品区分性别使用" in refused["memo"]
    assert (clean["memo"], clean["fulamt_ownpay_amt"]) == ("", 0)
    bill = await city.town.settle("w1", visit)
    assert bill["inscp_amt"] == 450
    first, second = await lines(city, visit)
    assert (first["mark"], second["mark"]) == ("refused", "")
    assert first["fulamt_ownpay_amt"] == first["det_item_fee_sumamt"] == 90_000


async def test_a_bill_of_nothing_but_refused_lines_pays_nothing(city: City) -> None:
    stay = await city.town.admit("w1", insutype="310")
    await city.town.upload("w1", stay, city.town.line(DRUG_A, "90000"))
    bill = await city.town.settle("w1", stay)
    assert (bill["fund_pay_sumamt"], bill["psn_pay"]) == (0, 9_000_000)
    assert await broken(city.town) == {}


async def test_a_suspicious_line_is_marked_and_paid(city: City) -> None:
    visit = await city.town.visit("w2", COUNTY_HOSPITAL)
    (row,) = (await city.county.ok("2204", {"feedetail": [fee_row("w2", visit, "F1", DRUG_B, "5")]}))["result"]
    assert "N11限定医疗机构级别" in row["memo"]
    assert row["inscp_scp_amt"] == 4.5
    assert [line["mark"] for line in await lines(city, visit)] == ["suspect"]


async def test_a_line_whose_order_a_senior_doctor_approved_is_paid(city: City) -> None:
    visit = await city.town.visit("w1")
    (found,) = (await city.hospital.ok("3101", asking("w1", encounter("his-own", order("R1", DRUG_A)))))["result"]
    await city.hospital.ok("3103", feedback(found["jr_id"]), opter="D9")
    row = fee_row("w1", visit, "F1", DRUG_A, "30") | {"rxno": "RXR1"}
    other = fee_row("w1", visit, "F2", DRUG_A, "30") | {"rxno": "RX-other"}
    approved, refused = (await city.hospital.ok("2204", {"feedetail": [row, other]}))["result"]
    assert (approved["inscp_scp_amt"], refused["inscp_scp_amt"]) == (30, 0)
    assert "D9批准：病情需要" in approved["memo"]
    assert [line["mark"] for line in await lines(city, visit)] == ["approved", "refused"]


async def test_an_approval_at_one_hospital_is_none_at_another(city: City) -> None:
    (found,) = (await city.hospital.ok("3101", asking("w1", encounter("his-own", order("R1", DRUG_A)))))["result"]
    await city.hospital.ok("3103", feedback(found["jr_id"]), opter="D9")
    visit = await city.town.visit("w1", COUNTY_HOSPITAL)
    row = fee_row("w1", visit, "F1", DRUG_A, "30") | {"rxno": "RXR1"}
    (refused,) = (await city.county.ok("2204", {"feedetail": [row]}))["result"]
    assert refused["inscp_scp_amt"] == 0


async def test_a_refund_of_a_refused_line_is_refused_too_so_that_no_portion_goes_below_zero(city: City) -> None:
    stay = await city.town.admit("w1", insutype="310")
    await city.town.upload("w1", stay, city.town.line(DRUG_A, "100", "F1"), city.town.line(DRUG_B, "5", "F2"))
    back = city.town.line(DRUG_A, "-40", "F3", init_feedetl_sn="F1")
    await city.town.upload("w1", stay, msgspec.structs.replace(back, cnt=-4_000, pric=100_000_000))
    assert [line["mark"] for line in await lines(city, stay)] == ["refused", "", "refused"]
    bill = await city.town.settle("w1", stay)
    assert (bill["medfee_sumamt"], bill["inscp_amt"]) == (6_500, 450)
    assert await broken(city.town) == {}


async def test_a_cancelled_settlement_with_a_refused_line_is_its_exact_negative_and_settles_alike_again(
    city: City,
) -> None:
    visit = await city.town.visit("w1")
    await city.town.upload("w1", visit, city.town.line(DRUG_A, "900"), city.town.line(DRUG_B, "100"))
    bill = await city.town.settle("w1", visit)
    negative = await city.town.cancel("w1", bill)
    amounts = ("medfee_sumamt", "fund_pay_sumamt", "inscp_amt", "psn_pay", "cash_payamt", "acct_pay")
    assert all(negative[name] == -bill[name] for name in amounts)
    again = await city.town.settle("w1", visit)
    assert all(again[name] == bill[name] for name in amounts)
    assert await broken(city.town) == {}


async def test_a_pharmacy_is_told_in_the_trial_and_sells_at_the_persons_own_cost(city: City) -> None:
    trial = await city.pharmacy.ok("2101", sale("w1", DRUG_A, "300"))
    assert trial["setlinfo"]["fulamt_ownpay_amt"] == 300
    sold = await city.pharmacy.ok("2102", sale("w1", DRUG_A, "300"))
    assert (sold["setlinfo"]["fulamt_ownpay_amt"], sold["setlinfo"]["fund_pay_sumamt"]) == (300, 0)
    async with city.town.database.connection() as connection:
        assert await connection.fetchval("select mark from settlement.fee_line") == "refused"
    assert await broken(city.town) == {}


TWICE = FrequencyInPeriod(
    rule_id="N22", kp_id="K3", code=DRUG_A, item="周药", max_count=25_000, window_days=7, across=1
)
WEEKLY = Rule("N22", "限定频次", "frequency_in_period", "violation", frozenset({"during"}), "目录", refuses=True)


async def test_a_line_that_is_too_much_in_part_only_is_suspicious_and_not_refused(watched: Watched) -> None:
    city = watched(rulebooks([WEEKLY], {"frequency_in_period": [TWICE]}))
    visit = await city.town.visit("w1")
    four = msgspec.structs.replace(city.town.line(DRUG_A, "40"), cnt=40_000, pric=10_000_000)
    await city.town.upload("w1", visit, four)
    assert [line["mark"] for line in await lines(city, visit)] == ["suspect"]
    await city.town.upload("w1", visit, city.town.line(DRUG_A, "10"))
    assert [line["mark"] for line in await lines(city, visit)] == ["suspect", "refused"]


async def test_what_was_bought_elsewhere_counts_against_a_sale(watched: Watched) -> None:
    city = watched(rulebooks([WEEKLY], {"frequency_in_period": [replace(TWICE, max_count=20_000)]}))
    await city.town.buy("w1", "10", "10")
    bill = await city.town.buy("w1", "10")
    assert bill["inscp_amt"] == 0
    assert await broken(city.town) == {}


async def test_a_title_is_recorded_for_doctors_of_the_institution_only(city: City) -> None:
    async with city.town.database.transaction() as connection:
        assert await set_title(connection, HOSPITAL, "D1", "232")
        assert not await set_title(connection, PHARMACY, "D1", "231")
        assert await connection.fetchval("select prof_title from directory.doctor where dr_codg = 'D1'") == "232"


async def test_the_database_itself_keeps_a_refused_line_from_being_paid(city: City) -> None:
    visit = await city.town.visit("w1")
    await city.town.upload("w1", visit, city.town.line(DRUG_A, "900"))
    async with city.town.database.connection() as connection:
        with pytest.raises(Exception, match="refused_line_pays_nothing"):
            await connection.execute(
                "update settlement.fee_line set inscp_amt = fulamt_ownpay_amt, fulamt_ownpay_amt = 0"
            )

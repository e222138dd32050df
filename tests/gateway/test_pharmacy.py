"""A pharmacy program: trial, sale, undo, and a lost reply."""

from tests.gateway.conftest import City
from tests.gateway.messages import sale
from tests.gateway.test_outpatient import amount, check_identities
from tests.settlement.town import DRUG_A


async def bills(city: City) -> int:
    async with city.town.database.connection() as connection:
        return int(await connection.fetchval("select count(*) from settlement.settlement"))


async def test_a_sale_is_settled_in_one_message_with_the_result_of_every_line(city: City) -> None:
    output = await city.pharmacy.ok("2102", sale("w1", DRUG_A, "300"))
    check_identities(output["setlinfo"])
    assert amount(output["setlinfo"], "acct_pay") == 300
    (line,) = output["detlcutinfo"]
    assert amount(line, "inscp_scp_amt") == 300


async def test_a_trial_of_a_sale_keeps_nothing_and_says_the_same_amounts(city: City) -> None:
    trial = await city.pharmacy.ok("2101", sale("w1", DRUG_A, "700"))
    assert await bills(city) == 0
    settled = await city.pharmacy.ok("2102", sale("w1", DRUG_A, "700"))
    for name in ("hifp_pay", "acct_pay", "psn_cash_pay", "act_pay_dedc"):
        assert trial["setlinfo"][name] == settled["setlinfo"][name]


async def test_a_cancelled_sale_gives_the_account_its_money_back(city: City) -> None:
    before = await city.town.balance("w1")
    info = (await city.pharmacy.ok("2102", sale("w1", DRUG_A, "300")))["setlinfo"]
    undo = {"data": {"setl_id": info["setl_id"], "mdtrt_id": info["mdtrt_id"], "psn_no": "w1"}}
    negative = (await city.pharmacy.ok("2103", undo))["setlinfo"]
    assert amount(negative, "medfee_sumamt") == -300
    check_identities(negative)
    assert await city.town.balance("w1") == before


async def test_a_sale_whose_reply_was_lost_is_reversed_by_its_msgid(city: City) -> None:
    before = await city.town.balance("w1")
    await city.pharmacy.ok("2102", sale("w1", DRUG_A, "300"), msgid="P34060000001-lost")
    lost = {"data": {"psn_no": "w1", "omsgid": "P34060000001-lost", "oinfno": "2102"}}
    assert await city.pharmacy.ok("2601", lost) == {}
    assert await city.town.balance("w1") == before


async def test_a_reversed_message_that_comes_late_is_refused(city: City) -> None:
    lost = {"data": {"psn_no": "w1", "omsgid": "P34060000001-late", "oinfno": "2102"}}
    await city.pharmacy.ok("2601", lost)
    reply = await city.pharmacy.call("2102", sale("w1", DRUG_A, "300"), msgid="P34060000001-late")
    assert reply["infcode"] == -1
    assert await bills(city) == 0


async def test_a_refused_sale_says_why_and_its_msgid_may_be_used_again(city: City) -> None:
    reply = await city.pharmacy.call("2102", sale("w1", "X-unknown", "300"), msgid="P34060000001-again")
    assert [fault["code"] for fault in reply["output"]["faults"]] == ["S202"]
    await city.pharmacy.ok("2102", sale("w1", DRUG_A, "300"), msgid="P34060000001-again")


async def test_a_hospital_cannot_cancel_what_a_pharmacy_settled(city: City) -> None:
    info = (await city.pharmacy.ok("2102", sale("w1", DRUG_A, "300")))["setlinfo"]
    undo = {"data": {"setl_id": info["setl_id"], "mdtrt_id": info["mdtrt_id"], "psn_no": "w1"}}
    reply = await city.hospital.call("2208", undo)
    assert reply["infcode"] == -1
    assert await bills(city) == 1

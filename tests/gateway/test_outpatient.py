"""A hospital program settles an outpatient visit over the wire, in the order real programs use."""

import asyncio
import json
from decimal import Decimal
from typing import Any

from tests.gateway.conftest import City
from tests.gateway.messages import description, fee_row, registration, settling
from tests.settlement.town import DRUG_A, DRUG_B


async def visit_with_lines(city: City, psn_no: str = "w1") -> str:
    mdtrt_id = (await city.hospital.ok("2201", registration(psn_no)))["data"]["mdtrt_id"]
    await city.hospital.ok("2203", description(psn_no, mdtrt_id))
    rows = [fee_row(psn_no, mdtrt_id, "1", DRUG_A, "1000"), fee_row(psn_no, mdtrt_id, "2", DRUG_B, "80")]
    await city.hospital.ok("2204", {"feedetail": rows})
    return str(mdtrt_id)


def amount(info: dict[str, Any], name: str) -> Decimal:
    return Decimal(str(info[name]))


def check_identities(info: dict[str, Any]) -> None:
    """The four identities that hold in every reply of the interface."""
    fund = amount(info, "fund_pay_sumamt")
    assert amount(info, "medfee_sumamt") == fund + amount(info, "psn_part_amt") + amount(info, "hosp_part_amt")
    assert amount(info, "psn_part_amt") == amount(info, "acct_pay") + amount(info, "psn_cash_pay")
    portions = ("inscp_scp_amt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt")
    assert amount(info, "medfee_sumamt") == sum(amount(info, name) for name in portions)
    funds = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "oth_pay", "hifdm_pay")
    assert fund == sum(amount(info, name) for name in funds)


async def test_an_outpatient_visit_is_settled_in_the_order_real_programs_use(city: City) -> None:
    mdtrt_id = await visit_with_lines(city)
    trial = await city.hospital.ok("2206", settling("w1", mdtrt_id, "1080"))
    settled = await city.hospital.ok("2207", settling("w1", mdtrt_id, "1080"))
    for name in ("hifp_pay", "psn_part_amt", "fund_pay_sumamt", "act_pay_dedc"):
        assert trial["setlinfo"][name] == settled["setlinfo"][name]
    assert settled["setlinfo"]["mdtrt_id"] == mdtrt_id
    assert settled["setlinfo"]["setl_id"]


async def test_the_four_identities_hold_and_the_details_add_up(city: City) -> None:
    mdtrt_id = await visit_with_lines(city)
    output = await city.hospital.ok("2207", settling("w1", mdtrt_id, "1080"))
    info = output["setlinfo"]
    check_identities(info)
    details = sum(amount(row, "fund_payamt") for row in output["setldetail"])
    assert details == amount(info, "fund_pay_sumamt") + amount(info, "acct_pay") + amount(info, "hosp_part_amt")
    assert all(row["fund_pay_type_name"] and row["policy_name"] for row in output["setldetail"])
    assert "310200" in {row["fund_pay_type"] for row in output["setldetail"]}


async def test_a_cancellation_repeats_the_bill_in_negative_amounts_under_a_new_number(city: City) -> None:
    mdtrt_id = await visit_with_lines(city)
    info = (await city.hospital.ok("2207", settling("w1", mdtrt_id, "1080")))["setlinfo"]
    undo = {"data": {"setl_id": info["setl_id"], "mdtrt_id": mdtrt_id, "psn_no": "w1"}}
    negative = (await city.hospital.ok("2208", undo))["setlinfo"]
    assert negative["setl_id"] != info["setl_id"]
    check_identities(negative)
    for name in ("medfee_sumamt", "hifp_pay", "acct_pay", "psn_cash_pay", "inscp_scp_amt"):
        assert amount(negative, name) == -amount(info, name)


async def test_a_repeated_message_gets_the_same_bytes_and_settles_once(city: City) -> None:
    mdtrt_id = await visit_with_lines(city)
    body = json.dumps(city.hospital.envelope("2207", settling("w1", mdtrt_id, "1080"))).encode()
    first = await city.hospital.send(body)
    again = await city.hospital.send(body, "/fsi/api/rsfComIfsService/callService")
    assert first.content == again.content
    async with city.town.database.connection() as connection:
        assert await connection.fetchval("select count(*) from settlement.settlement") == 1


async def test_a_known_msgid_with_another_body_is_refused(city: City) -> None:
    mdtrt_id = await visit_with_lines(city)
    await city.hospital.ok("2207", settling("w1", mdtrt_id, "1080"), msgid="H34060000001-one")
    reply = await city.hospital.call("2207", settling("w1", mdtrt_id, "1081"), msgid="H34060000001-one")
    assert (reply["infcode"], reply["output"]["faults"][0]["code"]) == (-1, "G041")


async def test_the_result_of_every_line_comes_back_with_its_four_amounts(city: City) -> None:
    mdtrt_id = (await city.hospital.ok("2201", registration("w1")))["data"]["mdtrt_id"]
    rows = [fee_row("w1", mdtrt_id, "a", DRUG_B, "80")]
    (line,) = (await city.hospital.ok("2204", {"feedetail": rows}))["result"]
    assert (line["feedetl_sn"], line["chrgitm_lv"], line["selfpay_prop"]) == ("a", "02", 0.1)
    parts = ("fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt")
    assert sum(amount(line, name) for name in parts) == 80


async def test_withdrawn_lines_are_gone_and_the_visit_can_be_withdrawn(city: City) -> None:
    mdtrt_id = await visit_with_lines(city)
    await city.hospital.ok("2205", {"data": {"mdtrt_id": mdtrt_id, "chrg_bchno": "0000", "psn_no": "w1"}})
    reply = await city.hospital.call("2207", settling("w1", mdtrt_id, "1080"))
    assert reply["output"]["faults"][0]["code"] == "S211"
    await city.hospital.ok("2202", {"data": {"mdtrt_id": mdtrt_id, "psn_no": "w1", "ipt_otp_no": "M1"}})


async def test_lines_of_two_people_in_one_message_are_refused_with_their_row(city: City) -> None:
    mdtrt_id = (await city.hospital.ok("2201", registration("w1")))["data"]["mdtrt_id"]
    rows = [fee_row("w1", mdtrt_id, "1", DRUG_A, "1"), fee_row("w2", mdtrt_id, "2", DRUG_A, "1")]
    (fault,) = (await city.hospital.call("2204", {"feedetail": rows}))["output"]["faults"]
    assert (fault["code"], fault["row"], fault["field"]) == ("G028", 2, "psn_no")


async def test_the_kind_of_care_of_the_bill_must_be_that_of_the_visit(city: City) -> None:
    mdtrt_id = await visit_with_lines(city)
    reply = await city.hospital.call("2206", settling("w1", mdtrt_id, "1080", med_type="13"))
    assert [fault["code"] for fault in reply["output"]["faults"]] == ["S105"]


async def test_a_visit_that_was_never_described_is_settled_as_the_kind_of_care_that_the_bill_names(city: City) -> None:
    mdtrt_id = (await city.hospital.ok("2201", registration("w1")))["data"]["mdtrt_id"]
    await city.hospital.ok("2204", {"feedetail": [fee_row("w1", mdtrt_id, "1", DRUG_A, "8")]})
    output = await city.hospital.ok("2207", settling("w1", mdtrt_id, "8", med_type="12"))
    assert output["setlinfo"]["med_type"] == "12"


async def test_an_injury_for_which_a_third_party_is_liable_is_refused_with_its_reason(city: City) -> None:
    mdtrt_id = await visit_with_lines(city)
    liable = settling("w1", mdtrt_id, "1080", exp_content={"TRUM_FLAG": "1", "REL_TTP_FLAG": "1"})
    reply = await city.hospital.call("2207", liable)
    assert reply["infcode"] == -1
    assert "第三方" in reply["err_msg"] or "第三人" in reply["err_msg"]


async def test_the_same_message_many_times_at_once_settles_once_and_gets_one_reply(city: City) -> None:
    mdtrt_id = await visit_with_lines(city)
    body = json.dumps(city.hospital.envelope("2207", settling("w1", mdtrt_id, "1080"))).encode()
    answers = await asyncio.gather(*(city.hospital.send(body) for _ in range(12)))
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["infcode"] == 0
    async with city.town.database.connection() as connection:
        assert await connection.fetchval("select count(*) from settlement.settlement") == 1


async def test_the_names_of_another_edition_answer_like_their_main_transactions(city: City) -> None:
    mdtrt_id = await visit_with_lines(city)
    trial = await city.hospital.ok("2206A", settling("w1", mdtrt_id, "1080"))
    settled = await city.hospital.ok("2207A", settling("w1", mdtrt_id, "1080"))
    assert trial["setlinfo"]["hifp_pay"] == settled["setlinfo"]["hifp_pay"]
    check_identities(settled["setlinfo"])

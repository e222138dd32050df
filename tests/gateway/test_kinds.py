"""Each group of transactions settles its own kind of care: nobody gets a stay's benefits without an admission."""

from tests.gateway.conftest import City
from tests.gateway.messages import admission, description, fee_row, leaving, registration, sale, settling
from tests.settlement.town import DRUG_A
from yibao.gateway.envelope import encode


async def refusal(program: object, infno: str, sent: object) -> str:
    reply = await program.call(infno, sent)  # type: ignore[attr-defined]
    return str(reply["output"]["faults"][0]["code"]) if reply["infcode"] else encode(reply["output"]).decode()


async def outpatient_with_a_line(city: City, psn_no: str = "w1") -> str:
    mdtrt_id: str = (await city.hospital.ok("2201", registration(psn_no)))["data"]["mdtrt_id"]
    await city.hospital.ok("2204", {"feedetail": [fee_row(psn_no, mdtrt_id, "1", DRUG_A, "5000")]})
    return mdtrt_id


async def stay_with_a_line(city: City) -> str:
    mdtrt_id: str = (await city.hospital.ok("2401", admission("r1")))["result"]["mdtrt_id"]
    await city.hospital.ok("2301", {"feedetail": [fee_row("r1", mdtrt_id, "1", DRUG_A, "5000")]})
    return mdtrt_id


def billing(mdtrt_id: str, interim: str = "0") -> dict[str, object]:
    return settling("r1", mdtrt_id, "5000", "390", mid_setl_flag=interim, acct_used_flag="0")


async def test_a_registered_visit_cannot_become_a_stay(city: City) -> None:
    mdtrt_id = await outpatient_with_a_line(city)
    assert await refusal(city.hospital, "2203", description("w1", mdtrt_id, "2101")) == "S105"
    assert await refusal(city.hospital, "2207", settling("w1", mdtrt_id, "5000", med_type="2101")) == "S105"


async def test_an_admission_is_for_care_in_a_bed(city: City) -> None:
    sent = admission("r1")
    sent["mdtrtinfo"]["med_type"] = "11"
    assert await refusal(city.hospital, "2401", sent) == "S105"
    sent["mdtrtinfo"]["med_type"] = "28"  # day surgery
    assert "mdtrt_id" in await refusal(city.hospital, "2401", sent)


async def test_a_stay_is_settled_by_2304_and_a_visit_by_2207(city: City) -> None:
    visit, stay = await outpatient_with_a_line(city), await stay_with_a_line(city)
    assert await refusal(city.hospital, "2207", settling("r1", stay, "5000", "390", chrg_bchno="B1")) == "S104"
    assert await refusal(city.hospital, "2304", settling("w1", visit, "5000", mid_setl_flag="0")) == "S104"


async def test_an_interim_bill_is_for_who_still_lies_in_bed(city: City) -> None:
    stay = await stay_with_a_line(city)
    await city.hospital.ok("2402", leaving("r1", stay))
    assert await refusal(city.hospital, "2304", billing(stay, "1")) == "S104"
    await city.hospital.ok("2304", billing(stay))


async def test_a_hospital_does_not_sell_like_a_pharmacy(city: City) -> None:
    assert await refusal(city.hospital, "2102", sale("w1", DRUG_A, "30", med_type="11")) == "P216"
    assert await refusal(city.hospital, "2102", sale("w1", DRUG_A, "5000", med_type="2101")) == "P216"


async def test_a_bill_under_another_insurance_than_the_registered_one_is_refused(city: City) -> None:
    mdtrt_id = await outpatient_with_a_line(city)
    assert await refusal(city.hospital, "2207", settling("w1", mdtrt_id, "5000", "390")) == "S105"


async def test_day_surgery_may_last_till_the_next_day_and_is_settled_again_after_its_cancellation(city: City) -> None:
    sent = admission("r1")  # two days before the settlement
    sent["mdtrtinfo"]["med_type"] = "28"
    stay = (await city.hospital.ok("2401", sent))["result"]["mdtrt_id"]
    await city.hospital.ok("2301", {"feedetail": [fee_row("r1", stay, "1", DRUG_A, "5000")]})
    await city.hospital.ok("2402", leaving("r1", stay))
    bill = (await city.hospital.ok("2304", billing(stay)))["setlinfo"]
    await city.hospital.ok("2305", {"data": {"mdtrt_id": stay, "setl_id": bill["setl_id"], "psn_no": "r1"}})
    assert (await city.hospital.ok("2304", billing(stay)))["setlinfo"]["medfee_sumamt"] == 5000

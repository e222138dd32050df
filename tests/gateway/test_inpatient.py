"""A hospital program takes a stay from admission to settlement and back."""

from tests.gateway.conftest import City
from tests.gateway.messages import admission, fee_row, leaving, settling
from tests.gateway.test_outpatient import amount, check_identities
from tests.settlement.town import DRUG_A


async def admitted(city: City, psn_no: str = "r1", yuan: str = "50000") -> str:
    mdtrt_id = str((await city.hospital.ok("2401", admission(psn_no)))["result"]["mdtrt_id"])
    await city.hospital.ok("2301", {"feedetail": [fee_row(psn_no, mdtrt_id, "1", DRUG_A, yuan)]})
    return mdtrt_id


def stay_bill(psn_no: str, mdtrt_id: str, yuan: str, **more: str) -> dict[str, object]:
    areas = {"insuplc_admdvs": "340600", "mdtrtarea_admvs": "340602", "mid_setl_flag": "0", "chrg_bchno": ""}
    return settling(psn_no, mdtrt_id, yuan, "390", **{**areas, "acct_used_flag": "0", **more})


async def test_a_stay_is_settled_from_admission_to_the_bill(city: City) -> None:
    mdtrt_id = await admitted(city)
    await city.hospital.ok("2402", leaving("r1", mdtrt_id))
    trial = await city.hospital.ok("2303", stay_bill("r1", mdtrt_id, "50000"))
    settled = await city.hospital.ok("2304", stay_bill("r1", mdtrt_id, "50000"))
    assert trial["setlinfo"]["hifp_pay"] == settled["setlinfo"]["hifp_pay"]
    check_identities(settled["setlinfo"])
    assert amount(settled["setlinfo"], "hifmi_pay") > 0  # the serious-illness layer pays in the same settlement


async def test_an_interim_settlement_lets_the_stay_go_on(city: City) -> None:
    mdtrt_id = await admitted(city)
    await city.hospital.ok("2304", stay_bill("r1", mdtrt_id, "50000", mid_setl_flag="1"))
    await city.hospital.ok("2301", {"feedetail": [fee_row("r1", mdtrt_id, "2", DRUG_A, "100")]})
    await city.hospital.ok("2402", leaving("r1", mdtrt_id))
    last = await city.hospital.ok("2304", stay_bill("r1", mdtrt_id, "100"))
    assert amount(last["setlinfo"], "medfee_sumamt") == 100


async def test_a_cancelled_stay_can_be_settled_again(city: City) -> None:
    mdtrt_id = await admitted(city)
    await city.hospital.ok("2402", leaving("r1", mdtrt_id))
    first = (await city.hospital.ok("2304", stay_bill("r1", mdtrt_id, "50000")))["setlinfo"]
    undo = {"data": {"setl_id": first["setl_id"], "mdtrt_id": mdtrt_id, "psn_no": "r1"}}
    check_identities((await city.hospital.ok("2305", undo))["setlinfo"])
    again = (await city.hospital.ok("2304", stay_bill("r1", mdtrt_id, "50000")))["setlinfo"]
    assert again["hifp_pay"] == first["hifp_pay"]


async def test_discharge_and_admission_can_be_withdrawn_in_their_order(city: City) -> None:
    mdtrt_id = await admitted(city)
    await city.hospital.ok("2402", leaving("r1", mdtrt_id))
    back = {"data": {"mdtrt_id": mdtrt_id, "psn_no": "r1"}}
    await city.hospital.ok("2405", back)
    assert (await city.hospital.call("2404", back))["output"]["faults"][0]["code"] == "S113"
    await city.hospital.ok("2302", {"data": [{"feedetl_sn": "0000", "mdtrt_id": mdtrt_id, "psn_no": "r1"}]})
    await city.hospital.ok("2404", back)


async def test_an_admission_can_be_corrected_with_its_diagnoses(city: City) -> None:
    mdtrt_id = await admitted(city)
    sent = admission("r1")
    head = {**sent["mdtrtinfo"], "mdtrt_id": mdtrt_id, "ipt_otp_no": "Z2", "adm_dept_name": "外科"}
    rows = [{**sent["diseinfo"][0], "mdtrt_id": mdtrt_id, "diag_name": "肺炎，已更正"}]
    await city.hospital.ok("2403", {"adminfo": head, "diseinfo": rows})
    found = await city.hospital.ok("5202", {"data": {"mdtrt_id": mdtrt_id, "psn_no": "r1"}})
    assert [row["diag_name"] for row in found["diseinfo"]] == ["肺炎，已更正"]


async def test_a_second_admission_while_one_stands_is_refused(city: City) -> None:
    await admitted(city)
    reply = await city.county.call("2401", admission("r1"))
    assert reply["output"]["faults"][0]["code"] == "S110"


async def test_an_admission_whose_reply_was_lost_is_reversed(city: City) -> None:
    await city.hospital.ok("2401", admission("r1"), msgid="H34060000001-lost")
    lost = {"data": {"psn_no": "r1", "omsgid": "H34060000001-lost", "oinfno": "2401"}}
    await city.hospital.ok("2601", lost)
    await city.county.ok("2401", admission("r1"))

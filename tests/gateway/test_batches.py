"""One registration, several charge batches, several bills."""

from tests.gateway.conftest import City
from tests.gateway.messages import fee_row, registration, settling
from tests.settlement.town import DRUG_A


async def visit_with_batches(city: City) -> str:
    mdtrt_id: str = (await city.hospital.ok("2201", registration("w1")))["data"]["mdtrt_id"]
    rows = [fee_row("w1", mdtrt_id, number, DRUG_A, "100", batch=f"B{number}") for number in ("1", "2")]
    await city.hospital.ok("2204", {"feedetail": rows})
    return mdtrt_id


async def test_each_charge_batch_of_a_visit_gets_its_bill(city: City) -> None:
    mdtrt_id = await visit_with_batches(city)
    for batch in ("B1", "B2"):
        info = (await city.hospital.ok("2207", settling("w1", mdtrt_id, "100", chrg_bchno=batch)))["setlinfo"]
        assert info["medfee_sumamt"] == 100
    late = await city.hospital.call("2204", {"feedetail": [fee_row("w1", mdtrt_id, "3", DRUG_A, "100")]})
    assert late["output"]["faults"][0]["code"] == "S104"


async def test_a_batch_whose_bill_was_cancelled_is_billed_again_beside_the_other(city: City) -> None:
    mdtrt_id = await visit_with_batches(city)
    bills = [
        (await city.hospital.ok("2207", settling("w1", mdtrt_id, "100", chrg_bchno=batch)))["setlinfo"]
        for batch in ("B1", "B2")
    ]
    await city.hospital.ok("2208", {"data": {"mdtrt_id": mdtrt_id, "setl_id": bills[1]["setl_id"], "psn_no": "w1"}})
    again = (await city.hospital.ok("2207", settling("w1", mdtrt_id, "100", chrg_bchno="B2")))["setlinfo"]
    assert again["medfee_sumamt"] == 100
    assert await city.town.balance("w1") == 80_000

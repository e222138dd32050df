"""Refund lines: they give back what they name, and never move money between the portions of a bill."""

import msgspec
import pytest

from tests.settlement.town import DRUG_A, DRUG_B, LIMITED, OWN_PAID, Town
from yibao.core.errors import Refused


async def test_a_refund_of_part_of_a_line_lowers_the_bill(town: Town) -> None:
    stay = await town.admit("r1")
    first = town.line(DRUG_A, "5000", "1")
    await town.upload("r1", stay, first)
    back = town.line(DRUG_A, "-5000", "2", init_feedetl_sn="1")
    await town.upload("r1", stay, town.line(DRUG_A, "1000", "3"), back)
    bill = (await town.try_settle(town.request("r1", stay))).bill
    assert (bill.medfee_sumamt, bill.inscp_amt) == (100_000, 100_000)


async def test_a_refund_of_another_item_is_refused(town: Town) -> None:
    stay = await town.admit("r1")
    await town.upload("r1", stay, town.line(DRUG_A, "5000", "1"))
    with pytest.raises(Refused, match="S209"):
        await town.upload("r1", stay, town.line(OWN_PAID, "-5000", "2", init_feedetl_sn="1"))


async def test_a_refund_at_another_price_is_refused(town: Town) -> None:
    """Above its limit of 50 a line is over the limit, below it in scope: a refund may not cross over."""
    stay = await town.admit("r1")
    back = town.line(DRUG_B, "-100", "2", init_feedetl_sn="1")
    with pytest.raises(Refused, match="S209"):
        await town.upload("r1", stay, town.line(DRUG_B, "40", "1"), back)


async def test_a_refund_with_another_approval_is_refused(town: Town) -> None:
    stay = await town.admit("r1")
    with pytest.raises(Refused, match="S209"):
        await town.upload(
            "r1", stay, town.line(LIMITED, "100", "1", hosp_appr_flag="1"),
            town.line(LIMITED, "-100", "2", init_feedetl_sn="1"),
        )  # fmt: skip


async def test_a_refund_cannot_be_refunded(town: Town) -> None:
    stay = await town.admit("r1")
    await town.upload("r1", stay, town.line(DRUG_A, "100", "1"), town.line(DRUG_A, "-100", "2", init_feedetl_sn="1"))
    with pytest.raises(Refused, match="S206"):
        await town.upload("r1", stay, town.line(DRUG_A, "-100", "3", init_feedetl_sn="2"))


async def test_a_sale_takes_no_refund_line_without_its_original(town: Town) -> None:
    with pytest.raises(Refused, match="S206"):
        await town.try_settle(town.sale("w1", town.line(DRUG_A, "900"), town.line(OWN_PAID, "-900")))


async def test_a_bill_whose_refunds_outweigh_one_portion_is_refused(town: Town) -> None:
    """The original was settled in an interim bill; beside self-paid drugs its refund would leave a negative base."""
    stay = await town.admit("r1")
    await town.upload("r1", stay, town.line(OWN_PAID, "5000", "1"))
    await town.settle("r1", stay, mid_setl_flag="1")
    back = town.line(OWN_PAID, "-5000", "2", init_feedetl_sn="1")
    await town.upload("r1", stay, back, town.line(DRUG_A, "9000", "3"))
    with pytest.raises(Refused, match="S212"):
        await town.settle("r1", stay)


@pytest.mark.parametrize(("cnt", "pric"), [(-10_000, -100_000_000), (0, 0)])
async def test_a_line_of_negative_price_or_of_nothing_is_refused(town: Town, cnt: int, pric: int) -> None:
    stay = await town.admit("r1")
    line = msgspec.structs.replace(town.line(DRUG_A, "100" if cnt else "0.05"), cnt=cnt, pric=pric)
    with pytest.raises(Refused, match="S203"):
        await town.upload("r1", stay, line)

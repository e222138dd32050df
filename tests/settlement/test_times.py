"""Days of care: nothing lies after today, and lines lie within the visit even when its days were changed later."""

from datetime import datetime, timedelta

import msgspec
import pytest

from tests.settlement.town import DRUG_A, HOSPITAL, OWN_PAID, Town
from yibao.core.errors import Refused
from yibao.settlement.intake import register
from yibao.settlement.model import VisitOpening
from yibao.settlement.visits import change_visit, discharge, lock_visit, undo_discharge

NEXT_YEAR = datetime(2025, 6, 3, 10)


async def test_a_visit_that_begins_tomorrow_is_refused(town: Town) -> None:
    """Otherwise each visit could be put into a year of its own, with limits of its own."""
    today = town.now
    town.clock(today + timedelta(days=1))
    request = town.sale("w1", town.line(DRUG_A, "900"))
    town.clock(today)
    with pytest.raises(Refused, match="S114"):
        await town.try_settle(request)


async def test_an_admission_of_next_year_is_refused(town: Town) -> None:
    opening = VisitOpening(
        psn_no="r1", insutype="390", fixmedins_code=HOSPITAL, mdtrtarea_admvs="340602", status="admitted",
        begntime=NEXT_YEAR, med_type="2101",
    )  # fmt: skip
    with pytest.raises(Refused, match="S114"):
        await register(town.services, opening, town.message(HOSPITAL, "2401"), str.encode)


async def test_a_discharge_after_today_is_refused(town: Town) -> None:
    stay = await town.admit("r1")
    async with town.database.transaction() as connection:
        visit = await lock_visit(connection, stay, "r1", HOSPITAL)
        with pytest.raises(Refused, match="S114"):
            await discharge(connection, visit, NEXT_YEAR)


@pytest.mark.parametrize(("end", "code"), [(NEXT_YEAR, "S114"), (datetime(2023, 6, 3), "S111")])
async def test_a_settlement_cannot_put_the_end_of_a_stay_into_another_year(
    town: Town, end: datetime, code: str
) -> None:
    stay = await town.admit("r1")
    await town.upload("r1", stay, town.line(DRUG_A, "900"))
    with pytest.raises(Refused, match=code):
        await town.settle("r1", stay, endtime=end)


async def test_a_line_of_a_day_to_come_is_refused(town: Town) -> None:
    stay = await town.admit("r1")
    line = msgspec.structs.replace(town.line(DRUG_A, "900"), fee_ocur_time=town.now + timedelta(days=1))
    with pytest.raises(Refused, match="S204"):
        await town.upload("r1", stay, line)


async def test_lines_before_an_admission_that_was_moved_are_named_at_the_settlement(town: Town) -> None:
    stay = await town.admit("r1")
    await town.upload("r1", stay, town.line(DRUG_A, "900"), town.line(DRUG_A, "800"))
    town.clock(town.now + timedelta(days=5))
    async with town.database.transaction() as connection:
        await change_visit(connection, stay, begntime=town.now - timedelta(days=3))
    with pytest.raises(Refused, match="S204") as refused:
        await town.settle("r1", stay)
    assert [refusal.place for refusal in refused.value.refusals] == ["费用明细第1行", "费用明细第2行"]


async def test_a_line_after_the_death_of_the_patient_is_refused(town: Town) -> None:
    stay = await town.admit("r1")
    async with town.database.transaction() as connection:
        await connection.execute("update population.person set die_date = $1 where psn_no = 'r1'", town.now.date())
    await town.upload("r1", stay, town.line(DRUG_A, "900"))
    town.clock(town.now + timedelta(days=1))
    await town.upload("r1", stay, town.line(DRUG_A, "800"))
    with pytest.raises(Refused, match=r"费用明细第2行.*不在就诊期间（2024-06-03至2024-06-03）"):
        await town.settle("r1", stay)


async def test_a_discharge_is_not_undone_while_the_person_lies_in_another_bed(town: Town) -> None:
    first = await town.stay("r1", "1000")
    await town.admit("r1")
    await town.cancel("r1", first)
    async with town.database.transaction() as connection:
        visit = await lock_visit(connection, first["mdtrt_id"], "r1", HOSPITAL, "discharged")
        with pytest.raises(Refused, match="S110"):
            await undo_discharge(connection, visit)


async def test_a_bill_beyond_what_can_be_counted_is_refused(town: Town) -> None:
    stay = await town.admit("r1")
    line = town.line(OWN_PAID, "10")
    huge = msgspec.structs.replace(line, cnt=10**10, pric=10**13, det_item_fee_sumamt=10**15)
    await town.upload("r1", stay, huge)
    with pytest.raises(Refused, match="S213"):
        await town.settle("r1", stay)

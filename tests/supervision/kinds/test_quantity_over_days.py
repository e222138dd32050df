"""限最大开药天数: a drug prescribed for more days at once than allowed."""

import pytest

from tests.supervision.kinds.refunds import check_examples, rows_over_worlds
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import quantity_over_days as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.quantity_over_days import KIND, QuantityOverDays

POINTS = [
    QuantityOverDays(
        rule_id="N09", kp_id="acute", charge_types="09 11", item="药品", max_days=7, care="11 41", exempt="I10 E11"
    ),
    QuantityOverDays(rule_id="N09", kp_id="drug", code="SLEEP", item="艾司唑仑", max_days=3),
    QuantityOverDays(
        rule_id="X45", kp_id="home", charge_types="09", item="出院带药", max_days=14, care="21", at_discharge=1
    ),
]
CODES = ["SLEEP", "DRUG1"]


def found(world: World) -> list[tuple[str, str, int]]:
    """Point, line and fen at stake of what is found."""
    return [(row.kp_id, str(row.bkkp_sn), stake_of(row)) for row in both_ways(KIND, POINTS, world)]


def reason(world: World) -> str:
    """The sentence of the first finding."""
    return reason_of(KIND, both_ways(KIND, POINTS, world)[0].facts)


def test_of_ten_days_three_are_at_stake_and_seven_days_are_clean() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01")
    line = world.line(visit, "DRUG1", "2021-03-01 08:00", cnt=10, prd_days=10)
    world.line(visit, "DRUG1", "2021-03-01 08:00", prd_days=7)
    assert found(world) == [("acute", line.bkkp_sn, 3000)]
    assert reason(world) == "2021-03-01一次开具药品（DRUG1）10天，超过上限7天"


def test_chronic_diseases_other_care_and_other_charges_may_have_more() -> None:
    world = World()
    chronic = world.visit("A", "2021-03-01")
    world.diagnose(chronic, "E11.900")
    world.line(chronic, "DRUG1", "2021-03-01 08:00", prd_days=30)
    pressure = world.visit("B", "2021-03-01", dscg_maindiag_code="I10.x00")
    world.line(pressure, "DRUG1", "2021-03-01 08:00", prd_days=30)
    world.line(world.visit("C", "2021-03-01", med_type="14"), "DRUG1", "2021-03-01 08:00", prd_days=30)
    world.line(world.visit("D", "2021-03-01"), "DRUG1", "2021-03-01 08:00", prd_days=30, med_chrgitm_type="10")
    assert found(world) == []


def test_a_drug_with_its_own_limit() -> None:
    world = World()
    line = world.line(world.visit("A", "2021-03-01"), "SLEEP", "2021-03-01 08:00", cnt=4, prd_days=4)
    assert found(world) == [("drug", line.bkkp_sn, 1000)]


def test_what_goes_home_is_given_on_the_day_of_discharge() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-05 10:00", med_type="2101")
    world.line(stay, "DRUG1", "2021-03-04 09:00", prd_days=15)
    line = world.line(stay, "DRUG1", "2021-03-05 09:00", cnt=15, prd_days=15)
    assert found(world) == [("home", line.bkkp_sn, 1000)]


def test_what_was_refunded_or_paid_by_the_person_is_clean() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01")
    world.line(visit, "DRUG1", "2021-03-01 08:00", prd_days=10)
    world.line(visit, "DRUG1", "2021-03-01 09:00", cnt=-1)
    world.line(visit, "DRUG2", "2021-03-01 08:00", prd_days=10, inscp_amt=0)
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    assert len(rows_over_worlds(KIND, POINTS, CODES)) > 10


@pytest.mark.parametrize("point", POINTS, ids=lambda one: f"{one.kp_id}-{one.code}")
def test_examples_break_the_point_or_stay_clean(point: QuantityOverDays) -> None:
    check_examples(examples, KIND, POINTS, point)

"""限定支付: an item only for some persons and places."""

from datetime import date

import pytest

from tests.supervision.world import CLINIC, HOSPITAL, PHARMACY, World, both_ways, random_world
from yibao.supervision.examples.item_allowed import clean, violations
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.item_allowed import KIND, ItemAllowed

POINTS = [
    ItemAllowed(rule_id="N67", kp_id="k1", code="WOMEN", item="艾附暖宫丸", sex="2"),
    ItemAllowed(rule_id="N65", kp_id="k2", code="CHILD", item="小儿感冒颗粒", age_below=18),
    ItemAllowed(rule_id="N06", kp_id="k3", code="NEWBORN", item="新生儿用药", days_below=29),
    ItemAllowed(rule_id="N12", kp_id="k4", code="LEVEL", item="参附注射液", level_from=2),
    ItemAllowed(rule_id="N13", kp_id="k5", code="STAY", item="脂肪乳", care="21 52"),
    ItemAllowed(rule_id="N02", kp_id="k6", code="BIRTH", item="地诺前列酮栓", insurance="510"),
    ItemAllowed(rule_id="N29", kp_id="k7", code="WORK", item="职业功能训练", age_from=16, age_below=60),
]
CODES = [one.code for one in POINTS]


def found(world: World) -> list[tuple[str, str]]:
    """Rule and line of what is found."""
    return [(row.rule_id, str(row.bkkp_sn)) for row in both_ways(KIND, POINTS, world)]


def test_a_drug_for_women_on_a_mans_bill_is_found_with_its_numbers() -> None:
    world = World()
    line = world.line(world.visit("A", "2021-03-01", gend="1"), "WOMEN", "2021-03-01 09:00", cnt=2, yuan=30)
    assert found(world) == [("N67", line.bkkp_sn)]
    row = both_ways(KIND, POINTS, world)[0]
    assert row.amount == 6000
    assert reason_of(KIND, row.facts) == "2021-03-01的艾附暖宫丸性别不符：患者为男性"


@pytest.mark.parametrize("gend", ["2", "0", "9"])
def test_women_and_persons_of_unknown_sex_are_clean(gend: str) -> None:
    world = World()
    world.line(world.visit("A", "2021-03-01", gend=gend), "WOMEN", "2021-03-01 09:00")
    assert found(world) == []


def test_a_childs_drug_counts_the_age_on_the_day_of_the_line() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-05", brdy=date(2003, 3, 3))
    world.line(stay, "CHILD", "2021-03-02 23:00")
    late = world.line(stay, "CHILD", "2021-03-03 00:00")
    assert found(world) == [("N65", late.bkkp_sn)]


def test_the_twenty_ninth_day_of_life_is_no_longer_newborn() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-04-05", brdy=date(2021, 3, 1))
    world.line(stay, "NEWBORN", "2021-03-29 09:00")
    late = world.line(stay, "NEWBORN", "2021-03-30 09:00")
    assert found(world) == [("N06", late.bkkp_sn)]


def test_a_clinic_is_below_level_two_a_pharmacy_has_none() -> None:
    world = World()
    clinic = world.line(world.visit("A", "2021-03-01", fixmedins_code=CLINIC), "LEVEL", "2021-03-01 09:00")
    for place in (HOSPITAL, PHARMACY):
        world.line(world.visit("A", "2021-03-02", fixmedins_code=place), "LEVEL", "2021-03-02 09:00")
    assert found(world) == [("N12", clinic.bkkp_sn)]


def test_what_the_person_pays_whole_is_no_matter_of_the_fund() -> None:
    world = World()
    world.line(world.visit("A", "2021-03-01"), "WOMEN", "2021-03-01 09:00", inscp_amt=0, fulamt_ownpay_amt=1000)
    assert found(world) == []


def test_what_was_refunded_is_no_longer_at_stake() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01", gend="1")
    world.line(visit, "WOMEN", "2021-03-01 09:00", cnt=2, yuan=30)
    world.line(visit, "WOMEN", "2021-03-01 09:30", cnt=-1, yuan=30)
    rows = both_ways(KIND, POINTS, world)
    assert [(row.amount, row.part, row.whole) for row in rows] == [(6000, 10_000, 20_000)]
    world.line(visit, "WOMEN", "2021-03-01 09:40", cnt=-1, yuan=30)
    assert found(world) == []


@pytest.mark.parametrize("seed", range(6))
def test_both_ways_agree_on_any_world(seed: int) -> None:
    found(random_world(seed, CODES))


@pytest.mark.parametrize("point", POINTS, ids=lambda one: one.code)
def test_examples_break_the_point_or_stay_clean(point: ItemAllowed) -> None:
    for number in range(8):
        world = World()
        wrong, right = violations(world, point, number), clean(world, point, number)
        assert wrong != right
        assert {row.psn_no for row in both_ways(KIND, [point], world)} == {wrong}

"""目录等级或自付比例不符: an item charged with another class or ratio than the catalogue's."""

import pytest

from tests.supervision.kinds.lines import assert_both_ways_agree, assert_examples_hold, line_of
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import charged_differently as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.charged_differently import KIND, ChargedDifferently

POINTS = [
    ChargedDifferently(rule_id="C", kp_id="k1", code="SECOND", item="乙类药", class_expected="02", ratio_expected=1000),
    ChargedDifferently(rule_id="C", kp_id="k2", code="OUT", item="丙类药", class_expected="03"),
    ChargedDifferently(rule_id="C", kp_id="k3", code="CITY", item="限居民", ratio_expected=0, insurance="390"),
]


def stakes(world: World) -> list[int]:
    """Fen at stake of what is found."""
    return [stake_of(row) for row in both_ways(KIND, POINTS, world)]


def test_the_ratio_that_was_left_out_is_at_stake() -> None:
    world = World()
    line_of(world, "SECOND", yuan=100, chrgitm_lv="02", selfpay_prop=500, inscp_amt=9500)
    [row] = both_ways(KIND, POINTS, world)
    assert stake_of(row) == 500
    assert reason_of(KIND, row.facts) == (
        "2021-03-01的乙类药先行自付比例不符：按等级02、自付比例万分之500结算，目录为等级02、自付比例万分之1000"
    )


def test_an_item_outside_the_catalogue_is_at_stake_whole() -> None:
    world = World()
    line_of(world, "OUT", yuan=100, chrgitm_lv="01")
    assert stakes(world) == [10_000]


def test_a_wrong_class_with_the_right_ratio_is_found_without_an_amount() -> None:
    world = World()
    line_of(world, "SECOND", chrgitm_lv="01", selfpay_prop=1000)
    assert stakes(world) == [0]


def test_a_person_charged_too_much_costs_the_fund_nothing() -> None:
    world = World()
    line_of(world, "SECOND", chrgitm_lv="02", selfpay_prop=2000)
    assert stakes(world) == [0]


def test_the_catalogues_class_and_ratio_are_clean() -> None:
    world = World()
    line_of(world, "SECOND", chrgitm_lv="02", selfpay_prop=1000)
    line_of(world, "OUT", psn_no="B", chrgitm_lv="01", inscp_amt=0)
    assert stakes(world) == []


def test_other_insurance_types_are_not_looked_at() -> None:
    world = World()
    line_of(world, "CITY", selfpay_prop=500, visit_insutype="310")
    assert stakes(world) == []
    line_of(world, "CITY", psn_no="B", selfpay_prop=500, visit_insutype="390")
    assert stakes(world) == [0]


def test_both_ways_agree_on_any_world() -> None:
    assert_both_ways_agree(KIND, POINTS, [one.code for one in POINTS])


@pytest.mark.parametrize("point", POINTS, ids=lambda one: one.code)
def test_examples_break_the_point_or_stay_clean(point: ChargedDifferently) -> None:
    assert_examples_hold(KIND, point, examples)

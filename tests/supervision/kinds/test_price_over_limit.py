"""超限价: a price over the limit by level and time."""

from datetime import date

import pytest

from tests.supervision.kinds.lines import assert_both_ways_agree, assert_examples_hold, line_of, refund
from tests.supervision.world import CLINIC, World, both_ways
from yibao.supervision.examples import price_over_limit as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.price_over_limit import KIND, PriceOverLimit

POINTS = [
    PriceOverLimit(rule_id="N14", kp_id="k1", code="CARE", item="护理", limit=33_000_000, levels="2 3"),
    PriceOverLimit(rule_id="X20", kp_id="k2", code="WON", item="阿卡波糖", limit=60_000, valid_from=date(2021, 1, 9)),
]


def test_the_part_over_the_limit_is_at_stake() -> None:
    world = World()
    line_of(world, "CARE", cnt=2, yuan=44)
    [row] = both_ways(KIND, POINTS, world)
    assert stake_of(row) == 2200
    assert reason_of(KIND, row.facts) == "2021-03-01的护理单价44元，高于限价33元，数量2"


def test_a_fen_fraction_over_the_limit_is_found_with_its_exact_price() -> None:
    world = World()
    line_of(world, "WON", cnt=100, yuan="0.0601")
    [row] = both_ways(KIND, POINTS, world)
    assert row.facts["price"] == 60_100
    assert stake_of(row) == 1
    assert "单价0.0601元" in reason_of(KIND, row.facts)


def test_the_limit_itself_is_clean() -> None:
    world = World()
    line_of(world, "CARE", yuan=33)
    assert both_ways(KIND, POINTS, world) == []


def test_other_levels_are_not_looked_at() -> None:
    world = World()
    line_of(world, "CARE", yuan=44, visit_fixmedins_code=CLINIC)
    assert both_ways(KIND, POINTS, world) == []


def test_what_the_settlement_has_cut_to_the_limit_is_clean() -> None:
    world = World()
    cut = {"pric_uplmt_amt": 33_000_000, "overlmt_selfpay": 1100, "inscp_amt": 3300}
    line_of(world, "CARE", yuan=44, **cut)
    assert both_ways(KIND, POINTS, world) == []


def test_a_higher_limit_of_payment_leaves_the_rest_at_stake() -> None:
    world = World()
    cut = {"pric_uplmt_amt": 40_000_000, "overlmt_selfpay": 400, "inscp_amt": 4000}
    line_of(world, "CARE", yuan=44, **cut)
    assert [stake_of(row) for row in both_ways(KIND, POINTS, world)] == [700]


def test_a_refund_takes_its_share_back() -> None:
    world = World()
    refund(world, line_of(world, "CARE", cnt=4, yuan=44), 1)
    assert [stake_of(row) for row in both_ways(KIND, POINTS, world)] == [3300]


def test_both_ways_agree_on_any_world() -> None:
    assert_both_ways_agree(KIND, POINTS, [one.code for one in POINTS])


@pytest.mark.parametrize("point", POINTS, ids=lambda one: one.code)
def test_examples_break_the_point_or_stay_clean(point: PriceOverLimit) -> None:
    assert_examples_hold(KIND, point, examples)

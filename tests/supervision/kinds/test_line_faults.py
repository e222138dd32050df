"""结算明细信息异常: faults of fee lines."""

import pytest

from tests.supervision.kinds.lines import assert_both_ways_agree, assert_examples_hold, line_of, refund
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import line_faults as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.line_faults import KIND, LineFaults

POINTS = [
    LineFaults(rule_id="N36", kp_id="k1", fault="code"),
    LineFaults(rule_id="N36", kp_id="k2", fault="quantity"),
    LineFaults(rule_id="X30", kp_id="k3", fault="doctor", anonymous="D0000 D3", exempt_care="41"),
    LineFaults(rule_id="N36", kp_id="k4", fault="fees", tolerance=1),
]


def found(world: World) -> list[tuple[str, int]]:
    """Point and fen at stake of what is found."""
    return [(row.kp_id, stake_of(row)) for row in both_ways(KIND, POINTS, world)]


def test_a_line_without_an_items_code_is_at_stake_whole() -> None:
    world = World()
    line_of(world, "", cnt=2)
    assert found(world) == [("k1", 2000)]
    facts = both_ways(KIND, POINTS, world)[0].facts
    assert reason_of(KIND, facts) == ("2021-03-01的明细项目编码为空：编码“”，医师“D1”，数量2，单价10元，金额20.00元")


@pytest.mark.parametrize("doctor", ["", "D0000"])
def test_nobody_as_doctor_is_found_but_not_in_a_pharmacy(doctor: str) -> None:
    world = World()
    line_of(world, "X", bilg_dr_code=doctor)
    line_of(world, "X", psn_no="B", bilg_dr_code=doctor, visit_med_type="41")
    assert found(world) == [("k3", 1000)]


def test_a_refund_of_what_was_given_is_clean_and_beyond_it_is_a_fault_without_amount() -> None:
    world = World()
    refund(world, line_of(world, "X", cnt=2), 2)
    assert found(world) == []
    refund(world, world.lines[0], 1)
    assert found(world) == [("k2", 0), ("k2", 0)]


def test_a_count_of_zero_with_fees_is_at_stake() -> None:
    world = World()
    line_of(world, "X", cnt=0, det_item_fee_sumamt=500, inscp_amt=500)
    assert ("k2", 500) in found(world)


@pytest.mark.parametrize(("fees", "hits"), [(1001, []), (999, []), (1002, [("k4", 2)]), (998, [("k4", 0)])])
def test_fees_may_differ_from_the_product_by_the_tolerance(fees: int, hits: list[tuple[str, int]]) -> None:
    world = World()
    line_of(world, "X", yuan=10, det_item_fee_sumamt=fees, inscp_amt=fees)
    assert found(world) == hits


def test_the_greatest_prices_and_counts_do_not_overflow() -> None:
    world = World()
    line_of(world, "X", cnt=99_000, yuan=1_000_000, inscp_amt=5, det_item_fee_sumamt=5)
    assert found(world) == [("k4", 0)]


def test_both_ways_agree_on_any_world() -> None:
    assert_both_ways_agree(KIND, POINTS, ["ONE", "TWO"])


@pytest.mark.parametrize("point", POINTS, ids=lambda one: one.fault)
def test_examples_break_the_point_or_stay_clean(point: LineFaults) -> None:
    assert_examples_hold(KIND, point, examples)

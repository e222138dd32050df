"""项目与手术操作编码不符: an operation's fee in a visit without the operation."""

from datetime import date

import pytest

from tests.supervision.kinds.lines import assert_both_ways_agree, assert_examples_hold, line_of, refund
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import item_operation as examples
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.item_operation import KIND, ItemOperation

POINTS = [
    ItemOperation(rule_id="N38", kp_id="k1", code="GALL", item="胆囊切除术", operations="51.2", care="21"),
    ItemOperation(rule_id="N38", kp_id="k2", code="ANY", item="麻醉"),
]
STAY = {"visit_med_type": "2101"}


def found(world: World) -> list[str]:
    """Lines that are found."""
    return [str(row.bkkp_sn) for row in both_ways(KIND, POINTS, world)]


def test_the_fee_of_an_operation_that_is_not_coded_is_found() -> None:
    world = World()
    line = line_of(world, "GALL", **STAY)
    assert found(world) == [line.bkkp_sn]
    facts = both_ways(KIND, POINTS, world)[0].facts
    assert reason_of(KIND, facts) == "2021-03-01收取胆囊切除术，清单上没有对应的手术操作编码（现有编码：无）"


def test_another_operation_does_not_justify_the_fee() -> None:
    world = World()
    line = line_of(world, "GALL", **STAY)
    world.operate(world.visits[0], "68.4000", date(2021, 3, 1))
    world.operate(world.visits[0], "47.0100", date(2021, 3, 1))
    assert found(world) == [line.bkkp_sn]
    assert both_ways(KIND, POINTS, world)[0].facts["coded"] == "47.0100"


def test_a_secondary_operation_justifies_the_fee() -> None:
    world = World()
    line_of(world, "GALL", **STAY)
    world.operate(world.visits[0], "68.4000", date(2021, 3, 1), main_oprn_flag="1")
    world.operate(world.visits[0], "51.2300", date(2021, 3, 1))
    assert found(world) == []


def test_care_in_which_operations_are_not_coded_is_not_looked_at() -> None:
    world = World()
    line_of(world, "GALL", visit_med_type="11")
    assert found(world) == []


def test_without_a_list_any_operation_will_do() -> None:
    world = World()
    line = line_of(world, "ANY")
    line_of(world, "ANY", psn_no="B")
    world.operate(world.visits[1], "00.0100", date(2021, 3, 1))
    assert found(world) == [line.bkkp_sn]


def test_a_refunded_fee_is_clean() -> None:
    world = World()
    refund(world, line_of(world, "ANY"), 1)
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    assert_both_ways_agree(KIND, POINTS, ["GALL", "ANY"])


@pytest.mark.parametrize("point", POINTS, ids=lambda one: one.code)
def test_examples_break_the_point_or_stay_clean(point: ItemOperation) -> None:
    assert_examples_hold(KIND, point, examples)

"""手术操作编码与性别、主诊断不符: an operation that does not fit the person or the principal diagnosis."""

from datetime import date

import pytest

from tests.supervision.kinds.lines import assert_both_ways_agree, assert_examples_hold
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import operation_allowed as examples
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.operation_allowed import KIND, OperationAllowed

POINTS = [
    OperationAllowed(rule_id="N39", kp_id="k1", code="68", item="子宫手术", sex="2"),
    OperationAllowed(rule_id="N40", kp_id="k2", code="39.95", item="血液透析", needed="N18 N17"),
    OperationAllowed(rule_id="N40", kp_id="k3", code="51.2", item="胆囊切除", forbidden="C50 I10 O"),
]


def world_of(operation: str, *, main: str = "1", gend: str = "1", diagnosis: str = "J18.900") -> World:
    """A stay with one operation."""
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-05", gend=gend, dscg_maindiag_code=diagnosis)
    world.operate(stay, operation, date(2021, 3, 2), main_oprn_flag=main)
    return world


def found(world: World) -> list[str]:
    """Points of what is found."""
    return [row.kp_id for row in both_ways(KIND, POINTS, world)]


def test_a_mans_womb_operation_is_found_with_its_code() -> None:
    [row] = both_ways(KIND, POINTS, world_of("68.4000", main="0"))
    assert (row.kp_id, row.amount) == ("k1", 80_000)
    assert reason_of(KIND, row.facts) == "手术操作68.4000（子宫手术）与患者性别不符：男性，主要诊断J18.900"


@pytest.mark.parametrize("gend", ["2", "9"])
def test_women_and_persons_of_unknown_sex_are_clean(gend: str) -> None:
    assert found(world_of("68.4000", gend=gend)) == []


@pytest.mark.parametrize(("diagnosis", "hits"), [("J18.900", ["k2"]), ("N18.900", []), ("N17.001", []), ("", [])])
def test_a_main_operation_needs_its_diagnosis_unless_there_is_none(diagnosis: str, hits: list[str]) -> None:
    assert found(world_of("39.9500", diagnosis=diagnosis)) == hits


def test_a_secondary_operation_is_not_compared_with_the_diagnosis() -> None:
    assert found(world_of("39.9500", main="0")) == []


@pytest.mark.parametrize(("diagnosis", "hits"), [("O80.000", ["k3"]), ("K80.100", [])])
def test_a_forbidden_diagnosis_is_found(diagnosis: str, hits: list[str]) -> None:
    assert found(world_of("51.2300", diagnosis=diagnosis)) == hits


def test_both_ways_agree_on_any_world() -> None:
    assert_both_ways_agree(KIND, POINTS, ["ONE"], seeds=8)


@pytest.mark.parametrize("point", POINTS, ids=lambda one: one.code)
def test_examples_break_the_point_or_stay_clean(point: OperationAllowed) -> None:
    assert_examples_hold(KIND, point, examples)

"""限科室: an item only in some departments, or not in some."""

import pytest

from tests.supervision.kinds.lines import assert_both_ways_agree, assert_examples_hold, line_of, refund
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import item_department as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.item_department import KIND, ItemDepartment

POINTS = [
    ItemDepartment(rule_id="X35", kp_id="k1", code="ICU", item="重症监护", departments="A28"),
    ItemDepartment(rule_id="N85", kp_id="k2", code="STENT", item="支架", forbidden="A50 A04"),
]


def found(world: World) -> list[str]:
    """Lines that are found."""
    return [str(row.bkkp_sn) for row in both_ways(KIND, POINTS, world)]


def test_intensive_care_in_another_ward_is_found_with_its_departments() -> None:
    world = World()
    line = line_of(world, "ICU", visit_adm_dept_codg="A03", bilg_dept_codg="A04.03", cnt=2)
    assert found(world) == [line.bkkp_sn]
    row = both_ways(KIND, POINTS, world)[0]
    assert row.amount == 2000
    assert reason_of(KIND, row.facts) == "2021-03-01的重症监护不在允许的科室使用：开单科室A04.03，入院科室A03"


@pytest.mark.parametrize(("admission", "billing"), [("A28", "A03"), ("A03", "A28.01"), ("", "")])
def test_moved_patients_and_unknown_departments_are_clean(admission: str, billing: str) -> None:
    world = World()
    line_of(world, "ICU", visit_adm_dept_codg=admission, bilg_dept_codg=billing)
    assert found(world) == []


def test_a_forbidden_department_is_asked_by_billing_only() -> None:
    world = World()
    line = line_of(world, "STENT", visit_adm_dept_codg="A03", bilg_dept_codg="A50.10")
    line_of(world, "STENT", psn_no="B", visit_adm_dept_codg="A50", bilg_dept_codg="A03")
    assert found(world) == [line.bkkp_sn]


def test_of_three_given_and_one_refunded_two_thirds_are_at_stake() -> None:
    world = World()
    line = line_of(world, "ICU", cnt=3, yuan=30)
    refund(world, line, 1)
    assert [stake_of(row) for row in both_ways(KIND, POINTS, world)] == [6000]


def test_what_was_refunded_whole_is_clean() -> None:
    world = World()
    refund(world, line_of(world, "ICU", cnt=3), 3)
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    assert_both_ways_agree(KIND, POINTS, ["ICU", "STENT"])


@pytest.mark.parametrize("point", POINTS, ids=lambda one: one.code)
def test_examples_break_the_point_or_stay_clean(point: ItemDepartment) -> None:
    assert_examples_hold(KIND, point, examples)

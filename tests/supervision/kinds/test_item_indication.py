"""限适应症、禁忌症: an item needs a diagnosis, or must not go with one."""

import pytest

from tests.supervision.kinds.lines import assert_both_ways_agree, assert_examples_hold, line_of
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import item_indication as examples
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.item_indication import KIND, ItemIndication

POINTS = [
    ItemIndication(rule_id="N08", kp_id="k1", code="NAUSEA", item="阿瑞匹坦注射液", needed="C50 Z51.1"),
    ItemIndication(rule_id="N71", kp_id="k2", code="PRESSURE", item="麻黄碱", forbidden="I10 I11", care="11 21"),
    ItemIndication(rule_id="N73", kp_id="k3", code="BOTH", item="丙", needed="J18", forbidden="O N18"),
]


def found(world: World) -> list[str]:
    """Lines that are found."""
    return [str(row.bkkp_sn) for row in both_ways(KIND, POINTS, world)]


def test_a_drug_without_its_disease_is_found_with_the_principal_diagnosis() -> None:
    world = World()
    line = line_of(world, "NAUSEA", visit_dscg_maindiag_code="J18.900")
    assert found(world) == [line.bkkp_sn]
    facts = both_ways(KIND, POINTS, world)[0].facts
    assert reason_of(KIND, facts) == "2021-03-01的阿瑞匹坦注射液缺少限定的诊断：诊断J18.900"


@pytest.mark.parametrize("code", ["C50", "C50.900x001", "Z51.100"])
def test_every_code_that_begins_with_one_listed_will_do(code: str) -> None:
    world = World()
    line_of(world, "NAUSEA", visit_dscg_maindiag_code=code)
    assert found(world) == []


def test_a_longer_prefix_is_not_its_category() -> None:
    world = World()
    line = line_of(world, "NAUSEA", visit_dscg_maindiag_code="Z51.200")
    assert found(world) == [line.bkkp_sn]


def test_a_secondary_diagnosis_suffices() -> None:
    world = World()
    line_of(world, "NAUSEA", visit_dscg_maindiag_code="J18.900")
    world.diagnose(world.visits[0], "C50.100")
    assert found(world) == []


def test_a_visit_without_any_diagnosis_is_not_looked_at() -> None:
    world = World()
    line_of(world, "NAUSEA", visit_dscg_maindiag_code="")
    assert found(world) == []


def test_a_contraindication_is_found_even_beside_the_right_disease() -> None:
    world = World()
    line_of(world, "BOTH", visit_dscg_maindiag_code="J18.900")
    line = line_of(world, "BOTH", psn_no="B", visit_dscg_maindiag_code="J18.900")
    world.diagnose(world.visits[1], "O80.000")
    assert found(world) == [line.bkkp_sn]
    assert both_ways(KIND, POINTS, world)[0].facts["diagnosis"] == "O80.000"


def test_other_kinds_of_care_are_not_looked_at() -> None:
    world = World()
    known = {"visit_dscg_maindiag_code": "I10.x00"}
    line_of(world, "PRESSURE", visit_med_type="13", **known)
    line = line_of(world, "PRESSURE", psn_no="B", visit_med_type="2101", **known)
    assert found(world) == [line.bkkp_sn]


def test_both_ways_agree_on_any_world() -> None:
    assert_both_ways_agree(KIND, POINTS, [one.code for one in POINTS])


@pytest.mark.parametrize("point", POINTS, ids=lambda one: one.code)
def test_examples_break_the_point_or_stay_clean(point: ItemIndication) -> None:
    assert_examples_hold(KIND, point, examples)

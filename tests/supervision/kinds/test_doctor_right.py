"""抗菌药物越级使用: a drug of a grade that its doctor may not prescribe."""

from datetime import date

import pytest

from tests.supervision.kinds.lines import assert_both_ways_agree, assert_examples_hold, line_of
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import doctor_right as examples
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.doctor_right import KIND, DoctorRight

DRUGS = [
    DoctorRight(rule_id="N45", kp_id="k1", code="SPECIAL", item="替加环素", grade=3, exempt_care="13"),
    DoctorRight(rule_id="N45", kp_id="k2", code="RESTRICTED", item="头孢哌酮", grade=2),
]
POINTS = [
    *DRUGS,
    DoctorRight(rule_id="N45", doctor="D1", grade=1),
    DoctorRight(rule_id="N45", doctor="D2", grade=2),
    DoctorRight(rule_id="N45", doctor="D2", grade=3, valid_from=date(2021, 3, 1)),
    DoctorRight(rule_id="OTHER", doctor="D3", grade=1),
]


def found(world: World) -> list[str]:
    """Lines that are found."""
    return [str(row.bkkp_sn) for row in both_ways(KIND, POINTS, world)]


def test_a_special_drug_of_an_unrestricted_doctor_is_found() -> None:
    world = World()
    line = line_of(world, "SPECIAL", bilg_dr_code="D1")
    assert found(world) == [line.bkkp_sn]
    facts = both_ways(KIND, POINTS, world)[0].facts
    assert reason_of(KIND, facts) == "2021-03-01医师D1越级开具替加环素：需要3级处方权，医师为1级"


def test_the_right_itself_suffices() -> None:
    world = World()
    line_of(world, "RESTRICTED", bilg_dr_code="D2")
    assert found(world) == []


def test_a_right_counts_from_its_first_day_and_the_greatest_counts() -> None:
    world = World()
    stay = world.stay("A", "2021-02-20", "2021-03-05")
    early = world.line(stay, "SPECIAL", "2021-02-28 23:59", bilg_dr_code="D2")
    world.line(stay, "SPECIAL", "2021-03-01 00:00", bilg_dr_code="D2")
    assert found(world) == [early.bkkp_sn]


@pytest.mark.parametrize("doctor", ["D3", "D9", ""])
def test_doctors_of_whom_the_rule_knows_nothing_are_not_looked_at(doctor: str) -> None:
    world = World()
    line_of(world, "SPECIAL", bilg_dr_code=doctor)
    assert found(world) == []


def test_rescue_is_exempt() -> None:
    world = World()
    line_of(world, "SPECIAL", bilg_dr_code="D1", visit_med_type="13")
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    assert_both_ways_agree(KIND, POINTS, ["SPECIAL", "RESTRICTED"])


@pytest.mark.parametrize("point", DRUGS, ids=lambda one: one.code)
def test_examples_break_the_point_or_stay_clean(point: DoctorRight) -> None:
    assert_examples_hold(KIND, point, examples, more=examples.holders("N45"))

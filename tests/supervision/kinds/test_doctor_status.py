"""无资质或停资格医师开单: lines of a doctor who may not prescribe for the fund."""

from datetime import date

import pytest

from tests.supervision.kinds.lines import assert_both_ways_agree, assert_examples_hold
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import doctor_status as examples
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.doctor_status import KIND, DoctorStatus

POINTS = [
    DoctorStatus(
        rule_id="X28", kp_id="k1", doctor="D1", status="被暂停", exempt_care="13", valid_from=date(2021, 1, 10),
        valid_to=date(2021, 3, 31),
    ),
    DoctorStatus(rule_id="X28", kp_id="k2", doctor="D2", status="被终止", valid_from=date(2021, 2, 1)),
]  # fmt: skip


def found(world: World) -> list[str]:
    """Lines that are found."""
    return [str(row.bkkp_sn) for row in both_ways(KIND, POINTS, world)]


def test_the_orders_of_a_visit_are_one_finding() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01")
    lines = [world.line(visit, code, "2021-03-01 09:00", bilg_dr_code="D1") for code in ("ONE", "TWO")]
    rows = both_ways(KIND, POINTS, world)
    assert [row.bkkp_sn for row in rows] == [one.bkkp_sn for one in lines]
    assert len({row.finding_key for row in rows}) == 1
    assert reason_of(KIND, rows[0].facts) == "医师D1自2021-01-10起被暂停医保支付资格，2021-03-01仍开单"


def test_the_first_and_the_last_day_count_and_none_beside_them() -> None:
    world = World()
    stay = world.stay("A", "2021-01-01", "2021-04-10")
    days = ["2021-01-09", "2021-01-10", "2021-03-31", "2021-04-01"]
    lines = [world.line(stay, "ONE", f"{day} 12:00", bilg_dr_code="D1") for day in days]
    assert found(world) == [lines[1].bkkp_sn, lines[2].bkkp_sn]


def test_emergency_rescue_is_exempt_where_the_point_says_so() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01", med_type="13")
    world.line(visit, "ONE", "2021-03-01 09:00", bilg_dr_code="D1")
    line = world.line(visit, "ONE", "2021-03-01 09:00", bilg_dr_code="D2")
    assert found(world) == [line.bkkp_sn]


def test_other_doctors_of_the_visit_and_what_the_person_pays_are_clean() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01")
    world.line(visit, "ONE", "2021-03-01 09:00", bilg_dr_code="D3")
    world.line(visit, "ONE", "2021-03-01 09:00", bilg_dr_code="D1", inscp_amt=0)
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    assert_both_ways_agree(KIND, POINTS, ["ONE", "TWO"])


@pytest.mark.parametrize("point", POINTS, ids=lambda one: one.doctor)
def test_examples_break_the_point_or_stay_clean(point: DoctorStatus) -> None:
    assert_examples_hold(KIND, point, examples)

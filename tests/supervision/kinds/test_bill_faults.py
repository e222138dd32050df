"""结算清单信息异常: faults of the settlement list."""

from datetime import date, datetime

import msgspec
import pytest

from tests.supervision.kinds.lines import assert_both_ways_agree, assert_examples_hold
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import bill_faults as examples
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.bill_faults import KIND, BillFaults

POINTS = [
    BillFaults(rule_id="N35", kp_id="k1", fault="principal", care="21"),
    BillFaults(rule_id="N35", kp_id="k2", fault="dates"),
    BillFaults(rule_id="N35", kp_id="k3", fault="days", care="21", tolerance=1),
    BillFaults(rule_id="N35", kp_id="k4", fault="birth"),
]


def found(world: World) -> list[str]:
    """Points of what is found."""
    return [row.kp_id for row in both_ways(KIND, POINTS, world)]


def test_a_stay_without_principal_diagnosis_is_found_and_an_outpatient_is_not() -> None:
    world = World()
    world.stay("A", "2021-03-01", "2021-03-05", dscg_maindiag_code="", med_type="2101")
    world.visit("B", "2021-03-01", dscg_maindiag_code="")
    [row] = both_ways(KIND, POINTS, world)
    assert (row.kp_id, row.psn_no, row.amount) == ("k1", "A", 80_000)
    assert reason_of(KIND, row.facts) == (
        "结算清单缺少主要诊断：入院2021-03-01，出院2021-03-05，住院4天，出生1980-06-15"
    )


def test_a_principal_diagnosis_on_the_list_suffices_a_secondary_one_does_not() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-05", dscg_maindiag_code="")
    world.diagnose(stay, "I10.x00")
    assert found(world) == ["k1"]
    world.diagnose(stay, "J18.900", maindiag_flag="1")
    assert found(world) == []


@pytest.mark.parametrize(("days", "hits"), [(4, []), (3, []), (5, []), (6, ["k3"]), (2, ["k3"])])
def test_days_may_differ_by_the_tolerance(days: int, hits: list[str]) -> None:
    world = World()
    world.stay("A", "2021-03-01", "2021-03-05", ipt_days=days)
    assert found(world) == hits


def test_a_stay_within_a_day_counts_one_or_none() -> None:
    world = World()
    world.stay("A", "2021-03-01 08:00", "2021-03-01 20:00", ipt_days=2)
    world.stay("B", "2021-03-01 08:00", "2021-03-01 20:00", ipt_days=0)
    assert found(world) == []
    world.stay("C", "2021-03-01 08:00", "2021-03-01 20:00", ipt_days=3)
    assert found(world) == ["k3"]


def test_an_end_before_the_beginning_is_found_and_no_end_is_not() -> None:
    world = World()
    world.stay("A", "2021-03-01", "2021-03-05")
    world.stay("B", "2021-03-01", "2021-03-05")
    ends = [datetime.fromisoformat("2021-02-28T23:59"), None]
    world.visits = [msgspec.structs.replace(one, endtime=end) for one, end in zip(world.visits, ends, strict=True)]
    assert found(world) == ["k2"]


def test_a_person_born_after_the_visit_is_found_and_on_its_day_is_not() -> None:
    world = World()
    world.stay("A", "2021-03-01", "2021-03-05", brdy=date(2021, 3, 2), age=0)
    world.stay("B", "2021-03-01", "2021-03-05", brdy=date(2021, 3, 1), age=0)
    assert found(world) == ["k4"]


def test_both_ways_agree_on_any_world() -> None:
    assert_both_ways_agree(KIND, POINTS, ["ONE"], seeds=8)


@pytest.mark.parametrize("point", POINTS, ids=lambda one: one.fault)
def test_examples_break_the_point_or_stay_clean(point: BillFaults) -> None:
    assert_examples_hold(KIND, point, examples)

"""挂床住院: days of a stay without any care."""

from typing import Any

import msgspec
import pytest

from tests.supervision.kinds.lines import assert_examples_hold
from tests.supervision.kinds.persons import agree_on_any_world, only_row, visits_found
from tests.supervision.world import World
from yibao.supervision.examples import empty_stay as examples
from yibao.supervision.kinds.empty_stay import KIND, EmptyStay

POINTS = [
    EmptyStay(rule_id="X01", kp_id="k1", care="21", charges="03 04 05 09", empty_days=3),
    EmptyStay(rule_id="X01", kp_id="k2", care="21", charges="05 09", empty_days=5),
]
EXAMPLES = POINTS[:1]


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def cared(*days: int, until: int = 10, **known: Any) -> World:
    """A stay from the 1st with a treatment on these days and a bed on all."""
    world = World()
    stay = world.stay("A", "2021-03-01 15:00", f"2021-03-{until:02d} 09:00")
    for day in range(1, until):
        world.line(stay, "BED", f"2021-03-{day:02d} 08:00", med_chrgitm_type="01")
    for day in days:
        world.line(stay, "CARE", f"2021-03-{day:02d} 10:00", **{"med_chrgitm_type": "05", **known})
    return world


def test_four_days_without_care_are_found_with_their_first_day() -> None:
    row, reason = only_row(KIND, POINTS[:1], cared(1, 2, 7, 8, 9))
    assert (row.mdtrt_id, row.bkkp_sn, row.amount) == ("M00001", None, 80_000)
    assert reason == "2021-03-01至2021-03-10住院期间，自2021-03-03起连续4天没有诊疗、用药记录"


def test_two_days_are_clean_and_three_are_not() -> None:
    assert found(cared(1, 2, 5, 6, 7, 8, 9)) == []
    assert found(cared(1, 2, 6, 7, 8, 9)) == ["M00001"]


def test_the_first_and_the_last_days_count_and_the_day_of_discharge_does_not() -> None:
    assert found(cared(4, 5, 6, 7, 8, 9)) == ["M00001"]
    assert found(cared(3, 4, 5, 6, 7, 8, 9)) == []
    assert found(cared(1, 2, 3, 4, 5, 6)) == ["M00001"]
    assert found(cared(1, 2, 3, 4, 5, 6, 7)) == []


def test_a_drug_for_several_days_covers_them() -> None:
    assert found(cared(1, 2, prd_days=8, med_chrgitm_type="09")) == []
    assert found(cared(1, 2, prd_days=5, med_chrgitm_type="09")) == ["M00001"]


def test_care_that_was_refunded_is_none() -> None:
    world = cared(1, 2, 3, 4, 5, 6, 7, 8, 9)
    for line in [one for one in world.lines if one.med_list_codg == "CARE"][3:6]:
        world.line(world.visits[0], "CARE", line.fee_ocur_time, cnt=-1, med_chrgitm_type="05")
    assert found(world) == ["M00001"]


def test_a_stay_that_goes_on_is_not_judged_yet() -> None:
    world = cared(1)
    world.visits[0] = msgspec.structs.replace(world.visits[0], endtime=None)
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, POINTS, 4)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="psn_no")

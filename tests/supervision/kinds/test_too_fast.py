"""短时跨机构连续刷卡: two institutions within minutes."""

from datetime import datetime, timedelta

import pytest

from tests.supervision.kinds.lines import assert_examples_hold
from tests.supervision.kinds.persons import agree_on_any_world, only_row, visits_found
from tests.supervision.world import CLINIC, HOSPITAL, PHARMACY, World
from yibao.supervision.examples import too_fast as examples
from yibao.supervision.kinds.too_fast import KIND, TooFast

POINTS = [
    TooFast(rule_id="X07", kp_id="k1", care="11 41", minutes=30),
    TooFast(rule_id="X07", kp_id="k2", care="1 2 4", minutes=900),
]
EXAMPLES = POINTS[:1]


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def settled(second: str, place: str = CLINIC, **known: str) -> World:
    """A bill settled at 10:00 in the hospital and another."""
    world = World()
    world.visit("A", "2021-03-01 09:30", "2021-03-01 10:00")
    end = datetime.fromisoformat(f"2021-03-01T{second}")
    world.visit("A", end - timedelta(minutes=5), end, fixmedins_code=place, **known)
    return world


def test_the_later_bill_is_found_with_both_times() -> None:
    row, reason = only_row(KIND, POINTS[:1], settled("10:20:30"))
    assert (row.mdtrt_id, row.setl_id, row.fixmedins_code) == ("M00002", "S00002", CLINIC)
    assert reason == "2021-03-01 10:00:00刚在H34060099901结算，10:20:30又在本机构结算"


def test_thirty_minutes_are_found_and_a_second_more_is_clean() -> None:
    assert found(settled("10:30:00")) == ["M00002"]
    assert found(settled("10:30:01")) == []


def test_the_same_institution_is_clean() -> None:
    assert found(settled("10:01:00", HOSPITAL)) == []


def test_a_prescription_filled_at_a_pharmacy_is_clean_and_a_visit_after_the_pharmacy_is_not() -> None:
    assert found(settled("10:05:00", PHARMACY, med_type="41")) == []
    world = settled("10:05:00", PHARMACY, med_type="41")
    world.visit("A", "2021-03-01 10:00", "2021-03-01 10:15", fixmedins_code=CLINIC)
    assert found(world) == ["M00003"]


def test_kinds_of_care_not_listed_are_not_looked_at() -> None:
    assert found(settled("10:05:00", med_type="14")) == []


def test_another_persons_bill_is_clean() -> None:
    world = settled("14:00:00")
    world.visit("B", "2021-03-01 09:50", "2021-03-01 10:10", fixmedins_code=CLINIC)
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, POINTS, 4)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="psn_no")

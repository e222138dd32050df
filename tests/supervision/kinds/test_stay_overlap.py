"""住院时间重叠: stays of one person in two institutions."""

from datetime import date

import msgspec
import pytest

from tests.supervision.kinds.lines import assert_examples_hold
from tests.supervision.kinds.persons import agree_on_any_world, only_row, visits_found
from tests.supervision.world import HOSPITAL, SECOND_HOSPITAL, World, both_ways
from yibao.supervision.examples import stay_overlap as examples
from yibao.supervision.kinds.stay_overlap import KIND, StayOverlap

POINTS = [
    StayOverlap(rule_id="X03", kp_id="k1", care="21 52", tolerance_days=0),
    StayOverlap(rule_id="X03", kp_id="k2", care="21", tolerance_days=2),
]
EXAMPLES = POINTS


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def two(first: str, last: str, second: str, end: str, place: str = SECOND_HOSPITAL) -> World:
    """Two stays of one person, the second elsewhere."""
    world = World()
    world.stay("A", first, last)
    world.stay("A", second, end, fixmedins_code=place)
    return world


def test_the_stay_begun_later_is_found_with_both_dates() -> None:
    world = two("2021-03-01", "2021-03-08", "2021-03-05", "2021-03-12")
    row, reason = only_row(KIND, POINTS[:1], world)
    assert (row.mdtrt_id, row.bkkp_sn, row.amount) == ("M00002", None, 80_000)
    assert reason == ("2021-03-05入院时，该人已自2021-03-01在H34060099901住院、2021-03-08才出院，两处住院重叠3天")


def test_a_transfer_on_one_day_is_clean_and_the_day_before_is_not() -> None:
    assert found(two("2021-03-01", "2021-03-08 09:00", "2021-03-08 15:00", "2021-03-12")) == []
    assert found(two("2021-03-01", "2021-03-08 09:00", "2021-03-07 15:00", "2021-03-12")) == ["M00002"]


def test_the_tolerance_allows_two_days_and_not_three() -> None:
    assert found(two("2021-03-01", "2021-03-08", "2021-03-06", "2021-03-12"), 1) == []
    assert found(two("2021-03-01", "2021-03-08", "2021-03-05", "2021-03-12"), 1) == ["M00002"]


def test_a_day_in_another_hospital_within_a_long_stay_is_found() -> None:
    assert found(two("2021-03-01", "2021-03-20", "2021-03-05 09:00", "2021-03-05 17:00")) == ["M00002"]


def test_two_stays_in_one_institution_are_no_matter_of_this_kind() -> None:
    assert found(two("2021-03-01", "2021-03-08", "2021-03-05", "2021-03-12", HOSPITAL)) == []


def test_a_stay_that_goes_on_overlaps_whatever_begins_later() -> None:
    world = two("2021-03-01", "2021-03-08", "2021-05-05", "2021-05-12")
    world.visits[0] = msgspec.structs.replace(world.visits[0], endtime=None)
    row, _ = only_row(KIND, POINTS[:1], world)
    assert row.facts["days"] == 999


def test_outpatients_and_another_persons_stay_are_clean() -> None:
    world = two("2021-03-01", "2021-03-08", "2021-03-08", "2021-03-12")
    world.stay("B", "2021-03-03", "2021-03-10", fixmedins_code=SECOND_HOSPITAL)
    world.visit("A", "2021-03-04", fixmedins_code=SECOND_HOSPITAL)
    assert found(world) == []


def test_a_stay_before_the_point_is_in_force_is_clean() -> None:
    later = StayOverlap(rule_id="X03", care="21", tolerance_days=0, valid_from=date(2021, 3, 6))
    assert both_ways(KIND, [later], two("2021-03-01", "2021-03-08", "2021-03-05", "2021-03-12")) == []


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, POINTS, 4)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="psn_no")

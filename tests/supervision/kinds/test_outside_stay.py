"""计费日期与住院时间不符: lines before or after their stay."""

import msgspec
import pytest

from tests.supervision.kinds.lines import assert_examples_hold, refund
from tests.supervision.kinds.persons import agree_on_any_world, only_row, visits_found
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import outside_stay as examples
from yibao.supervision.kinds.outside_stay import KIND, OutsideStay

POINTS = [
    OutsideStay(rule_id="N42", kp_id="k1", care="21", tolerance_days=0),
    OutsideStay(rule_id="N42", kp_id="k2", care="21 52", tolerance_days=1),
]
EXAMPLES = POINTS


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def charged(*days: str, **known: str) -> World:
    """A stay from the 5th to the 8th with lines on these days of March."""
    world = World()
    stay = world.stay("A", "2021-03-05 15:00", "2021-03-08 09:00", **known)
    for day in days:
        world.line(stay, "CARE", f"2021-03-{day}", cnt=2, yuan=20)
    return world


def test_a_line_two_days_after_the_discharge_is_found() -> None:
    row, reason = only_row(KIND, POINTS[:1], charged("06 09:00", "10 09:00"))
    assert (row.bkkp_sn, row.amount) == ("F000002", 4000)
    assert reason == "2021-03-10的费用不在住院期间（2021-03-05至2021-03-08），相差2天"


@pytest.mark.parametrize(("day", "place", "hit"), [
    ("05 00:01", 0, False), ("08 23:59", 0, False), ("04 23:59", 0, True), ("09 00:00", 0, True),
    ("04 08:00", 1, False), ("09 08:00", 1, False), ("03 08:00", 1, True), ("10 08:00", 1, True),
])  # fmt: skip
def test_the_days_of_admission_and_discharge_count_whole(day: str, place: int, hit: bool) -> None:
    assert bool(found(charged(day), place)) is hit


def test_all_lines_outside_a_stay_are_one_finding() -> None:
    rows = both_ways(KIND, POINTS[:1], charged("03 09:00", "10 09:00", "07 09:00"))
    assert ([row.bkkp_sn for row in rows], {row.finding_key for row in rows}) == (["F000001", "F000002"], {"M00001"})


def test_an_outside_line_that_was_refunded_is_clean() -> None:
    world = charged("10 09:00")
    refund(world, world.lines[0], 2)
    assert found(world) == []


def test_outpatients_lines_and_an_unfinished_stays_later_lines_are_not_looked_at() -> None:
    assert found(charged("10 09:00", med_type="11")) == []
    world = charged("10 09:00")
    world.visits[0] = msgspec.structs.replace(world.visits[0], endtime=None)
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, POINTS, 4)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="psn_no")

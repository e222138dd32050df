"""按日计费超住院天数: items of a day more often than the stay has days."""

from typing import Any

import msgspec
import pytest

from tests.supervision.kinds.lines import assert_examples_hold, refund
from tests.supervision.kinds.persons import agree_on_any_world, only_row, visits_found
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import bed_days as examples
from yibao.supervision.findings import stake_of
from yibao.supervision.kinds.bed_days import KIND, BedDays

POINTS = [
    BedDays(rule_id="X33", kp_id="bed", code="BED", item="普通病房床位费", care="21", tolerance_days=1),
    BedDays(rule_id="X33", kp_id="bed", code="CARE", item="双人间床位费", care="21", tolerance_days=1),
]
EXAMPLES = POINTS[:1]


def found(world: World) -> list[str]:
    """Visits that are found."""
    return visits_found(KIND, POINTS, world)


def charged(*counts: Any, code: str = "BED", **known: Any) -> World:
    """A stay of four days with lines of these counts, one a day, at 30 yuan."""
    world = World()
    stay = world.stay("A", "2021-03-01 10:00", "2021-03-05 09:00", **known)
    for day, count in enumerate(counts, 1):
        world.line(stay, code, f"2021-03-{day:02d} 10:00", cnt=count, yuan=30)
    return world


def test_what_is_over_is_taken_from_the_last_lines_back() -> None:
    rows = both_ways(KIND, POINTS, charged(1, 1, 1, 2, "2.5"))
    assert [(row.bkkp_sn, stake_of(row)) for row in rows] == [("F000005", 7500)]
    _, reason = only_row(KIND, POINTS, charged(1, 1, 1, 2, "2.5"))
    assert reason == "普通病房床位费计费7.5天，住院只有4天"


def test_more_than_the_last_line_goes_on_to_the_one_before() -> None:
    rows = both_ways(KIND, POINTS, charged(1, 1, 1, 3, 1))
    assert [(row.bkkp_sn, stake_of(row)) for row in rows] == [("F000004", 3000), ("F000005", 3000)]
    assert {row.finding_key for row in rows} == {"M00001"}


def test_the_days_and_the_tolerance_are_clean() -> None:
    assert found(charged(1, 1, 1, 1, 1)) == []


def test_all_beds_are_counted_together() -> None:
    world = charged(1, 1, 1, 1)
    for day in ("01", "02"):
        world.line(world.visits[0], "CARE", f"2021-03-{day} 11:00", yuan=50)
    rows = both_ways(KIND, POINTS, world)
    assert [(row.bkkp_sn, stake_of(row)) for row in rows] == [("F000004", 3000)]


def test_refunded_days_are_taken_off() -> None:
    world = charged(1, 1, 1, 2, 2)
    refund(world, world.lines[4], 2)
    assert found(world) == []


def test_the_days_told_count_when_they_are_more_than_the_nights() -> None:
    assert found(charged(2, 2, 2, 1, ipt_days=6)) == []


def test_outpatients_and_stays_that_go_on_are_not_looked_at() -> None:
    assert found(charged(9, med_type="11")) == []
    world = charged(9)
    world.visits[0] = msgspec.structs.replace(world.visits[0], endtime=None)
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, POINTS, 4)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="psn_no")

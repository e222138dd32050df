"""死亡后结算: lines later than the death."""

from datetime import date
from typing import Any

import pytest

from tests.supervision.kinds.lines import assert_examples_hold, refund
from tests.supervision.kinds.persons import agree_on_any_world, only_row, visits_found
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import after_death as examples
from yibao.supervision.findings import stake_of
from yibao.supervision.kinds.after_death import KIND, AfterDeath

POINTS = [
    AfterDeath(rule_id="X04", kp_id="k1", tolerance_days=0),
    AfterDeath(rule_id="X04", kp_id="k2", tolerance_days=3),
]
EXAMPLES = POINTS


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def care(on: str, **known: Any) -> World:
    """A line on a day for a person who died on the 10th."""
    world = World()
    visit = world.visit("A", on, **{"die_date": date(2021, 3, 10), **known})
    world.line(visit, "CARE", on, cnt=2, yuan=15)
    return world


def test_a_line_two_days_after_the_death_is_found_with_its_days() -> None:
    row, reason = only_row(KIND, POINTS[:1], care("2021-03-12 09:00"))
    assert (row.bkkp_sn, row.amount, row.finding_key) == ("F000001", 3000, "M00001")
    assert reason == "该人于2021-03-10死亡，2021-03-12仍有费用，晚2天"


@pytest.mark.parametrize(("day", "place", "hit"), [(10, 0, False), (11, 0, True), (13, 1, False), (14, 1, True)])
def test_the_day_of_death_and_the_tolerance_are_allowed(day: int, place: int, hit: bool) -> None:
    assert bool(found(care(f"2021-03-{day} 08:00"), place)) is hit


def test_only_the_lines_after_the_death_are_at_stake() -> None:
    world = World()
    stay = world.stay("A", "2021-03-08", "2021-03-12", die_date=date(2021, 3, 10))
    late = [world.line(stay, "CARE", f"2021-03-{day} 09:00").bkkp_sn for day in ("09", "10", "11", "12")][2:]
    rows = both_ways(KIND, POINTS[:1], world)
    assert [row.bkkp_sn for row in rows] == late
    assert len({row.finding_key for row in rows}) == 1


def test_what_was_refunded_or_paid_whole_by_the_person_is_clean() -> None:
    world = care("2021-03-12 09:00")
    refund(world, world.lines[0], 2)
    world.line(world.visits[0], "OTHER", "2021-03-12 09:00", inscp_amt=0)
    assert found(world) == []


def test_a_half_refund_leaves_half_at_stake() -> None:
    world = care("2021-03-12 09:00")
    refund(world, world.lines[0], 1)
    assert [stake_of(row) for row in both_ways(KIND, POINTS[:1], world)] == [1500]


def test_a_death_before_the_birth_is_a_data_fault() -> None:
    assert found(care("2021-03-12", brdy=date(2021, 3, 11))) == []


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, POINTS, 4)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="psn_no")

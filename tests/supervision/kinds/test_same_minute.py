"""医师同分钟多处方: one item for many persons within a minute."""

from dataclasses import replace
from typing import Any

import pytest

from tests.supervision.kinds.lines import assert_examples_hold, refund
from tests.supervision.kinds.persons import agree_on_any_world, visits_found
from tests.supervision.world import HOSPITAL, World, both_ways
from yibao.supervision.examples import same_minute as examples
from yibao.supervision.kinds.same_minute import KIND, SameMinute

POINTS = [
    SameMinute(rule_id="X27", kp_id="high", code="BED", item="司美格鲁肽", persons=3),
    SameMinute(rule_id="X27", kp_id="high", code="CARE", item="司美格鲁肽（另一规格）", persons=3),
]
EXAMPLES = POINTS[:1]
LOOSE = [replace(one, persons=2) for one in POINTS]


def found(world: World) -> list[str]:
    """Visits that are found."""
    return visits_found(KIND, POINTS, world)


def ordered(*times: str, code: str = "BED", **known: Any) -> World:
    """The item for a new person at each of these times."""
    world = World()
    for turn, time in enumerate(times):
        world.line(world.visit(f"P{turn}", "2021-03-01 09:00"), code, f"2021-03-01 {time}", yuan=400, **known)
    return world


def test_three_persons_within_a_minute_are_one_finding_of_all_lines() -> None:
    rows = both_ways(KIND, POINTS, ordered("09:10:00", "09:10:30", "09:10:59"))
    assert [row.amount for row in rows] == [40_000] * 3
    assert {row.finding_key for row in rows} == {f"{HOSPITAL}:D1:2021-03-01 09:10"}
    assert rows[0].facts == {"doctor": "D1", "minute": "2021-03-01 09:10", "persons": 3, "item": "司美格鲁肽"}


def test_the_minute_after_does_not_count() -> None:
    assert found(ordered("09:10:00", "09:10:30", "09:11:00")) == []


def test_two_sizes_of_one_drug_are_counted_together() -> None:
    world = ordered("09:10:00", "09:10:30")
    world.line(world.visit("Q", "2021-03-01 09:00"), "CARE", "2021-03-01 09:10:10")
    assert found(world) == ["M00001", "M00002", "M00003"]


def test_one_person_thrice_is_one_person() -> None:
    world = ordered("09:10:00", "09:10:30")
    world.line(world.visits[0], "BED", "2021-03-01 09:10:10")
    assert found(world) == []


def test_other_doctors_and_lines_without_one_do_not_count() -> None:
    assert found(ordered("09:10:00", "09:10:30", "09:10:40", bilg_dr_code="")) == []
    world = ordered("09:10:00", "09:10:30")
    world.line(world.visit("Q", "2021-03-01 09:00"), "BED", "2021-03-01 09:10:10", bilg_dr_code="D2")
    assert found(world) == []


def test_what_was_given_back_does_not_count() -> None:
    world = ordered("09:10:00", "09:10:30", "09:10:40")
    refund(world, world.lines[2], 1)
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, LOOSE, 4)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="fixmedins_code")

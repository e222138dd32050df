"""结伴就医: the same persons together again and again."""

import random

import pytest

from tests.supervision.kinds.lines import assert_examples_hold
from tests.supervision.kinds.persons import visits_found
from tests.supervision.world import CLINIC, HOSPITAL, World, both_ways
from yibao.supervision.examples import companions as examples
from yibao.supervision.kinds.companions import KIND, Companions

POINTS = [
    Companions(rule_id="X24", kp_id="k1", care="11", persons=3, times=3, crowd=6, exempt="Z49"),
    Companions(rule_id="X24", kp_id="k2", care="1 4 2", persons=3, times=2, crowd=20),
]
EXAMPLES = POINTS[:1]


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def together(*meetings: str, **known: str) -> World:
    """Persons, one letter each, who come on one day after the other."""
    world = World()
    for day, persons in enumerate(meetings, 1):
        for turn, one in enumerate(persons):
            world.visit(one, f"2021-03-{day:02d} {8 + turn % 10:02d}:00", **{"fixmedins_code": CLINIC, **known})
    return world


def members(world: World) -> list[tuple[str, str]]:
    """Finding and person of what is found."""
    return sorted({(row.finding_key[-1], row.psn_no) for row in both_ways(KIND, POINTS[:1], world)})


def test_three_who_meet_three_times_are_one_finding_of_all_their_bills() -> None:
    rows = both_ways(KIND, POINTS[:1], together("ABC", "ABCX", "CBA"))
    assert (len(rows), {row.finding_key for row in rows}) == (9, {f"{CLINIC}:A"})
    assert rows[0].facts == {"persons": 3, "times": 3, "leader": "A", "day": "2021-03-01"}


def test_two_persons_and_two_times_are_clean() -> None:
    assert found(together("AB", "AB", "AB", "AB")) == []
    assert found(together("ABC", "ABC", "AB", "BC", "AC")) == []


def test_a_group_of_five_is_one_finding() -> None:
    assert members(together("ABCDE", "ABCDE", "ABCDE")) == [("A", one) for one in "ABCDE"]


def test_two_groups_are_two_findings() -> None:
    world = together("ABCXYZ", "ABC", "ABC", "XYZ", "XYZ")
    assert members(world) == [("A", "A"), ("A", "B"), ("A", "C"), ("X", "X"), ("X", "Y"), ("X", "Z")]


def test_crowded_days_are_not_looked_at() -> None:
    assert found(together("ABCDEFG", "ABC", "ABC")) == []


def test_dialysis_shifts_are_not_counted() -> None:
    assert found(together("ABC", "ABC", "ABC", dscg_maindiag_code="Z49.100")) == []


def test_meeting_in_different_institutions_is_no_company() -> None:
    world = together("ABC", "ABC")
    for one in "ABC":
        world.visit(one, "2021-03-09 08:00", fixmedins_code=HOSPITAL)
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    draw, rows = random.Random(1), 0
    for _ in range(12):
        world = together(*("".join(draw.sample("ABCDEF", draw.randrange(2, 6))) for _ in range(6)))
        rows += len(both_ways(KIND, POINTS, world))
    assert rows > 0


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="fixmedins_code")

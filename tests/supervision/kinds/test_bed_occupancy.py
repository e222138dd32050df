"""床位使用率超限: more persons in bed than there are beds."""

import pytest

from tests.supervision.city import random_city as WORLD
from tests.supervision.places import CODES, hits, in_one_place
from tests.supervision.world import World, both_ways
from yibao.supervision.examples.bed_occupancy import clean, violations
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.bed_occupancy import KIND, BedOccupancy

POINTS = [
    BedOccupancy(rule_id="X31", limit=10_000),
    BedOccupancy(rule_id="X31", kp_id="half", limit=5_000, least_days=3),
]
POINT = BedOccupancy(rule_id="X31", limit=10_000, least_days=3)
EXAMPLES = [POINT, BedOccupancy(rule_id="X31", kp_id="law", limit=12_000, least_days=3)]


def test_three_persons_in_two_beds_are_found_with_the_fullest_day() -> None:
    world = World()
    in_one_place(world, "H1", ["2021-03-01", "2021-03-01", "2021-03-01", "2021-03-03"], beds=2)
    [row] = both_ways(KIND, [POINT], world)
    assert (row.fixmedins_code, row.amount) == ("H1", 0)
    assert reason_of(KIND, row.facts) == (
        "2021-03有3天在院人数超过核定床位的限度，最多的2021-03-03在院4人，核定床位2张"
    )


def test_as_many_as_beds_and_a_bed_given_on_on_the_same_day_are_clean() -> None:
    world = World()
    in_one_place(world, "H1", ["2021-03-01", "2021-03-01", "2021-03-04", "2021-03-04"], beds=2)
    assert hits(KIND, POINT, world) == set()


def test_two_days_over_are_too_few_and_unknown_beds_are_not_looked_at() -> None:
    world = World()
    in_one_place(world, "H1", ["2021-03-01", "2021-03-01", "2021-03-02"], beds=2)
    in_one_place(world, "H2", ["2021-03-01"] * 9, beds=0)
    assert hits(KIND, POINT, world) == set()


def test_a_stay_that_ends_on_the_day_it_begins_counts_on_that_day() -> None:
    world = World()
    in_one_place(world, "H1", ["2021-03-01"] * 2, beds=2)
    for day in ("01", "02", "03"):
        world.stay(f"DAY{day}", f"2021-03-{day} 08:00", f"2021-03-{day} 17:00", fixmedins_code="H1")
    assert hits(KIND, POINT, world) == {"H1"}


def test_both_ways_agree_on_any_world() -> None:
    assert sum(len(both_ways(KIND, POINTS, WORLD(seed, CODES))) for seed in range(4)) > 5


@pytest.mark.parametrize("number", [0, 7])
@pytest.mark.parametrize("point", EXAMPLES, ids=lambda one: one.kp_id or one.rule_id)
def test_examples_break_the_point_or_stay_clean(point: BedOccupancy, number: int) -> None:
    world = World()
    wrong, right = violations(world, point, number), clean(world, point, number)
    assert wrong != right
    assert hits(KIND, point, world) == {wrong}

"""用量远超同类机构: an item sold beyond all measure."""

import pytest

from tests.supervision.city import random_city as WORLD
from tests.supervision.places import CODES, hits, in_one_place
from tests.supervision.world import World, both_ways
from yibao.supervision.examples.volume_against_peers import clean, violations
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.volume_against_peers import KIND, VolumeAgainstPeers

POINTS = [
    VolumeAgainstPeers(
        rule_id="X51", code="CT10", item="阿胶", times=15_000, least_count=20_000, least_visits=2, least_peers=3
    )
]
POINT = VolumeAgainstPeers(
    rule_id="X51", code="GLUE", item="阿胶", times=50_000, least_count=100_000, least_visits=2, least_peers=3
)
EXAMPLES = [POINT]


def city(*counts: int, visits: int = 2) -> World:
    """Hospitals of one level, each with so much of the item on its visits."""
    world = World()
    for number, count in enumerate(counts):
        stay, *_ = in_one_place(world, f"H{number}", ["2021-03-01"] * visits)
        world.line(stay, "GLUE", "2021-03-01 10:00", cnt=count)
    return world


def test_ten_times_what_peers_have_is_found_with_its_numbers() -> None:
    [row] = both_ways(KIND, [POINT], city(2, 2, 20))
    assert (row.fixmedins_code, row.amount) == ("H2", 0)
    assert reason_of(KIND, row.facts) == (
        "2021-03阿胶共20，2人次，每万人次100000，同级同类3家机构中位数为每万人次10000"
    )


def test_exactly_five_times_and_little_in_all_are_clean() -> None:
    assert hits(KIND, POINT, city(2, 2, 10)) == set()
    assert hits(KIND, POINT, city(2, 2, 11)) == {"H2"}
    assert hits(KIND, POINT, city(1, 1, 9)) == set()


def test_what_was_given_back_was_not_sold() -> None:
    world = city(2, 2, 20)
    stay = next(one for one in world.visits if one.fixmedins_code == "H2")
    world.line(stay, "GLUE", "2021-03-02 10:00", cnt=-10)
    assert hits(KIND, POINT, world) == set()


def test_two_hospitals_are_no_peers_and_one_visit_no_month() -> None:
    assert hits(KIND, POINT, city(2, 20)) == set()
    assert hits(KIND, POINT, city(2, 2, 20, visits=1)) == set()


def test_both_ways_agree_on_any_world() -> None:
    assert sum(len(both_ways(KIND, POINTS, WORLD(seed, CODES))) for seed in range(4)) > 5


@pytest.mark.parametrize("number", [0, 13])
@pytest.mark.parametrize("point", EXAMPLES, ids=lambda one: one.kp_id or one.rule_id)
def test_examples_break_the_point_or_stay_clean(point: VolumeAgainstPeers, number: int) -> None:
    world = World()
    wrong, right = violations(world, point, number), clean(world, point, number)
    assert wrong != right
    assert hits(KIND, point, world) == {wrong}

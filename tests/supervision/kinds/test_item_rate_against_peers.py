"""入院常规过度检查: how many stays get an item, against peers."""

import pytest

from tests.supervision.city import random_city as WORLD
from tests.supervision.places import CODES, hits, in_one_place
from tests.supervision.world import World, both_ways
from yibao.supervision.examples.item_rate_against_peers import clean, violations
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.item_rate_against_peers import KIND, ItemRateAgainstPeers

POINTS = [
    ItemRateAgainstPeers(
        rule_id="X43", kp_id="a", code="CT10", item="粪便检查", percentile=8_000, least_rate=2_000, least_stays=2,
        least_peers=3,
    ),
    ItemRateAgainstPeers(
        rule_id="X43", kp_id="b", code="CT20", item="血凝检查", percentile=5_000, least_excess=1_500, least_stays=3,
        least_peers=2,
    ),
]  # fmt: skip
POINT = ItemRateAgainstPeers(
    rule_id="X43", code="STOOL", item="粪便检查", percentile=5_000, least_excess=1_000, least_rate=5_000, least_stays=4,
    least_peers=3,
)  # fmt: skip
EXAMPLES = [POINT, ItemRateAgainstPeers(
    rule_id="X43", kp_id="p90", code="STOOL", percentile=9_000, least_excess=1_000, least_rate=5_000, least_stays=30,
    least_peers=5,
)]  # fmt: skip


def city(*having: int, stays: int = 4) -> World:
    """Hospitals of one level, each with so many stays that have the item."""
    world = World()
    for number, some in enumerate(having):
        for place, stay in enumerate(in_one_place(world, f"H{number}", ["2021-03-01"] * stays)):
            if place < some:
                world.line(stay, "STOOL", "2021-03-01 10:00")
                world.line(stay, "STOOL", "2021-03-02 10:00")
    return world


def test_a_hospital_that_tests_everybody_is_found_with_its_numbers() -> None:
    [row] = both_ways(KIND, [POINT], city(1, 1, 4))
    assert (row.fixmedins_code, row.amount) == ("H2", 0)
    assert reason_of(KIND, row.facts) == "2021-03入院的4人次中100%做了粪便检查，同级同类3家机构的分位值为25%"


def test_less_than_the_least_rate_and_routine_everywhere_are_clean() -> None:
    assert hits(KIND, POINT, city(0, 0, 1)) == set()
    assert hits(KIND, POINT, city(0, 0, 2)) == {"H2"}
    assert hits(KIND, POINT, city(4, 4, 4)) == set()


def test_an_item_given_back_was_not_given() -> None:
    world = city(1, 1, 2)
    stay = next(one for one in world.visits if one.fixmedins_code == "H2")
    world.line(stay, "STOOL", "2021-03-03 10:00", cnt=-2)
    assert hits(KIND, POINT, world) == set()


def test_two_hospitals_are_no_peers_and_three_stays_no_month() -> None:
    assert hits(KIND, POINT, city(0, 4)) == set()
    assert hits(KIND, POINT, city(0, 0, 3, stays=3)) == set()


def test_both_ways_agree_on_any_world() -> None:
    assert sum(len(both_ways(KIND, POINTS, WORLD(seed, CODES))) for seed in range(3)) > 5


@pytest.mark.parametrize("number", [0, 13])
@pytest.mark.parametrize("point", EXAMPLES, ids=lambda one: one.kp_id or one.rule_id)
def test_examples_break_the_point_or_stay_clean(point: ItemRateAgainstPeers, number: int) -> None:
    world = World()
    wrong, right = violations(world, point, number), clean(world, point, number)
    assert wrong != right
    assert hits(KIND, point, world) == {wrong}

"""服务不足: too many stays far cheaper than others."""

import pytest

from tests.supervision.city import random_city as WORLD
from tests.supervision.places import CODES, hits, in_one_place
from tests.supervision.world import World, both_ways
from yibao.supervision.examples.low_cost_share import clean, violations
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.low_cost_share import KIND, LowCostShare

POINTS = [
    LowCostShare(rule_id="X23", low_ratio=5_000, limit=2_000, least_stays=2, least_alike=3, exempt_ways="2 5"),
    LowCostShare(rule_id="X23", kp_id="wide", low_ratio=9_000, limit=4_000, least_stays=1, least_alike=1),
]
POINT = LowCostShare(rule_id="X23", low_ratio=5_000, limit=3_500, least_stays=4, least_alike=4, exempt_ways="2 5")
EXAMPLES = [
    POINT,
    LowCostShare(rule_id="X23", kp_id="law", low_ratio=5_000, limit=3_500, least_stays=30, least_alike=20),
]


def city(*fees: int, **known: str) -> World:
    """A hospital whose stays cost this much (fen), and a dear one beside it."""
    world = World()
    for one in fees:
        in_one_place(world, "H1", ["2021-03-01"], medfee_sumamt=one, **known)
    in_one_place(world, "H2", ["2021-03-01"] * 4, medfee_sumamt=100_000)
    return world


def test_a_hospital_with_two_of_four_stays_for_a_song_is_found_with_its_numbers() -> None:
    [row] = both_ways(KIND, [POINT], city(100_000, 100_000, 10_000, 10_000))
    assert (row.fixmedins_code, row.amount) == ("H1", 0)
    assert reason_of(KIND, row.facts) == ("2021-03结算的4人次住院中2人次费用低于同级同病种均值的50%，占50%，上限35%")


def test_one_of_four_is_within_the_limit() -> None:
    assert hits(KIND, POINT, city(100_000, 100_000, 100_000, 10_000)) == set()


def test_exactly_half_of_the_mean_is_not_low() -> None:
    # 6 × 1,000 and 2 × 429 yuan: the mean is 857, half of it 428.6
    assert hits(KIND, POINT, city(100_000, 100_000, 42_900, 42_900)) == set()
    assert hits(KIND, POINT, city(100_000, 100_000, 42_800, 42_800)) == {"H1"}


def test_deaths_are_cheap_and_no_matter() -> None:
    assert hits(KIND, POINT, city(100_000, 100_000, 10_000, 10_000, dscg_way="5")) == set()


def test_a_rare_disease_has_no_mean() -> None:
    world = World()
    in_one_place(world, "H1", ["2021-03-01"] * 2, medfee_sumamt=100_000)
    in_one_place(world, "H1", ["2021-03-01"], medfee_sumamt=1)
    assert hits(KIND, POINT, world) == set()


def test_both_ways_agree_on_any_world() -> None:
    assert sum(len(both_ways(KIND, POINTS, WORLD(seed, CODES))) for seed in range(4)) > 5


@pytest.mark.parametrize("number", [0, 7])
@pytest.mark.parametrize("point", EXAMPLES, ids=lambda one: one.kp_id or one.rule_id)
def test_examples_break_the_point_or_stay_clean(point: LowCostShare, number: int) -> None:
    world = World()
    wrong, right = violations(world, point, number), clean(world, point, number)
    assert wrong != right
    assert hits(KIND, point, world) == {wrong}

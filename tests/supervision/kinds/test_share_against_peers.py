"""费用占比异常: the share of one sort of fees against peers."""

import pytest

from tests.supervision.city import random_city as WORLD
from tests.supervision.places import CODES, hits, in_one_place
from tests.supervision.world import World, both_ways
from yibao.supervision.examples.share_against_peers import clean, violations
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.share_against_peers import KIND, ShareAgainstPeers

POINTS = [
    ShareAgainstPeers(
        rule_id="N56", kp_id="a", item="药费", charge_types="09 10 11", least_visits=2, least_peers=3, z_limit=10_000
    ),
    ShareAgainstPeers(
        rule_id="N60", kp_id="b", item="CT费", prefixes="CT1 CT2", care="21 22 52", by_department=1, least_visits=2,
        least_peers=3, least_excess=200, least_spread=100, z_limit=8_000,
    ),
]  # fmt: skip
POINT = ShareAgainstPeers(
    rule_id="N58", item="耗材费", charge_types="08", care="21", least_visits=2, least_peers=4, least_excess=1_000,
    least_spread=200, z_limit=35_000,
)  # fmt: skip
EXAMPLES = [POINT, ShareAgainstPeers(
    rule_id="N60", item="CT费", prefixes="0021030", least_visits=3, least_peers=5, least_excess=500, least_spread=50,
    z_limit=20_000,
)]  # fmt: skip


def city(*shares: int, visits: int = 2) -> World:
    """Hospitals of one level, each with this share of consumables in hundredths."""
    world = World()
    for number, share in enumerate(shares):
        for stay in in_one_place(world, f"H{number}", ["2021-03-01"] * visits):
            world.line(stay, "NET", "2021-03-01 10:00", yuan=share, med_chrgitm_type="08")
            world.line(stay, "BED", "2021-03-01 11:00", yuan=100 - share, med_chrgitm_type="01")
    return world


def test_a_hospital_with_three_times_the_consumables_of_its_peers_is_found_with_its_numbers() -> None:
    [row] = both_ways(KIND, [POINT], city(20, 21, 19, 60))
    assert (row.fixmedins_code, row.amount, row.bkkp_sn) == ("H3", 0, None)
    assert reason_of(KIND, row.facts) == (
        "2021-03耗材费占比60%，同级同类4家机构中位数20%，稳健偏离13.49倍（当月2人次）"
    )


def test_what_is_over_peers_by_less_than_counts_is_clean() -> None:
    assert hits(KIND, POINT, city(20, 20, 20, 20, 29)) == set()
    assert hits(KIND, POINT, city(20, 20, 20, 20, 31)) == {"H4"}


def test_robust_z_must_be_over_its_limit() -> None:
    # the deviation of peers is 5 hundredths: 26 × 6745 ÷ 5 is over 35000, 25 × 6745 ÷ 5 is not
    assert hits(KIND, POINT, city(15, 20, 20, 25, 25, 45)) == set()
    assert hits(KIND, POINT, city(15, 20, 20, 25, 25, 46)) == {"H5"}


def test_three_hospitals_are_no_peers_and_one_visit_no_month() -> None:
    assert hits(KIND, POINT, city(20, 20, 60)) == set()
    assert hits(KIND, POINT, city(20, 20, 20, 60, visits=1)) == set()


def test_other_care_is_not_looked_at() -> None:
    world = city(20, 20, 20, 60)
    for stay in list(world.visits):
        if stay.fixmedins_code == "H0":
            visit = world.visit(stay.psn_no, "2021-03-20", fixmedins_code="H0")
            world.line(visit, "NET", "2021-03-20 10:00", yuan=9_000, med_chrgitm_type="08")
    assert hits(KIND, POINT, world) == {"H3"}


def test_both_ways_agree_on_any_world() -> None:
    assert sum(len(both_ways(KIND, POINTS, WORLD(seed, CODES))) for seed in range(3)) > 5


@pytest.mark.parametrize("number", [0, 1, 10])
@pytest.mark.parametrize("point", EXAMPLES, ids=lambda one: one.kp_id or one.rule_id)
def test_examples_break_the_point_or_stay_clean(point: ShareAgainstPeers, number: int) -> None:
    world = World()
    wrong, right = violations(world, point, number), clean(world, point, number)
    assert wrong != right
    assert hits(KIND, point, world) == {wrong}

"""院内感染发生率: infections got in hospital."""

import pytest

from tests.supervision.city import random_city as WORLD
from tests.supervision.places import CODES, hits, in_one_place
from tests.supervision.world import World, both_ways
from yibao.supervision.examples.infection_rate import clean, violations
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.infection_rate import KIND, InfectionRate

POINTS = [InfectionRate(rule_id="N62", diagnoses="A41 T81.4", acquired="4", limit=1_000, least_stays=2)]
POINT = InfectionRate(rule_id="N62", diagnoses="A41 T81.4", acquired="4", limit=2_500, least_stays=4)
EXAMPLES = [
    POINT,
    InfectionRate(rule_id="N62", kp_id="law", diagnoses="A41", acquired="4", limit=1_000, least_stays=50),
]


def city(infected: int, adm_cond_type: str = "4", diag_code: str = "A41.900", stays: int = 4) -> World:
    """A hospital with infections that were not there on admission."""
    world = World()
    for stay in in_one_place(world, "H1", ["2021-03-01"] * stays)[:infected]:
        world.diagnose(stay, diag_code, adm_cond_type=adm_cond_type)
        world.diagnose(stay, "T81.400", adm_cond_type=adm_cond_type)
    return world


def test_two_of_four_infected_in_hospital_are_over_the_limit() -> None:
    [row] = both_ways(KIND, [POINT], city(2))
    assert (row.fixmedins_code, row.amount) == ("H1", 0)
    assert reason_of(KIND, row.facts) == "2021-03结算的4人次住院中2人次有入院时没有的感染诊断，发生率50%，上限25%"


def test_one_of_four_infections_they_came_with_and_small_hospitals_are_clean() -> None:
    assert hits(KIND, POINT, city(1)) == set()
    assert hits(KIND, POINT, city(4, adm_cond_type="1")) == set()
    assert hits(KIND, POINT, city(3, stays=3)) == set()


def test_a_principal_diagnosis_is_what_they_came_for() -> None:
    world = World()
    in_one_place(world, "H1", ["2021-03-01"] * 4, dscg_maindiag_code="A41.900")
    for one in world.visits:
        world.diagnose(one, "A41.900", maindiag_flag="1", adm_cond_type="4")
    assert hits(KIND, POINT, world) == set()


def test_both_ways_agree_on_any_world() -> None:
    assert sum(len(both_ways(KIND, POINTS, WORLD(seed, CODES))) for seed in range(4)) > 5


@pytest.mark.parametrize("number", [0, 7])
@pytest.mark.parametrize("point", EXAMPLES, ids=lambda one: one.kp_id or one.rule_id)
def test_examples_break_the_point_or_stay_clean(point: InfectionRate, number: int) -> None:
    world = World()
    wrong, right = violations(world, point, number), clean(world, point, number)
    assert wrong != right
    assert hits(KIND, point, world) == {wrong}

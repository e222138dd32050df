"""非计划再入院率: back in the same institution within days."""

import pytest

from tests.supervision.city import random_city as WORLD
from tests.supervision.places import CODES, hits, in_one_place
from tests.supervision.world import World, both_ways
from yibao.supervision.examples.readmission_rate import clean, violations
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.readmission_rate import KIND, ReadmissionRate

POINTS = [
    ReadmissionRate(rule_id="N63", days=31, limit=800, least_stays=2, exempt="Z51 C", exempt_care="52"),
    ReadmissionRate(rule_id="N63", kp_id="short", days=15, limit=0, least_stays=1),
]
POINT = ReadmissionRate(rule_id="N63", days=31, limit=2_500, least_stays=4, exempt="Z51 C", exempt_care="52")
EXAMPLES = [POINT, ReadmissionRate(rule_id="N63", kp_id="law", days=31, limit=800, least_stays=50, exempt="Z51")]


def city(*, back: str = "2021-03-20", **known: str) -> World:
    """Three persons stay in March, one of them a second time; one more was there in February and is back in March."""
    world = World()
    stays = in_one_place(world, "H1", ["2021-03-01", "2021-03-02", "2021-03-03"])
    world.stay(stays[0].psn_no, back, f"{back} 20:00", fixmedins_code="H1", **known)
    world.stay("EARLIER", "2021-02-10", "2021-02-20", fixmedins_code="H1")
    world.stay("EARLIER", "2021-03-22", "2021-03-23", fixmedins_code="H1")
    return world


def test_two_of_five_back_within_a_month_are_over_the_limit() -> None:
    [row] = both_ways(KIND, [POINT], city())
    assert (row.fixmedins_code, row.amount) == ("H1", 0)
    assert reason_of(KIND, row.facts) == ("2021-03入院5人次中2人次为出院31日内非计划再入院，比率40%，上限25%")


@pytest.mark.parametrize("known", [{"dscg_maindiag_code": "Z51.100"}, {"med_type": "52"}])
def test_planned_treatment_is_no_readmission(known: dict[str, str]) -> None:
    assert hits(KIND, POINT, city(**known)) == set()


def test_back_on_the_day_of_discharge_is_one_stay_in_parts() -> None:
    assert hits(KIND, POINT, city(back="2021-03-04")) == set()
    assert hits(KIND, POINT, city(back="2021-03-05")) == {"H1"}


def test_the_thirty_second_day_is_too_late() -> None:
    world = city(back="2021-03-05")
    world.stay("LATE", "2021-01-20", "2021-02-01", fixmedins_code="H1")
    world.stay("LATE", "2021-03-05", "2021-03-06", fixmedins_code="H1")
    assert both_ways(KIND, [POINT], world)[0].facts["readmitted"] == 2


def test_another_hospital_is_another_matter() -> None:
    world = World()
    stays = in_one_place(world, "H1", ["2021-03-01"] * 4)
    for stay in stays:
        in_one_place(world, "H2", [])
        world.stay(stay.psn_no, "2021-03-10", "2021-03-12", fixmedins_code="H2")
    assert hits(KIND, POINT, world) == set()


def test_both_ways_agree_on_any_world() -> None:
    assert sum(len(both_ways(KIND, POINTS, WORLD(seed, CODES))) for seed in range(4)) > 5


@pytest.mark.parametrize("number", [0, 7])
@pytest.mark.parametrize("point", EXAMPLES, ids=lambda one: one.kp_id or one.rule_id)
def test_examples_break_the_point_or_stay_clean(point: ReadmissionRate, number: int) -> None:
    world = World()
    wrong, right = violations(world, point, number), clean(world, point, number)
    assert wrong != right
    assert hits(KIND, point, world) == {wrong}

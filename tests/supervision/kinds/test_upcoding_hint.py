"""高套分组线索: a principal diagnosis chosen for its price."""

import pytest

from tests.supervision.city import random_city as WORLD
from tests.supervision.places import CODES, hits, in_one_place
from tests.supervision.world import World, both_ways
from yibao.supervision.examples.upcoding_hint import clean, violations
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.upcoding_hint import KIND, UpcodingHint

POINTS = [
    UpcodingHint(rule_id="X21", kp_id="cheap", low_ratio=6_000, fit_ratio=2_000, least_alike=3),
    UpcodingHint(rule_id="X21", kp_id="swap", swap_share=5_000, least_alike=2),
]
CHEAP = UpcodingHint(rule_id="X21", kp_id="cheap", low_ratio=3_000, fit_ratio=8_000, least_alike=3)
SWAP = UpcodingHint(rule_id="X21", kp_id="swap", swap_share=7_500, least_alike=4)
EXAMPLES = [CHEAP, SWAP]


def city(fees: int, *, turned: int = 0) -> World:
    """Five dear strokes, five cheap bronchitides (some with a stroke besides), and one stroke with bronchitis."""
    world = World()
    in_one_place(world, "H1", ["2021-03-01"] * 5, medfee_sumamt=1_000_000, dscg_maindiag_code="I63.900")
    for stay in in_one_place(world, "H1", ["2021-03-01"] * 5, medfee_sumamt=200_000, dscg_maindiag_code="J20.900")[
        :turned
    ]:
        world.diagnose(stay, "I63.900")
    [stay] = in_one_place(world, "H2", ["2021-03-01"], medfee_sumamt=fees, dscg_maindiag_code="I63.900")
    world.diagnose(stay, "J20.901")
    return world


def test_a_stroke_for_the_price_of_bronchitis_is_found_with_its_numbers() -> None:
    [row] = both_ways(KIND, [CHEAP], city(200_000))
    assert (row.fixmedins_code, row.amount, row.bkkp_sn) == ("H2", 80_000, None)
    assert reason_of(KIND, row.facts) == (
        "费用远低于同类主诊断：主诊断I63中位费用10,000.00元，次诊断J20中位费用2,000.00元，本次2,000.00元（同类6例）"
    )


def test_exactly_at_the_ratio_is_clean_and_so_is_what_fits_neither() -> None:
    assert hits(KIND, CHEAP, city(299_999)) != set()
    assert hits(KIND, CHEAP, city(300_000)) == set()
    assert hits(KIND, CHEAP, city(160_000)) != set()
    assert hits(KIND, CHEAP, city(159_999)) == set()


def test_diagnoses_turned_round_are_found_when_most_have_them_the_other_way() -> None:
    [row] = both_ways(KIND, [SWAP], city(900_000, turned=3))
    assert (row.facts["hint"], row.facts["stays"]) == ("同类病例多以次诊断为主诊断", 4)
    assert hits(KIND, SWAP, city(900_000, turned=2)) == set()


def test_a_rare_diagnosis_has_no_median() -> None:
    world = World()
    in_one_place(world, "H1", ["2021-03-01"] * 2, medfee_sumamt=200_000, dscg_maindiag_code="J20.900")
    [stay] = in_one_place(world, "H1", ["2021-03-01"], medfee_sumamt=1_000, dscg_maindiag_code="I63.900")
    world.diagnose(stay, "J20.900")
    assert hits(KIND, CHEAP, world) == set()


def test_both_ways_agree_on_any_world() -> None:
    assert sum(len(both_ways(KIND, POINTS, WORLD(seed, CODES))) for seed in range(4)) > 5


@pytest.mark.parametrize("number", [0, 1, 10])
@pytest.mark.parametrize("point", EXAMPLES, ids=lambda one: one.kp_id or one.rule_id)
def test_examples_break_the_point_or_stay_clean(point: UpcodingHint, number: int) -> None:
    world = World()
    wrong, right = violations(world, point, number), clean(world, point, number)
    assert wrong != right
    assert hits(KIND, point, world) == {wrong}

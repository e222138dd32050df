"""低标准入院: a short stay of tests with hardly any treatment."""

from datetime import date

import pytest

from tests.supervision.kinds.lines import assert_examples_hold
from tests.supervision.kinds.persons import agree_on_any_world, only_row, visits_found
from tests.supervision.world import World
from yibao.supervision.examples import low_standard_stay as examples
from yibao.supervision.kinds.low_standard_stay import KIND, LowStandardStay

POINTS = [
    LowStandardStay(
        rule_id="N53",
        kp_id="k1",
        care="21",
        days_to=3,
        tests="03 04",
        tests_from=6000,
        treatment="05 09",
        treatment_to=2000,
        exempt_ways="2 4 5",
    ),
    LowStandardStay(
        rule_id="N53",
        kp_id="k2",
        care="21",
        days_to=6,
        tests="03 04",
        tests_from=2000,
        treatment="09",
        treatment_to=4000,
        mild="J I10",
    ),
]
EXAMPLES = POINTS


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def stay_of(tests: int, treatment: int, other: int = 0, days: int = 3, **known: str) -> World:
    """A stay with fees of tests, treatment and others, in yuan."""
    world = World()
    stay = world.stay("A", "2021-03-01", f"2021-03-{1 + days:02d}", **known)
    for charge, yuan in (("04", tests), ("05", treatment), ("01", other)):
        world.line(stay, f"X{charge}", "2021-03-01 10:00", yuan=yuan, med_chrgitm_type=charge)
    return world


def test_a_stay_for_tests_is_found_with_its_shares() -> None:
    row, reason = only_row(KIND, POINTS[:1], stay_of(700, 100, 200))
    assert (row.bkkp_sn, row.amount) == (None, 80_000)
    assert reason == "住院3天，主要诊断J18.900，检查检验占费用1,000.00元的70%，药品和治疗只占10%"


def test_both_limits_belong_to_the_finding() -> None:
    assert found(stay_of(600, 200, 200)) == ["M00001"]
    assert found(stay_of(599, 200, 201)) == []
    assert found(stay_of(600, 201, 199)) == []


def test_four_days_are_no_short_stay() -> None:
    assert found(stay_of(700, 100, 200, days=4)) == []


def test_a_stay_with_an_operation_is_clean() -> None:
    world = stay_of(700, 100, 200)
    world.operate(world.visits[0], "45.4200", date(2021, 3, 2))
    assert found(world) == []


@pytest.mark.parametrize("way", ["2", "4", "5"])
def test_who_was_transferred_left_or_died_is_clean(way: str) -> None:
    assert found(stay_of(700, 100, 200, dscg_way=way)) == []


def test_only_mild_diseases_are_looked_at_where_they_are_listed() -> None:
    assert found(stay_of(700, 0, 300), 1) == ["M00001"]
    assert found(stay_of(700, 0, 300, dscg_maindiag_code="C34.900"), 1) == []


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, POINTS, 4)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="psn_no")

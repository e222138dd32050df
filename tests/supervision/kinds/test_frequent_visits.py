"""频繁就诊: more days with visits than usual within a period."""

import pytest

from tests.supervision.kinds.lines import assert_examples_hold
from tests.supervision.kinds.persons import agree_on_any_world, only_row, visits_found
from tests.supervision.world import CLINIC, HOSPITAL, World, both_ways
from yibao.supervision.examples import frequent_visits as examples
from yibao.supervision.kinds.frequent_visits import KIND, FrequentVisits

POINTS = [
    FrequentVisits(rule_id="N50", kp_id="k1", care="11 13", most=3, period=7, exempt="Z49"),
    FrequentVisits(rule_id="N52", kp_id="k2", care="21", most=1, period=30),
]
EXAMPLES = POINTS


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def on_days(*days: str, **known: str) -> World:
    """An outpatient's visits on days of March."""
    world = World()
    for day in days:
        world.visit("A", f"2021-03-{day}", **known)
    return world


def test_the_fourth_day_within_a_week_is_found_with_its_count() -> None:
    row, reason = only_row(KIND, POINTS, on_days("01", "03", "05", "07"))
    assert (row.mdtrt_id, row.amount, row.finding_key) == ("M00004", 80_000, f"A:{HOSPITAL}:2021-03")
    assert reason == "截至2021-03-07的7天内有4天就诊（购药、住院），超过3天"


def test_three_days_and_the_eighth_day_are_clean() -> None:
    assert found(on_days("01", "03", "05")) == []
    assert found(on_days("01", "03", "05", "08")) == []


def test_several_visits_on_a_day_count_once_and_are_all_at_stake_when_the_day_is_over() -> None:
    assert found(on_days("01 08:00", "01 14:00", "03", "05")) == []
    assert found(on_days("01", "03", "05", "07 08:00", "07 14:00")) == ["M00004", "M00005"]


def test_dialysis_and_other_kinds_of_care_do_not_count() -> None:
    assert found(on_days("01", "03", "05", "07", dscg_maindiag_code="Z49.100")) == []
    assert found(on_days("01", "03", "05", "07", med_type="14")) == []


def test_a_finding_is_a_month_in_one_institution() -> None:
    world = on_days("01", "03", "05", "07", "08")
    world.visit("A", "2021-03-09", fixmedins_code=CLINIC)
    rows = both_ways(KIND, POINTS[:1], world)
    assert sorted({row.finding_key for row in rows}) == [f"A:{HOSPITAL}:2021-03", f"A:{CLINIC}:2021-03"]
    assert [row.facts["days"] for row in rows] == [4, 4, 5]


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, POINTS, 4)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="psn_no")

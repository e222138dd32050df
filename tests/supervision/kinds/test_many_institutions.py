"""同日多院就诊: one person in many institutions on one day."""

import pytest

from tests.supervision.kinds.lines import assert_examples_hold
from tests.supervision.kinds.persons import agree_on_any_world, only_row, visits_found
from tests.supervision.world import CLINIC, HOSPITAL, PHARMACY, SECOND_HOSPITAL, World
from yibao.supervision.examples import many_institutions as examples
from yibao.supervision.kinds.many_institutions import KIND, ManyInstitutions

POINTS = [
    ManyInstitutions(rule_id="X06", kp_id="k1", care="11 13", institutions=3, exempt="Z49"),
    ManyInstitutions(rule_id="X06", kp_id="k2", care="11 41", institutions=2),
]
EXAMPLES = POINTS[:1]


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def at(*places: str, **known: str) -> World:
    """Visits of one day, two hours apart."""
    world = World()
    for turn, place in enumerate(places):
        world.visit("A", f"2021-03-01 {7 + 2 * turn:02d}:00", fixmedins_code=place, **known)
    return world


def test_the_third_institution_of_the_day_is_found() -> None:
    row, reason = only_row(KIND, POINTS[:1], at(HOSPITAL, CLINIC, SECOND_HOSPITAL))
    assert (row.mdtrt_id, row.finding_key) == ("M00003", f"A:2021-03-01:{SECOND_HOSPITAL}")
    assert reason == "该人2021-03-01一天在3家机构就诊"


def test_one_institution_twice_counts_once() -> None:
    assert found(at(HOSPITAL, CLINIC, HOSPITAL)) == []


def test_every_visit_in_the_third_institution_is_at_stake() -> None:
    world = at(HOSPITAL, CLINIC, SECOND_HOSPITAL, SECOND_HOSPITAL, HOSPITAL)
    assert found(world) == ["M00003", "M00004"]


def test_another_day_and_other_kinds_of_care_do_not_count() -> None:
    world = at(HOSPITAL, CLINIC)
    world.visit("A", "2021-03-02 00:10", fixmedins_code=SECOND_HOSPITAL)
    world.visit("A", "2021-03-01 20:00", fixmedins_code=PHARMACY, med_type="41")
    assert found(world) == []
    assert found(world, 1) == ["M00002", "M00004"]


def test_exempt_diagnoses_are_not_counted() -> None:
    assert found(at(HOSPITAL, CLINIC, SECOND_HOSPITAL, dscg_maindiag_code="Z49.100")) == []


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, POINTS, 4)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="psn_no")

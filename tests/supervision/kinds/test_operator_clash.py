"""手术时间冲突: one operator, too many operations or institutions on a day."""

from datetime import date
from typing import Any

import msgspec
import pytest

from tests.supervision.kinds.lines import assert_examples_hold
from tests.supervision.kinds.persons import agree_on_any_world, only_row, visits_found
from tests.supervision.world import HOSPITAL, SECOND_HOSPITAL, World, both_ways
from yibao.supervision.examples import operator_clash as examples
from yibao.supervision.kinds.operator_clash import KIND, OperatorClash

POINTS = [
    OperatorClash(rule_id="X46", kp_id="k1", most=2),
    OperatorClash(rule_id="X46", kp_id="k2", institutions=2),
]
EXAMPLES = POINTS


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def operated(*places: str, **known: Any) -> World:
    """An operation by D9 on each of these places' new patients on the 2nd of March."""
    world = World()
    for turn, place in enumerate(places):
        stay = world.stay(f"P{turn}", f"2021-03-01 {8 + turn:02d}:00", "2021-03-05", fixmedins_code=place)
        world.operate(stay, "51.2300", date(2021, 3, 2), **{"oper_dr_code": "D9", **known})
    return world


def test_three_operations_on_a_day_are_found_with_their_operator() -> None:
    rows = both_ways(KIND, POINTS, operated(HOSPITAL, HOSPITAL, HOSPITAL))
    assert [row.mdtrt_id for row in rows] == ["M00001", "M00002", "M00003"]
    assert {(row.finding_key, row.bilg_dr_code) for row in rows} == {(f"D9:2021-03-02:{HOSPITAL}", "D9")}
    assert rows[0].facts == {"operator": "D9", "day": "2021-03-02", "operations": 3, "institutions": 1}


def test_two_operations_are_clean_and_several_of_one_patient_are_one() -> None:
    world = operated(HOSPITAL, HOSPITAL)
    world.operate(world.visits[0], "68.4000", date(2021, 3, 2), oper_dr_code="D9")
    assert found(world) == []


def test_of_two_institutions_the_later_one_is_found() -> None:
    row, reason = only_row(KIND, POINTS, operated(HOSPITAL, SECOND_HOSPITAL))
    assert (row.kp_id, row.mdtrt_id) == ("k2", "M00002")
    assert reason == "术者D9在2021-03-02一天内做了2例手术，涉及2家机构"


def test_operations_without_operator_or_date_are_not_looked_at() -> None:
    assert found(operated(HOSPITAL, HOSPITAL, HOSPITAL, oper_dr_code="")) == []
    world = operated(HOSPITAL, HOSPITAL, HOSPITAL)
    world.operations = [msgspec.structs.replace(one, oprn_oprt_date=None) for one in world.operations]
    assert found(world) == []


def test_only_the_operations_named_are_counted() -> None:
    great = OperatorClash(rule_id="X46", most=2, operations="68 74")
    assert both_ways(KIND, [great], operated(HOSPITAL, HOSPITAL, HOSPITAL)) == []


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, [*POINTS, OperatorClash(rule_id="X46", kp_id="k3", most=1)], 6)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="fixmedins_code")

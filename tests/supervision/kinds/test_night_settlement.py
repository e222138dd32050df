"""深夜结算: a pharmacy's bills at night."""

from datetime import datetime, timedelta

import pytest

from tests.supervision.kinds.lines import assert_examples_hold
from tests.supervision.kinds.persons import agree_on_any_world, visits_found
from tests.supervision.world import HOSPITAL, PHARMACY, SECOND_HOSPITAL, World, both_ways
from yibao.supervision.examples import night_settlement as examples
from yibao.supervision.kinds.night_settlement import KIND, NightSettlement

POINTS = [
    NightSettlement(rule_id="X52", kp_id="k1", care="41", hour_from=23, hour_until=5, bills=3),
    NightSettlement(
        rule_id="X52", kp_id="k2", care="41 11", hour_from=19, hour_until=8, bills=2, open_at_night="H34060099902"
    ),
]
EXAMPLES = POINTS[:1]


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def at(*times: str, place: str = PHARMACY, care: str = "41") -> World:
    """Bills settled at these times."""
    world = World()
    for turn, time in enumerate(times):
        end = datetime.fromisoformat(time)
        world.visit(f"P{turn}", end - timedelta(minutes=5), end, fixmedins_code=place, med_type=care)
    return world


def test_bills_before_and_after_midnight_are_one_night() -> None:
    rows = both_ways(KIND, POINTS[:1], at("2021-03-01T23:00", "2021-03-02T00:30", "2021-03-02T04:59"))
    assert [row.setl_id for row in rows] == ["S00001", "S00002", "S00003"]
    assert {row.finding_key for row in rows} == {f"{PHARMACY}:2021-03-01"}
    assert rows[0].facts == {"night": "2021-03-01", "bills": 3, "hour_from": 23, "hour_until": 5}


def test_two_bills_and_the_hours_around_the_night_are_clean() -> None:
    assert found(at("2021-03-01T23:00", "2021-03-02T04:59")) == []
    assert found(at("2021-03-01T22:59", "2021-03-02T00:30", "2021-03-02T05:00")) == []


def test_the_night_before_is_another_night() -> None:
    assert found(at("2021-03-01T04:00", "2021-03-01T23:30", "2021-03-02T00:30")) == []


def test_hospitals_outpatients_and_pharmacies_open_at_night_are_not_looked_at() -> None:
    night = ("2021-03-01T23:00", "2021-03-02T00:30", "2021-03-02T04:59")
    assert found(at(*night, place=HOSPITAL, care="11")) == []
    assert found(at(*night, place=SECOND_HOSPITAL, care="11"), 1) == []
    assert len(found(at(*night, place=HOSPITAL, care="11"), 1)) == 3


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, POINTS, 4)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="fixmedins_code")

"""节假日集中住院: admissions of a holiday far over the usual."""

from datetime import date, timedelta

import pytest

from tests.supervision.city import random_city as WORLD
from tests.supervision.places import CODES, hits, in_one_place
from tests.supervision.world import World, both_ways
from yibao.supervision.examples.holiday_admissions import clean, violations
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.holiday_admissions import KIND, HolidayAdmissions

SPRING = {"item": "春节", "first_day": date(2021, 2, 11), "last_day": date(2021, 2, 17)}
POINTS = [
    HolidayAdmissions(
        rule_id="X25", **SPRING, usual_days=28, times=12_000, least_admissions=1, least_usual=1, exempt_care="52"
    ),
    HolidayAdmissions(
        rule_id="X25", kp_id="early", item="元旦", first_day=date(2021, 1, 8), last_day=date(2021, 1, 10), usual_days=7,
        times=10_000, least_admissions=1, least_usual=0,
    ),
]  # fmt: skip
POINT = HolidayAdmissions(
    rule_id="X25", **SPRING, usual_days=28, times=20_000, least_admissions=5, least_usual=8, exempt_care="52"
)
EXAMPLES = [POINT]


def city(holiday: int, usual: int = 8, first: date = date(2021, 1, 14), **known: str) -> World:
    """Admissions of the holiday, and before it every third day."""
    world = World()
    in_one_place(world, "H1", [(first + timedelta(days=3 * one)).isoformat() for one in range(usual)])
    in_one_place(world, "H1", [f"2021-02-{11 + one % 7}" for one in range(holiday)], **known)
    return world


def test_more_than_twice_the_usual_admissions_are_found_with_their_numbers() -> None:
    [row] = both_ways(KIND, [POINT], city(5))
    assert (row.fixmedins_code, row.amount) == ("H1", 0)
    assert reason_of(KIND, row.facts) == "春节（2021-02-11起7天）入院5人次，此前28天共8人次"


def test_exactly_twice_is_clean() -> None:
    assert hits(KIND, POINT, city(5, usual=10, first=date(2021, 1, 10))) == {"H1"}  # 9 of them in the 28 days
    assert hits(KIND, POINT, city(4)) == set()
    point = HolidayAdmissions(
        rule_id="X25", **SPRING, usual_days=28, times=20_000, least_admissions=4, least_usual=8, exempt_care="52"
    )
    assert hits(KIND, point, city(4)) == set()


def test_births_come_when_they_come() -> None:
    assert hits(KIND, POINT, city(9, med_type="52")) == set()


def test_what_is_usual_must_be_known() -> None:
    assert hits(KIND, POINT, city(5, usual=7)) == set()
    assert hits(KIND, POINT, city(9, usual=3, first=date(2021, 2, 2))) == set()


def test_both_ways_agree_on_any_world() -> None:
    assert sum(len(both_ways(KIND, POINTS, WORLD(seed, CODES))) for seed in range(4)) > 5


@pytest.mark.parametrize("number", [0, 1, 10])
@pytest.mark.parametrize("point", EXAMPLES, ids=lambda one: one.kp_id or one.rule_id)
def test_examples_break_the_point_or_stay_clean(point: HolidayAdmissions, number: int) -> None:
    world = World()
    wrong, right = violations(world, point, number), clean(world, point, number)
    assert wrong != right
    assert hits(KIND, point, world) == {wrong}

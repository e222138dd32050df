"""暂停、解除协议: bills of an institution that may not settle."""

from datetime import date

import pytest

from tests.supervision.kinds.lines import assert_examples_hold
from tests.supervision.kinds.persons import agree_on_any_world, only_row, visits_found
from tests.supervision.world import CLINIC, HOSPITAL, PHARMACY, World
from yibao.supervision.examples import suspended_institution as examples
from yibao.supervision.kinds.suspended_institution import KIND, SuspendedInstitution

POINTS = [
    SuspendedInstitution(
        rule_id="X50",
        kp_id="k1",
        institution=CLINIC,
        status="暂停医保结算",
        valid_from=date(2021, 1, 10),
        valid_to=date(2021, 12, 31),
        exempt_care="13",
    ),
    SuspendedInstitution(rule_id="X50", kp_id="k2", institution=PHARMACY, status="已解除协议"),
]
EXAMPLES = POINTS[:1]


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def visited(on: str, **known: str) -> World:
    """A visit in the clinic."""
    world = World()
    world.visit("A", on, **{"fixmedins_code": CLINIC, **known})
    return world


def test_a_visit_in_the_interval_is_found() -> None:
    row, reason = only_row(KIND, POINTS, visited("2021-03-01"))
    assert (row.mdtrt_id, row.amount) == ("M00001", 80_000)
    assert reason == "本机构自2021-01-10起暂停医保结算，2021-03-01开始的就诊仍结算"


@pytest.mark.parametrize(("day", "hit"), [
    ("2021-01-09", False), ("2021-01-10", True), ("2021-12-31", True), ("2022-01-01", False),
])  # fmt: skip
def test_both_days_of_the_interval_belong_to_it(day: str, hit: bool) -> None:
    assert bool(found(visited(day))) is hit


def test_a_stay_begun_before_rescue_and_other_institutions_are_clean() -> None:
    world = World()
    world.stay("A", "2021-01-08", "2021-01-20", fixmedins_code=CLINIC)
    assert found(world) == []
    assert found(visited("2021-03-01", med_type="13")) == []
    assert found(visited("2021-03-01", fixmedins_code=HOSPITAL)) == []


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, POINTS, 4)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="psn_no")

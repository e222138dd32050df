"""分解住院: back in the same institution within days."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.supervision.kinds.lines import assert_examples_hold
from tests.supervision.kinds.persons import agree_on_any_world, only_row, visits_found
from tests.supervision.world import SECOND_HOSPITAL, World
from yibao.supervision.examples import readmission as examples
from yibao.supervision.kinds.readmission import KIND, Readmission

POINTS = [
    Readmission(
        rule_id="N49",
        kp_id="k1",
        care="21",
        days_from=0,
        days_to=7,
        same=3,
        exempt="Z51 Z49",
        exempt_ways="2 3",
        exempt_days_old=29,
    ),
    Readmission(rule_id="N49", kp_id="k2", care="21 52", days_from=8, days_to=15, same=0),
]
EXAMPLES = POINTS


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def again(on: str, *, way: str = "1", **known: Any) -> World:
    """A stay until the 10th and another; M00002."""
    world = World()
    who = {name: known.pop(name) for name in ("brdy",) if name in known}
    world.stay("A", "2021-03-05", "2021-03-10 09:00", dscg_way=way, **who)
    world.stay("A", on, datetime.fromisoformat(on) + timedelta(days=3), **known)
    return world


def test_an_admission_after_five_days_for_the_same_disease_is_found() -> None:
    row, reason = only_row(KIND, POINTS, again("2021-03-15", dscg_maindiag_code="J18.000"))
    assert (row.kp_id, row.mdtrt_id, row.amount) == ("k1", "M00002", 80_000)
    assert reason == "2021-03-10出院后5天，2021-03-15又在同一机构住院，主要诊断J18.900与J18.000"


@pytest.mark.parametrize(("day", "place", "hit"), [
    ("10T15:00", 0, True), ("17", 0, True), ("18", 0, False), ("17", 1, False), ("18", 1, True), ("25", 1, True),
    ("26", 1, False),
])  # fmt: skip
def test_days_are_counted_from_the_discharge_and_both_ends_belong(day: str, place: int, hit: bool) -> None:
    assert bool(found(again(f"2021-03-{day}"), place)) is hit


def test_another_disease_is_clean_unless_the_point_does_not_ask() -> None:
    assert found(again("2021-03-15", dscg_maindiag_code="K35.900")) == []
    assert found(again("2021-03-20", dscg_maindiag_code="K35.900"), 1) == ["M00002"]


def test_planned_chemotherapy_is_clean_also_as_another_diagnosis() -> None:
    world = again("2021-03-15")
    world.diagnose(world.visits[1], "Z51.102")
    assert found(world) == []


def test_after_a_transfer_and_for_the_newborn_it_is_clean() -> None:
    assert found(again("2021-03-15", way="2")) == []
    assert found(again("2021-03-15", brdy=date(2021, 2, 15))) == []
    assert found(again("2021-03-15", brdy=date(2021, 2, 14))) == ["M00002"]


def test_another_institution_and_an_overlap_are_no_readmission() -> None:
    assert found(again("2021-03-15", fixmedins_code=SECOND_HOSPITAL)) == []
    assert found(again("2021-03-08")) == []


def test_each_of_three_stays_is_compared_with_the_one_before() -> None:
    world = again("2021-03-15")
    world.stay("A", "2021-03-20", "2021-03-25")
    assert found(world) == ["M00002", "M00003"]


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, POINTS, 4)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="psn_no")

"""住院期间门诊、购药: a purchase while the person lies in hospital."""

import pytest

from tests.supervision.kinds.lines import assert_examples_hold
from tests.supervision.kinds.persons import agree_on_any_world, only_row, visits_found
from tests.supervision.world import HOSPITAL, PHARMACY, SECOND_HOSPITAL, World
from yibao.supervision.examples import purchase_during_stay as examples
from yibao.supervision.kinds.purchase_during_stay import KIND, PurchaseDuringStay

POINTS = [
    PurchaseDuringStay(rule_id="X02", kp_id="k1", stays="21", purchases="11 41", edge_days=1, exempt="Z49 Z51"),
    PurchaseDuringStay(rule_id="X02", kp_id="k2", stays="21 52", purchases="41", edge_days=0),
]
EXAMPLES = POINTS


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def bought(on: str, **known: str) -> World:
    """A stay from the 1st to the 8th and a purchase; M00002."""
    world = World()
    world.stay("A", "2021-03-01 10:00", "2021-03-08 10:00")
    world.visit("A", on, **{"fixmedins_code": PHARMACY, "med_type": "41", **known})
    return world


def test_a_drug_bought_in_the_middle_of_the_stay_is_found() -> None:
    row, reason = only_row(KIND, POINTS[:1], bought("2021-03-04 11:00"))
    assert (row.mdtrt_id, row.fixmedins_code, row.amount) == ("M00002", PHARMACY, 80_000)
    assert reason == "2021-03-04门诊或购药结算时，该人正在H34060099901住院（2021-03-01至2021-03-08）"


@pytest.mark.parametrize(("day", "hit"), [(1, False), (2, True), (7, True), (8, False), (9, False)])
def test_the_days_of_admission_and_discharge_are_allowed(day: int, hit: bool) -> None:
    assert bool(found(bought(f"2021-03-0{day} 23:00"))) is hit


def test_without_an_edge_the_day_of_discharge_is_found() -> None:
    assert found(bought("2021-03-08 20:00"), 1) == ["M00002"]


def test_dialysis_elsewhere_is_allowed() -> None:
    assert found(bought("2021-03-04", dscg_maindiag_code="Z49.100")) == []


def test_rescue_and_chronic_continuation_are_not_among_the_purchases() -> None:
    assert [found(bought("2021-03-04", med_type=care)) for care in ("13", "14")] == [[], []]


def test_a_purchase_in_two_stays_is_one_finding_of_the_earlier() -> None:
    world = bought("2021-03-04")
    world.stay("A", "2021-03-02", "2021-03-09", fixmedins_code=SECOND_HOSPITAL)
    assert only_row(KIND, POINTS[:1], world)[0].facts["stay_place"] == HOSPITAL


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, POINTS, 4)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="psn_no")

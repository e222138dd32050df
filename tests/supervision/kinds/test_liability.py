"""工伤、第三方责任: injuries without a word of their cause."""

from typing import Any

import pytest

from tests.supervision.kinds.lines import assert_examples_hold
from tests.supervision.kinds.persons import agree_on_any_world, only_row, visits_found
from tests.supervision.world import World
from yibao.supervision.examples import liability as examples
from yibao.supervision.kinds.liability import KIND, Liability

POINTS = [
    Liability(
        rule_id="X48", kp_id="k1", injury="S T0 J18", care="11 21", amount_from=50_000, cause="W0 N18", exempt="S90"
    ),
    Liability(rule_id="X48", kp_id="k2", injury="S J", care="11", amount_from=0),
]
EXAMPLES = POINTS


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def injured(code: str = "S52.000", **known: Any) -> World:
    """A visit for an injury with insured fees of 800 yuan."""
    world = World()
    world.visit("A", "2021-03-01", dscg_maindiag_code=code, **known)
    return world


def test_an_injury_of_unknown_cause_is_found() -> None:
    row, reason = only_row(KIND, POINTS[:1], injured())
    assert (row.mdtrt_id, row.amount) == ("M00001", 80_000)
    assert reason == "2021-03-01就诊，主要诊断S52.000为外伤，未写明受伤原因，也未标明第三方是否承担"


def test_a_fall_that_is_told_is_clean() -> None:
    world = injured()
    world.diagnose(world.visits[0], "W01.900")
    assert found(world) == []


def test_a_third_partys_payment_is_clean() -> None:
    assert found(injured(ttp_pay_flag="1")) == []


def test_small_bills_exempt_injuries_and_diseases_are_clean() -> None:
    assert found(injured(inscp_amt=49_999)) == []
    assert found(injured(inscp_amt=50_000)) == ["M00001"]
    assert found(injured("S90.300")) == []
    assert found(injured("I10.x00")) == []


def test_kinds_of_care_not_listed_are_not_looked_at() -> None:
    assert found(injured(med_type="41")) == []


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, POINTS, 4)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="psn_no")

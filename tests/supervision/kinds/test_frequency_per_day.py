"""限定频次: more of an item on a day than may be charged."""

import pytest

from tests.supervision.kinds.refunds import check_examples, rows_over_worlds
from tests.supervision.world import CLINIC, HOSPITAL, World, both_ways
from yibao.supervision.examples import frequency_per_day as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.frequency_per_day import KIND, FrequencyPerDay

POINTS = [
    FrequencyPerDay(rule_id="X32", kp_id="hours", code="OXYGEN", item="吸氧", max_count=240_000, unit="小时"),
    FrequencyPerDay(rule_id="N27", kp_id="once", code="ROUND", item="住院诊查费", unit="日"),
    FrequencyPerDay(rule_id="X41", kp_id="stay", code="ASSESS", item="评定", max_count=30_000, period="visit"),
    FrequencyPerDay(rule_id="X41", kp_id="sites", code="SITE1", item="推拿", max_count=30_000, unit="部位", across=1),
    FrequencyPerDay(rule_id="X41", kp_id="sites", code="SITE2", item="针刺", max_count=30_000, unit="部位", across=1),
]
CODES = [one.code for one in POINTS]


def found(world: World) -> list[tuple[str, str, int]]:
    """Rule, line and fen at stake of what is found."""
    return [(row.rule_id, str(row.bkkp_sn), stake_of(row)) for row in both_ways(KIND, POINTS, world)]


def test_of_twenty_six_hours_of_oxygen_two_are_at_stake() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-05")
    world.line(stay, "OXYGEN", "2021-03-02 08:00", cnt=13, yuan=3)
    last = world.line(stay, "OXYGEN", "2021-03-02 20:00", cnt=13, yuan=3)
    assert found(world) == [("X32", last.bkkp_sn, 600)]
    reason = reason_of(KIND, both_ways(KIND, POINTS, world)[0].facts)
    assert reason == "2021-03-02的吸氧计费26小时，超过上限24小时"


def test_exactly_twenty_four_hours_are_clean() -> None:
    world = World()
    world.line(world.stay("A", "2021-03-01", "2021-03-05"), "OXYGEN", "2021-03-02 08:00", cnt=24)
    assert found(world) == []


def test_a_refund_takes_back_the_line_before_it() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-05")
    world.line(stay, "ROUND", "2021-03-02 08:00")
    world.line(stay, "ROUND", "2021-03-02 09:00")
    world.line(stay, "ROUND", "2021-03-03 08:00", cnt=-1)
    world.line(stay, "ROUND", "2021-03-04 08:00")
    assert found(world) == []


def test_a_refund_before_the_charge_takes_nothing_back() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-05")
    world.line(stay, "ROUND", "2021-03-02 07:00", cnt=-1)
    world.line(stay, "ROUND", "2021-03-02 08:00")
    late = world.line(stay, "ROUND", "2021-03-02 09:00")
    assert found(world) == [("N27", late.bkkp_sn, 1000)]


def test_two_institutions_of_a_transfer_charge_their_own_round() -> None:
    world = World()
    for place in (HOSPITAL, CLINIC):
        world.line(world.visit("A", "2021-03-02", fixmedins_code=place), "ROUND", "2021-03-02 08:00")
    assert found(world) == []


def test_items_of_one_point_count_together_and_over_all_institutions_where_it_says_so() -> None:
    world = World()
    for place, code in ((HOSPITAL, "SITE1"), (CLINIC, "SITE2")):
        last = world.line(world.visit("A", "2021-03-02", fixmedins_code=place), code, "2021-03-02 08:00", cnt=2)
    assert found(world) == [("X41", last.bkkp_sn, 1000)]


def test_a_fourth_assessment_of_a_stay_is_too_much_on_any_day() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-25")
    lines = [world.line(stay, "ASSESS", f"2021-03-{day:02d} 08:00") for day in (1, 6, 11, 16)]
    assert found(world) == [("X41", lines[3].bkkp_sn, 1000)]


def test_what_the_person_pays_whole_does_not_count() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-05")
    world.line(stay, "ROUND", "2021-03-02 08:00")
    world.line(stay, "ROUND", "2021-03-02 09:00", inscp_amt=0, fulamt_ownpay_amt=1000)
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    assert len(rows_over_worlds(KIND, POINTS, CODES)) > 10


@pytest.mark.parametrize("point", POINTS, ids=lambda one: f"{one.kp_id}-{one.code}")
def test_examples_break_the_point_or_stay_clean(point: FrequencyPerDay) -> None:
    check_examples(examples, KIND, POINTS, point)

"""周期超频次: more within any run of days than may be charged."""

import pytest

from tests.supervision.kinds.refunds import check_examples, rows_over_worlds
from tests.supervision.world import CLINIC, HOSPITAL, World, both_ways
from yibao.supervision.examples import frequency_in_period as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.frequency_in_period import KIND, FrequencyInPeriod

POINTS = [
    FrequencyInPeriod(rule_id="N31", kp_id="once", code="HBA1C", item="糖化血红蛋白测定", window_days=15),
    FrequencyInPeriod(rule_id="N31", kp_id="once", code="HBA1C2", item="糖化血红蛋白测定(色谱法)", window_days=15),
    FrequencyInPeriod(
        rule_id="X41", kp_id="place", code="ASSESS", item="评定", max_count=20_000, window_days=7, across=0
    ),
]
CODES = [one.code for one in POINTS]


def found(world: World) -> list[tuple[str, str, int]]:
    """Point, line and fen at stake of what is found."""
    return [(row.kp_id, str(row.bkkp_sn), stake_of(row)) for row in both_ways(KIND, POINTS, world)]


def reason(world: World) -> str:
    """The sentence of the first finding."""
    return reason_of(KIND, both_ways(KIND, POINTS, world)[0].facts)


def test_the_fifteenth_day_is_too_early_and_the_sixteenth_is_not() -> None:
    world = World()
    world.line(world.visit("A", "2021-03-01"), "HBA1C", "2021-03-01 08:00")
    early = world.line(world.visit("A", "2021-03-15"), "HBA1C2", "2021-03-15 08:00")
    world.line(world.visit("B", "2021-03-01"), "HBA1C", "2021-03-01 08:00")
    world.line(world.visit("B", "2021-03-16"), "HBA1C", "2021-03-16 08:00")
    assert found(world) == [("once", early.bkkp_sn, 1000)]
    assert reason(world) == "截至2021-03-15的15天内糖化血红蛋白测定(色谱法)计费2次，超过上限1次"


def test_another_hospital_counts_unless_the_point_says_otherwise() -> None:
    world = World()
    world.line(world.visit("A", "2021-03-01", fixmedins_code=CLINIC), "HBA1C", "2021-03-01 08:00")
    late = world.line(world.visit("A", "2021-03-02"), "HBA1C", "2021-03-02 08:00")
    for place in (CLINIC, HOSPITAL):
        world.line(world.visit("A", "2021-03-02", fixmedins_code=place), "ASSESS", "2021-03-02 08:00", cnt=2)
    assert found(world) == [("once", late.bkkp_sn, 1000)]


def test_only_what_is_over_is_at_stake_on_the_day_that_passes_the_limit() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-12")
    world.line(stay, "ASSESS", "2021-03-01 08:00")
    late = world.line(stay, "ASSESS", "2021-03-07 08:00", cnt=3)
    assert found(world) == [("place", late.bkkp_sn, 2000)]


def test_a_refunded_examination_was_none() -> None:
    world = World()
    first = world.visit("A", "2021-03-01")
    world.line(first, "HBA1C", "2021-03-01 08:00")
    world.line(first, "HBA1C", "2021-03-01 08:30", cnt=-1)
    world.line(world.visit("A", "2021-03-02"), "HBA1C", "2021-03-02 08:00")
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    assert len(rows_over_worlds(KIND, POINTS, CODES)) > 10


@pytest.mark.parametrize("point", POINTS, ids=lambda one: f"{one.kp_id}-{one.code}")
def test_examples_break_the_point_or_stay_clean(point: FrequencyInPeriod) -> None:
    check_examples(examples, KIND, POINTS, point)

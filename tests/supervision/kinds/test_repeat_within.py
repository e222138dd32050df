"""短期重复: the same examination or drug again too early."""

import pytest

from tests.supervision.kinds.refunds import check_examples, rows_over_worlds
from tests.supervision.world import SECOND_HOSPITAL, World, both_ways
from yibao.supervision.examples import repeat_within as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.repeat_within import KIND, RepeatWithin

POINTS = [
    RepeatWithin(rule_id="XR", kp_id="ct", code="CT", item="胸部CT", within_days=7),
    RepeatWithin(rule_id="N09", kp_id="refill", code="STATIN", item="阿托伐他汀", overlap=1, within_days=2),
    RepeatWithin(
        rule_id="N69",
        kp_id="ppi1",
        code="OMEPRAZOLE",
        item="奥美拉唑",
        group="PPI",
        overlap=1,
        different=1,
        same_visit=1,
    ),
    RepeatWithin(
        rule_id="N69",
        kp_id="ppi2",
        code="LANSOPRAZOLE",
        item="兰索拉唑",
        group="PPI",
        overlap=1,
        different=1,
        same_visit=1,
    ),
]
CODES = [one.code for one in POINTS]


def found(world: World) -> list[tuple[str, str, int]]:
    """Point, line and fen at stake of what is found."""
    return [(row.kp_id, str(row.bkkp_sn), stake_of(row)) for row in both_ways(KIND, POINTS, world)]


def reason(world: World) -> str:
    """The sentence of the first finding."""
    return reason_of(KIND, both_ways(KIND, POINTS, world)[0].facts)


def test_the_same_scan_on_the_seventh_day_in_another_hospital_is_found_and_on_the_eighth_is_not() -> None:
    world = World()
    world.line(world.visit("A", "2021-03-01", fixmedins_code=SECOND_HOSPITAL), "CT", "2021-03-01 08:00")
    early = world.line(world.visit("A", "2021-03-07"), "CT", "2021-03-07 08:00", yuan=200)
    world.line(world.visit("A", "2021-03-14"), "CT", "2021-03-14 08:00")
    assert found(world) == [("ct", early.bkkp_sn, 20_000)]
    assert reason(world) == f"2021-03-07的胸部CT与2021-03-01在{SECOND_HOSPITAL}的胸部CT重复，相隔6天"


def test_checks_within_one_visit_and_refunded_ones_are_clean() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-09")
    world.line(stay, "CT", "2021-03-01 08:00")
    world.line(stay, "CT", "2021-03-04 08:00")
    first = world.visit("B", "2021-03-01")
    world.line(first, "CT", "2021-03-01 08:00")
    world.line(first, "CT", "2021-03-01 09:00", cnt=-1)
    world.line(world.visit("B", "2021-03-02"), "CT", "2021-03-02 08:00")
    assert found(world) == []


def test_a_refill_may_come_two_days_before_the_supply_ends() -> None:
    world = World()
    for day in ("2021-03-01", "2021-03-29", "2021-04-25"):
        line = world.line(world.visit("A", day), "STATIN", f"{day} 08:00", prd_days=30)
    assert found(world) == [("refill", line.bkkp_sn, 1000)]


def test_two_drugs_of_one_class_at_once_are_found_twice_the_same_is_not() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01")
    world.line(visit, "OMEPRAZOLE", "2021-03-01 08:00", prd_days=7)
    world.line(visit, "OMEPRAZOLE", "2021-03-01 08:01", prd_days=7)
    late = world.line(visit, "LANSOPRAZOLE", "2021-03-01 08:02", prd_days=7)
    world.line(world.visit("A", "2021-03-08"), "OMEPRAZOLE", "2021-03-08 08:00", prd_days=7)
    assert found(world) == [("ppi2", late.bkkp_sn, 1000)]


def test_what_the_person_paid_before_counts_what_the_person_pays_now_does_not() -> None:
    world = World()
    world.line(world.visit("A", "2021-03-01"), "CT", "2021-03-01 08:00", inscp_amt=0)
    late = world.line(world.visit("A", "2021-03-02"), "CT", "2021-03-02 08:00")
    world.line(world.visit("A", "2021-03-03"), "CT", "2021-03-03 08:00", inscp_amt=0)
    assert found(world) == [("ct", late.bkkp_sn, 1000)]


def test_both_ways_agree_on_any_world() -> None:
    assert len(rows_over_worlds(KIND, POINTS, CODES)) > 10


@pytest.mark.parametrize("point", POINTS, ids=lambda one: f"{one.kp_id}-{one.code}")
def test_examples_break_the_point_or_stay_clean(point: RepeatWithin) -> None:
    check_examples(examples, KIND, POINTS, point)

"""限支付疗程: longer treated with an item than the fund pays for."""

import pytest

from tests.supervision.kinds.refunds import check_examples, rows_over_worlds
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import treatment_days as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.treatment_days import KIND, TreatmentDays

POINTS = [
    TreatmentDays(rule_id="N10", kp_id="stay", code="OZAGREL", item="奥扎格雷", max_days=14, period="visit"),
    TreatmentDays(rule_id="N10", kp_id="course", code="DRUG1", item="吡拉西坦", max_days=10, gap_days=30),
    TreatmentDays(rule_id="N10", kp_id="course", code="DRUG2", item="吡拉西坦片", max_days=10, gap_days=30),
    TreatmentDays(rule_id="N23", kp_id="year", code="THERAPY", item="训练", max_days=5, period="year"),
    TreatmentDays(rule_id="N23", kp_id="ever", code="HAND", item="手功能评定", max_days=5),
]
CODES = [one.code for one in POINTS]


def found(world: World) -> list[tuple[str, str, int]]:
    """Point, line and fen at stake of what is found."""
    return [(row.kp_id, str(row.bkkp_sn), stake_of(row)) for row in both_ways(KIND, POINTS, world)]


def reason(world: World) -> str:
    """The sentence of the first finding."""
    return reason_of(KIND, both_ways(KIND, POINTS, world)[0].facts)


def test_of_twenty_days_supplied_at_once_six_are_at_stake() -> None:
    world = World()
    line = world.line(world.visit("A", "2021-03-01"), "OZAGREL", "2021-03-01 08:00", cnt=20, yuan=7, prd_days=20)
    assert found(world) == [("stay", line.bkkp_sn, 4200)]
    assert reason(world) == "至2021-03-01，奥扎格雷在本次就诊累计使用20天，超过支付疗程14天"


def test_the_fifteenth_day_of_a_stay_is_too_much_and_two_lines_of_a_day_are_one_day() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-20")
    lines = [
        world.line(stay, "OZAGREL", f"2021-03-{day:02d} {hour}:00") for day in range(1, 16) for hour in ("08", "20")
    ]
    assert found(world) == [("stay", one.bkkp_sn, 1000) for one in lines[-2:]]


def test_items_of_one_point_count_together_and_a_course_ends_after_the_gap() -> None:
    world = World()
    uses = (("2021-03-01", "DRUG1"), ("2021-03-08", "DRUG2"), ("2021-05-01", "DRUG1"))
    lines = [world.line(world.visit("A", day), code, f"{day} 08:00", cnt=7, prd_days=7) for day, code in uses]
    assert found(world) == [("course", lines[1].bkkp_sn, 4000)]


def test_without_a_gap_all_use_is_one_course_and_a_year_begins_anew() -> None:
    world = World()
    for day in ("2020-12-30", "2021-01-02"):
        visit = world.visit("A", day)
        world.line(visit, "THERAPY", f"{day} 08:00", prd_days=4)
        late = world.line(visit, "HAND", f"{day} 09:00", cnt=4, prd_days=4)
    assert found(world) == [("ever", late.bkkp_sn, 3000)]


def test_a_day_that_was_refunded_was_no_day() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-20")
    for day in range(1, 16):
        world.line(stay, "OZAGREL", f"2021-03-{day:02d} 08:00")
    world.line(stay, "OZAGREL", "2021-03-03 09:00", cnt=-1)
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    assert len(rows_over_worlds(KIND, POINTS, CODES)) > 10


@pytest.mark.parametrize("point", POINTS, ids=lambda one: f"{one.kp_id}-{one.code}")
def test_examples_break_the_point_or_stay_clean(point: TreatmentDays) -> None:
    check_examples(examples, KIND, POINTS, point)

"""重复收费与配伍: one item includes another, or the two do not go together."""

import pytest

from tests.supervision.kinds.refunds import check_examples, rows_over_worlds
from tests.supervision.world import CLINIC, World, both_ways
from yibao.supervision.examples import exclusive_pair as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.exclusive_pair import KIND, ExclusivePair

POINTS = [
    ExclusivePair(
        rule_id="N25", kp_id="day", code="WATCH", item="急诊监护费", other="BED", other_item="普通病房床位费"
    ),
    ExclusivePair(
        rule_id="N25", kp_id="visit", code="RADICAL", item="根治术", other="NODES", other_item="清扫术", window="visit"
    ),
    ExclusivePair(
        rule_id="N25", kp_id="hour", code="WATCH", item="监护", other="OXIMETRY", other_item="指脉氧", window="hour"
    ),
    ExclusivePair(
        rule_id="N25",
        kp_id="6hours",
        code="TOLERANCE",
        item="耐量试验",
        other="GLUCOSE",
        other_item="血糖",
        window="6hours",
    ),
    ExclusivePair(
        rule_id="N75",
        kp_id="herbs",
        code="ACONITE",
        item="川乌",
        other="PINELLIA",
        other_item="半夏",
        window="prescription",
        mutual=1,
    ),
    ExclusivePair(
        rule_id="N74", kp_id="drugs", code="DRUG1", item="甲药", other="DRUG2", other_item="乙药", mutual=1, across=1
    ),
]
CODES = sorted({one.code for one in POINTS} | {one.other for one in POINTS})


def found(world: World) -> list[tuple[str, str, int]]:
    """Point, line and fen at stake of what is found."""
    return [(row.kp_id, str(row.bkkp_sn), stake_of(row)) for row in both_ways(KIND, POINTS, world)]


def reason(world: World) -> str:
    """The sentence of the first finding."""
    return reason_of(KIND, both_ways(KIND, POINTS, world)[0].facts)


def test_an_included_item_on_the_same_day_is_at_stake_whole_whichever_came_first() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-05")
    bed = world.line(stay, "BED", "2021-03-02 08:00", yuan=40)
    main = world.line(stay, "WATCH", "2021-03-02 20:00", yuan=100)
    assert found(world) == [("day", bed.bkkp_sn, 4000)]
    assert reason(world) == (
        f"2021-03-02收取普通病房床位费，同日已有急诊监护费（明细{main.bkkp_sn}），后者的内涵已包含前者"
    )


def test_the_next_day_and_another_institution_are_clean() -> None:
    world = World()
    world.line(world.visit("A", "2021-03-02"), "WATCH", "2021-03-02 08:00")
    world.line(world.visit("A", "2021-03-03"), "BED", "2021-03-03 08:00")
    world.line(world.visit("A", "2021-03-02", fixmedins_code=CLINIC), "BED", "2021-03-02 09:00")
    world.line(world.visit("B", "2021-03-02"), "BED", "2021-03-02 09:00")
    assert found(world) == []


def test_an_item_that_was_given_back_includes_nothing_and_what_was_given_back_is_not_at_stake() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-05")
    world.line(stay, "WATCH", "2021-03-02 08:00")
    world.line(stay, "WATCH", "2021-03-02 09:00", cnt=-1)
    world.line(stay, "BED", "2021-03-02 10:00")
    world.line(stay, "WATCH", "2021-03-03 08:00")
    left = world.line(stay, "BED", "2021-03-03 10:00", cnt=2)
    world.line(stay, "BED", "2021-03-03 11:00", cnt=-1)
    assert found(world) == [("day", left.bkkp_sn, 1000)]


def test_the_included_item_counts_although_the_main_one_is_paid_by_the_person() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-05")
    world.line(stay, "WATCH", "2021-03-02 08:00", inscp_amt=0)
    bed = world.line(stay, "BED", "2021-03-02 10:00")
    world.line(stay, "BED", "2021-03-02 10:00", inscp_amt=0)
    assert found(world) == [("day", bed.bkkp_sn, 1000)]


def test_the_same_hour_is_that_of_the_clock() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-05")
    world.line(stay, "WATCH", "2021-03-02 08:59")
    inside = world.line(stay, "OXIMETRY", "2021-03-02 08:00")
    world.line(stay, "OXIMETRY", "2021-03-02 09:00")
    assert found(world) == [("hour", inside.bkkp_sn, 1000)]


def test_six_hours_reach_over_midnight_and_end_at_six_hours() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-05")
    world.line(stay, "TOLERANCE", "2021-03-02 22:00")
    inside = world.line(stay, "GLUCOSE", "2021-03-03 03:59")
    world.line(stay, "GLUCOSE", "2021-03-03 04:00")
    world.line(stay, "GLUCOSE", "2021-03-02 16:00")
    assert found(world) == [("6hours", inside.bkkp_sn, 1000)]


def test_of_one_visit_the_day_does_not_matter() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-09")
    world.line(stay, "RADICAL", "2021-03-02 10:00")
    late = world.line(stay, "NODES", "2021-03-08 10:00")
    world.line(world.visit("A", "2021-03-20"), "NODES", "2021-03-20 10:00")
    assert found(world) == [("visit", late.bkkp_sn, 1000)]


def test_of_two_herbs_that_do_not_go_together_the_later_is_at_stake() -> None:
    world = World()
    visit = world.visit("A", "2021-03-02")
    world.line(visit, "PINELLIA", "2021-03-02 10:00")
    late = world.line(visit, "ACONITE", "2021-03-02 10:01")
    world.line(visit, "ACONITE", "2021-03-02 09:00", rx_drord_no="ANOTHER")
    assert found(world) == [("herbs", late.bkkp_sn, 1000)]


def test_an_interaction_counts_over_institutions() -> None:
    world = World()
    world.line(world.visit("A", "2021-03-02 08:00", fixmedins_code=CLINIC), "DRUG2", "2021-03-02 08:30")
    late = world.line(world.visit("A", "2021-03-02 15:00"), "DRUG1", "2021-03-02 15:30")
    assert found(world) == [("drugs", late.bkkp_sn, 1000)]


def test_both_ways_agree_on_any_world() -> None:
    assert len(rows_over_worlds(KIND, POINTS, CODES)) > 10


@pytest.mark.parametrize("point", POINTS, ids=lambda one: f"{one.kp_id}-{one.code}")
def test_examples_break_the_point_or_stay_clean(point: ExclusivePair) -> None:
    check_examples(examples, KIND, POINTS, point)

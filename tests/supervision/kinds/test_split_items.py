"""分解收费: the parts of a set charged one by one."""

import pytest

from tests.supervision.kinds.refunds import check_examples, rows_over_worlds
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import split_items as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.split_items import KIND, SplitItems

POINTS = [
    *(
        SplitItems(
            rule_id="N26",
            kp_id="blood",
            code=f"BLOOD{part}",
            item=f"血常规{part}",
            group="CBC",
            set_item="血细胞分析",
            min_parts=3,
            set_price=2000,
        )
        for part in range(4)
    ),
    *(
        SplitItems(rule_id="X18", kp_id="kit", code=f"KIT{part}", item=f"部件{part}", group="KIT", set_item="套件")
        for part in range(2)
    ),
]
CODES = [one.code for one in POINTS]


def found(world: World) -> list[tuple[str, str, int]]:
    """Point, line and fen at stake of what is found."""
    return [(row.kp_id, str(row.bkkp_sn), stake_of(row)) for row in both_ways(KIND, POINTS, world)]


def reason(world: World) -> str:
    """The sentence of the first finding."""
    return reason_of(KIND, both_ways(KIND, POINTS, world)[0].facts)


def test_three_parts_for_thirty_yuan_instead_of_a_set_for_twenty_have_ten_at_stake() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01")
    lines = [world.line(visit, f"BLOOD{part}", f"2021-03-01 08:0{part}") for part in range(3)]
    assert found(world) == [("blood", lines[2].bkkp_sn, 1000)]
    assert reason(world) == "2021-03-01把血细胞分析拆成3项收费，合计30.00元，组合项目应为20.00元"


def test_fewer_parts_the_same_part_twice_and_another_day_are_clean() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-05")
    for part in (0, 1, 1):
        world.line(stay, f"BLOOD{part}", "2021-03-02 08:00", yuan=50)
    world.line(stay, "BLOOD2", "2021-03-03 08:00", yuan=50)
    assert found(world) == []


def test_parts_that_cost_no_more_than_the_set_are_clean_and_so_are_refunded_ones() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01")
    for part, yuan in enumerate((5, 5, 10)):
        world.line(visit, f"BLOOD{part}", "2021-03-01 08:00", yuan=yuan)
    world.line(visit, "KIT0", "2021-03-01 08:00")
    world.line(visit, "KIT1", "2021-03-01 08:00")
    world.line(visit, "KIT1", "2021-03-01 09:00", cnt=-1)
    assert found(world) == []


def test_without_a_price_all_parts_are_at_stake() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01")
    lines = [world.line(visit, f"KIT{part}", "2021-03-01 08:00") for part in range(2)]
    assert found(world) == [("kit", one.bkkp_sn, 1000) for one in lines]


def test_both_ways_agree_on_any_world() -> None:
    assert len(rows_over_worlds(KIND, POINTS, CODES)) > 10


@pytest.mark.parametrize("point", POINTS, ids=lambda one: f"{one.kp_id}-{one.code}")
def test_examples_break_the_point_or_stay_clean(point: SplitItems) -> None:
    check_examples(examples, KIND, POINTS, point)

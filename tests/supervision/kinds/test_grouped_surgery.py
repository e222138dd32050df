"""手术未折价: a further operation through the same opening at full price."""

import pytest

from tests.supervision.kinds.refunds import check_examples, rows_over_worlds
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import grouped_surgery as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.grouped_surgery import KIND, GroupedSurgery

POINTS = [
    GroupedSurgery(
        rule_id="N15", kp_id="gastric", code="GASTRIC", item="胃切除术", group="胃肠手术组", full_price=3_000_000_000
    ),
    GroupedSurgery(
        rule_id="N15",
        kp_id="appendix",
        code="APPENDIX",
        item="阑尾切除术",
        group="胃肠手术组",
        full_price=1_000_000_000,
    ),
    GroupedSurgery(rule_id="N15", kp_id="bowel", code="BOWEL", item="肠粘连松解术", group="胃肠手术组"),
    GroupedSurgery(
        rule_id="N15", kp_id="bile", code="BILE", item="胆囊切除术", group="肝胆手术组", full_price=1_000_000_000
    ),
]
CODES = [one.code for one in POINTS]
LIST = [
    GroupedSurgery(
        rule_id="N15", kp_id=one.code, code=one.code, item=one.item, group="胃肠手术组", full_price=10_000_000
    )
    for one in POINTS
]


def found(world: World) -> list[tuple[str, str, int]]:
    """Point, line and fen at stake of what is found."""
    return [(row.kp_id, str(row.bkkp_sn), stake_of(row)) for row in both_ways(KIND, POINTS, world)]


def reason(world: World) -> str:
    """The sentence of the first finding."""
    return reason_of(KIND, both_ways(KIND, POINTS, world)[0].facts)


def operated(world: World, *done: tuple[str, int], day: str = "2021-03-02 10:00", **known: object) -> list[str]:
    """Operations of one stay with their prices; the numbers of their lines."""
    stay = world.stay("A", "2021-03-01", "2021-03-09")
    return [world.line(stay, code, day, yuan=price, **known).bkkp_sn for code, price in done]


def test_the_lesser_operation_at_full_price_has_half_of_it_at_stake() -> None:
    world = World()
    lines = operated(world, ("APPENDIX", 1000), ("GASTRIC", 3000))
    assert found(world) == [("appendix", lines[0], 50_000)]
    assert reason(world) == (
        "2021-03-02胃肠手术组内主手术为胃切除术，同切口的阑尾切除术应按全价的0.5倍收费，实收1,000.00元"
    )


def test_a_discount_by_price_or_by_count_is_clean_and_one_yuan_more_is_not() -> None:
    world = World()
    assert operated(world, ("GASTRIC", 3000), ("APPENDIX", 500))
    stay = world.stay("B", "2021-03-01", "2021-03-09")
    world.line(stay, "GASTRIC", "2021-03-02 10:00", yuan=3000)
    world.line(stay, "APPENDIX", "2021-03-02 10:00", cnt="0.5", yuan=1000)
    assert found(world) == []
    lines = operated(world, ("GASTRIC", 3000), ("APPENDIX", 501))
    assert found(world) == [("appendix", lines[1], 100)]


def test_another_group_another_day_and_both_sides_of_the_body_are_clean() -> None:
    world = World()
    operated(world, ("GASTRIC", 3000), ("BILE", 1000))
    stay = world.stay("B", "2021-03-01", "2021-03-09")
    world.line(stay, "GASTRIC", "2021-03-02 10:00", yuan=3000)
    world.line(stay, "APPENDIX", "2021-03-03 10:00", yuan=1000)
    both = world.stay("C", "2021-03-01", "2021-03-09")
    for _ in range(2):
        world.line(both, "GASTRIC", "2021-03-02 10:00", yuan=3000)
    world.line(both, "APPENDIX", "2021-03-02 10:00", cnt=2, yuan=1000)
    assert found(world) == []


def test_without_a_price_of_the_point_the_lines_own_limit_is_the_full_price() -> None:
    world = World()
    lines = operated(world, ("GASTRIC", 3000), ("BOWEL", 800), pric_uplmt_amt=800_000_000)
    operated(world, ("GASTRIC", 3000), ("BOWEL", 800))
    assert found(world) == [("bowel", lines[1], 40_000)]


def test_a_refunded_operation_is_no_main_one() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-09")
    world.line(stay, "GASTRIC", "2021-03-02 10:00", yuan=3000)
    world.line(stay, "GASTRIC", "2021-03-02 11:00", cnt=-1, yuan=3000)
    world.line(stay, "APPENDIX", "2021-03-02 10:00", yuan=1000)
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    assert len(rows_over_worlds(KIND, LIST, CODES)) > 10


@pytest.mark.parametrize("point", POINTS[:3], ids=lambda one: f"{one.kp_id}-{one.code}")
def test_examples_break_the_point_or_stay_clean(point: GroupedSurgery) -> None:
    check_examples(examples, KIND, POINTS, point)

"""缺主项与加收超次: an item without its main item, or more of it than that allows."""

import pytest

from tests.supervision.kinds.refunds import check_examples, rows_over_worlds
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import item_needs_item as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.item_needs_item import KIND, ItemNeedsItem

POINTS = [
    ItemNeedsItem(rule_id="X37", kp_id="film", code="FILM", item="胶片", group="影像", per_main=20_000),
    ItemNeedsItem(rule_id="X37", kp_id="film", code="CT", item="CT", group="影像", role="main"),
    ItemNeedsItem(rule_id="X37", kp_id="film", code="MRI", item="磁共振", group="影像", role="main"),
    ItemNeedsItem(rule_id="N64", kp_id="contrast", code="IOHEXOL", item="碘海醇", group="造影", window="day"),
    ItemNeedsItem(rule_id="N64", kp_id="contrast", code="ANGIO", item="造影", group="造影", role="main"),
]
NEEDS = [one for one in POINTS if one.role == "needs"]
CODES = [one.code for one in POINTS]


def found(world: World) -> list[tuple[str, str, int]]:
    """Point, line and fen at stake of what is found."""
    return [(row.kp_id, str(row.bkkp_sn), stake_of(row)) for row in both_ways(KIND, POINTS, world)]


def reason(world: World) -> str:
    """The sentence of the first finding."""
    return reason_of(KIND, both_ways(KIND, POINTS, world)[0].facts)


def test_without_a_main_item_all_is_at_stake() -> None:
    world = World()
    line = world.line(world.visit("A", "2021-03-01"), "FILM", "2021-03-01 08:00", cnt=3)
    assert found(world) == [("film", line.bkkp_sn, 3000)]
    assert reason(world) == "2021-03-01收取胶片，同组共3次，主项目0次，没有对应的主项目"


def test_two_films_for_each_scan_are_clean_and_the_fifth_of_two_scans_is_not() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01")
    world.line(visit, "CT", "2021-03-01 08:00")
    world.line(visit, "MRI", "2021-03-01 08:00", inscp_amt=0)
    world.line(visit, "FILM", "2021-03-01 08:10", cnt=4)
    assert found(world) == []
    late = world.line(visit, "FILM", "2021-03-01 09:10")
    assert found(world) == [("film", late.bkkp_sn, 1000)]
    assert reason(world) == "2021-03-01收取胶片，同组共5次，主项目2次，超过主项目允许的数量"


def test_the_main_item_must_be_of_the_same_visit_or_where_the_point_says_so_of_the_day() -> None:
    world = World()
    world.line(world.visit("A", "2021-03-01"), "CT", "2021-03-01 08:00")
    film = world.line(world.visit("A", "2021-03-01"), "FILM", "2021-03-01 09:00")
    world.line(world.visit("B", "2021-03-01"), "ANGIO", "2021-03-01 08:00")
    world.line(world.visit("B", "2021-03-01"), "IOHEXOL", "2021-03-01 09:00")
    late = world.line(world.visit("B", "2021-03-02"), "IOHEXOL", "2021-03-02 09:00")
    assert found(world) == [("contrast", late.bkkp_sn, 1000), ("film", film.bkkp_sn, 1000)]


def test_a_refunded_main_item_is_none_and_a_refunded_surcharge_is_clean() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01")
    world.line(visit, "CT", "2021-03-01 08:00")
    world.line(visit, "CT", "2021-03-01 09:00", cnt=-1)
    film = world.line(visit, "FILM", "2021-03-01 09:00")
    world.line(visit, "IOHEXOL", "2021-03-01 09:00")
    world.line(visit, "IOHEXOL", "2021-03-01 10:00", cnt=-1)
    assert found(world) == [("film", film.bkkp_sn, 1000)]


def test_both_ways_agree_on_any_world() -> None:
    assert len(rows_over_worlds(KIND, POINTS, CODES)) > 10


@pytest.mark.parametrize("point", NEEDS, ids=lambda one: f"{one.kp_id}-{one.code}")
def test_examples_break_the_point_or_stay_clean(point: ItemNeedsItem) -> None:
    check_examples(examples, KIND, POINTS, point)

"""群体性别错配: many persons of one institution with items for the other sex."""

from datetime import date

import pytest

from tests.supervision.kinds.lines import assert_both_ways_agree, assert_examples_hold
from tests.supervision.world import CLINIC, HOSPITAL, World, both_ways
from yibao.supervision.examples import mismatch_cluster as examples
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.mismatch_cluster import KIND, MismatchCluster

POINTS = [
    MismatchCluster(rule_id="X53", kp_id="k1", code="SCOPE", item="宫腔镜检查", sex="2", people=3),
    MismatchCluster(rule_id="X53", kp_id="k2", code="PAIR", item="前列腺检查", sex="1", people=2),
]


def world_of(people: int, *, gend: str = "1", place: str = HOSPITAL, on: date = date(2021, 3, 1)) -> World:
    """That many persons with the item."""
    world = World()
    for number in range(people):
        visit = world.visit(f"P{number}", on.isoformat(), gend=gend, fixmedins_code=place)
        world.line(visit, "SCOPE", on.isoformat())
    return world


def test_three_men_are_one_finding_with_all_their_lines() -> None:
    rows = both_ways(KIND, POINTS, world_of(3))
    assert len(rows) == 3
    assert {row.finding_key for row in rows} == {f"{HOSPITAL}|SCOPE|2021-03"}
    assert reason_of(KIND, rows[0].facts) == ("2021-03有3名患者的宫腔镜检查与性别不符（项目限女性），疑为编码对应错误")


@pytest.mark.parametrize(("people", "gend"), [(2, "1"), (5, "2"), (5, "9")])
def test_fewer_men_women_and_persons_of_unknown_sex_are_clean(people: int, gend: str) -> None:
    assert both_ways(KIND, POINTS, world_of(people, gend=gend)) == []


def test_one_man_who_comes_three_times_is_no_cluster() -> None:
    world = World()
    for day in (1, 2, 3):
        world.line(world.visit("A", f"2021-03-0{day}", gend="1"), "SCOPE", f"2021-03-0{day}")
    assert both_ways(KIND, POINTS, world) == []


def test_other_institutions_and_other_months_do_not_add() -> None:
    world = world_of(2)
    for number, (place, day) in enumerate([(CLINIC, "2021-03-01"), (HOSPITAL, "2021-04-01")]):
        world.line(world.visit(f"Q{number}", day, gend="1", fixmedins_code=place), "SCOPE", day)
    assert both_ways(KIND, POINTS, world) == []


def test_a_refunded_line_takes_its_man_out() -> None:
    world = world_of(3)
    world.line(world.visits[0], "SCOPE", "2021-03-01 10:00", cnt=-1)
    assert both_ways(KIND, POINTS, world) == []


def test_both_ways_agree_on_any_world() -> None:
    assert_both_ways_agree(KIND, POINTS, ["SCOPE", "PAIR"], seeds=8)


@pytest.mark.parametrize("point", POINTS, ids=lambda one: one.code)
def test_examples_break_the_point_or_stay_clean(point: MismatchCluster) -> None:
    assert_examples_hold(KIND, point, examples, field="fixmedins_code")

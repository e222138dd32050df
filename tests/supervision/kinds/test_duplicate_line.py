"""重复结算: the same fee twice."""

from datetime import timedelta
from typing import Any

import pytest

from tests.supervision.kinds.lines import DAY, assert_both_ways_agree, assert_examples_hold
from tests.supervision.world import SECOND_HOSPITAL, World, both_ways
from yibao.supervision.examples import duplicate_line as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.duplicate_line import KIND, DuplicateLine

POINTS = [
    DuplicateLine(rule_id="X49", kp_id="k1"),
    DuplicateLine(rule_id="X49", kp_id="k2", within="bill", code="SCAN", item="CT平扫"),
]


def twice(**known: Any) -> World:
    """A fee of the morning in two visits of the day; `known` changes the second."""
    world = World()
    world.line(world.visit("A", DAY), "DRUG", DAY, cnt=2)
    where = {name: known.pop(name) for name in ("fixmedins_code", "psn_no", "begin") if name in known}
    begin = where.pop("begin", DAY + timedelta(hours=4))
    visit = world.visit(where.pop("psn_no", "A"), begin, **where)
    world.line(visit, "DRUG", known.pop("at", DAY), **{"cnt": 2, **known})
    return world


def test_the_later_settlements_line_is_at_stake() -> None:
    [row] = both_ways(KIND, POINTS, twice())
    assert (row.setl_id, row.bkkp_sn, stake_of(row)) == ("S00002", "F000002", 2000)
    assert reason_of(KIND, row.facts) == "2021-03-01的DRUG（数量2）结算了2次，首次明细F000001"


@pytest.mark.parametrize(
    "known",
    [
        {"at": DAY + timedelta(seconds=1)},
        {"cnt": 1},
        {"yuan": 11},
        {"fixmedins_code": SECOND_HOSPITAL},
        {"psn_no": "B"},
        {"inscp_amt": 0},
        {"begin": DAY + timedelta(days=1)},
    ],
)
def test_another_second_count_price_place_person_or_day_is_another_fee(known: dict[str, Any]) -> None:
    assert both_ways(KIND, POINTS, twice(**known)) == []


def test_a_fee_given_back_and_billed_again_is_one() -> None:
    world = twice()
    world.line(world.visits[0], "DRUG", DAY, cnt=-2)
    assert both_ways(KIND, POINTS, world) == []


def test_a_stay_settled_in_parts_may_not_settle_a_line_twice() -> None:
    world = World()
    stay = world.stay("A", "2021-03-01", "2021-03-20")
    world.visit("A", "2021-03-10", "2021-03-20")
    for setl_id in ("S00001", "S00002"):
        world.line(stay, "DRUG", "2021-03-10 09:00", setl_id=setl_id)
    assert [row.setl_id for row in both_ways(KIND, POINTS, world)] == ["S00002"]


def test_within_one_bill_only_the_points_items_are_compared() -> None:
    world = World()
    visit = world.visit("A", DAY)
    for code in ("SCAN", "SCAN", "SCAN", "DRUG", "DRUG"):
        world.line(visit, code, DAY)
    rows = both_ways(KIND, POINTS, world)
    assert [row.bkkp_sn for row in rows] == ["F000002", "F000003"]
    assert sum(stake_of(row) for row in rows) == 2000
    world.line(visit, "SCAN", DAY, cnt=-1)
    assert sum(stake_of(row) for row in both_ways(KIND, POINTS, world)) == 1000


def test_both_ways_agree_on_any_world() -> None:
    assert_both_ways_agree(KIND, POINTS, ["SCAN"], seeds=8)


@pytest.mark.parametrize("point", POINTS, ids=lambda one: one.within)
def test_examples_break_the_point_or_stay_clean(point: DuplicateLine) -> None:
    assert_examples_hold(KIND, point, examples)

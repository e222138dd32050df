"""不予支付: an item that the fund never pays."""

from datetime import date

from tests.supervision.kinds.lines import assert_both_ways_agree, assert_examples_hold, line_of, refund
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import not_payable as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.not_payable import KIND, NotPayable

POINTS = [
    NotPayable(rule_id="N03", kp_id="k1", code="T001700233", item="阿胶"),
    NotPayable(rule_id="N03", kp_id="k2", code="SINCE", item="鹿茸片", valid_from=date(2021, 1, 20)),
]


def test_any_insured_fee_is_found_with_its_amount() -> None:
    world = World()
    line_of(world, "T001700233", cnt=2, yuan=30)
    [row] = both_ways(KIND, POINTS, world)
    assert row.amount == 6000
    assert reason_of(KIND, row.facts) == "2021-03-01的阿胶不属于基金支付范围，却有60.00元纳入医保"


def test_what_the_person_pays_whole_is_clean() -> None:
    world = World()
    line_of(world, "T001700233", inscp_amt=0, fulamt_ownpay_amt=1000)
    assert both_ways(KIND, POINTS, world) == []


def test_two_given_and_one_refunded_stake_one() -> None:
    world = World()
    refund(world, line_of(world, "T001700233", cnt=2, yuan=30), 1)
    [row] = both_ways(KIND, POINTS, world)
    assert stake_of(row) == 3000


def test_another_visits_refund_takes_nothing_back() -> None:
    world = World()
    line_of(world, "T001700233", cnt=1)
    line_of(world, "T001700233", cnt=-1)
    assert [stake_of(row) for row in both_ways(KIND, POINTS, world)] == [1000]


def test_the_day_before_the_point_counts_is_clean_and_its_first_day_is_not() -> None:
    world = World()
    visit = world.stay("A", "2021-01-15", "2021-01-25")
    world.line(visit, "SINCE", "2021-01-19 23:59")
    line = world.line(visit, "SINCE", "2021-01-20 00:00")
    assert [row.bkkp_sn for row in both_ways(KIND, POINTS, world)] == [line.bkkp_sn]


def test_both_ways_agree_on_any_world() -> None:
    assert_both_ways_agree(KIND, POINTS, [one.code for one in POINTS])


def test_examples_break_the_point_or_stay_clean() -> None:
    for point in POINTS:
        assert_examples_hold(KIND, point, examples)

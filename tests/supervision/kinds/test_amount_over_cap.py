"""超限定报销总额: insured fees of an item over a sum."""

import pytest

from tests.supervision.kinds.refunds import check_examples, rows_over_worlds
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import amount_over_cap as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.amount_over_cap import KIND, AmountOverCap

POINTS = [
    AmountOverCap(rule_id="N28", kp_id="year", code="LENS", item="眼镜", max_amount=50_000),
    AmountOverCap(rule_id="N34", kp_id="stay", code="STENT1", item="支架", max_amount=100_000, period="visit"),
    AmountOverCap(rule_id="N34", kp_id="stay", code="STENT2", item="导丝", max_amount=100_000, period="visit"),
]
CODES = [one.code for one in POINTS]


def found(world: World) -> list[tuple[str, str, int]]:
    """Point, line and fen at stake of what is found."""
    return [(row.kp_id, str(row.bkkp_sn), stake_of(row)) for row in both_ways(KIND, POINTS, world)]


def reason(world: World) -> str:
    """The sentence of the first finding."""
    return reason_of(KIND, both_ways(KIND, POINTS, world)[0].facts)


def test_of_six_hundred_yuan_in_a_year_one_hundred_are_at_stake() -> None:
    world = World()
    world.line(world.visit("A", "2021-03-01"), "LENS", "2021-03-01 08:00", yuan=300)
    late = world.line(world.visit("A", "2021-09-01"), "LENS", "2021-09-01 08:00", yuan=300)
    world.line(world.visit("A", "2022-01-01"), "LENS", "2022-01-01 08:00", yuan=300)
    assert found(world) == [("year", late.bkkp_sn, 10_000)]
    assert reason(world) == "眼镜本年度纳入报销的费用合计600.00元，超过限额500.00元"


def test_exactly_the_sum_is_clean_and_so_is_what_was_refunded_or_paid_by_the_person() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01")
    world.line(visit, "LENS", "2021-03-01 08:00", yuan=500)
    world.line(visit, "LENS", "2021-03-01 08:00", yuan=300)
    world.line(visit, "LENS", "2021-03-01 09:00", cnt=-1, yuan=300)
    world.line(visit, "LENS", "2021-03-01 10:00", yuan=300, inscp_amt=0)
    assert found(world) == []


def test_items_of_one_point_share_the_sum_of_a_stay() -> None:
    world = World()
    for month in ("03", "04"):
        stay = world.stay("A", f"2021-{month}-01", f"2021-{month}-05")
        world.line(stay, "STENT1", f"2021-{month}-02 08:00", yuan=900)
    late = world.line(stay, "STENT2", "2021-04-03 08:00", yuan=200)
    assert found(world) == [("stay", late.bkkp_sn, 10_000)]


def test_both_ways_agree_on_any_world() -> None:
    assert len(rows_over_worlds(KIND, POINTS, CODES)) > 10


@pytest.mark.parametrize("point", POINTS, ids=lambda one: f"{one.kp_id}-{one.code}")
def test_examples_break_the_point_or_stay_clean(point: AmountOverCap) -> None:
    check_examples(examples, KIND, POINTS, point)

"""单方使用不予支付: herbs that need company in their prescription."""

import pytest

from tests.supervision.kinds.lines import DAY, assert_both_ways_agree, assert_examples_hold, line_of
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import not_payable_alone as examples
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.not_payable_alone import KIND, NotPayableAlone

POINTS = [
    NotPayableAlone(rule_id="N04", kp_id="k1", code="CLOVE", item="丁香", charges="10"),
    NotPayableAlone(rule_id="N04", kp_id="k2", code="GINSENG", item="人参片", charges="10"),
]
HERB = {"med_chrgitm_type": "10"}


def found(world: World) -> list[str]:
    """Lines that are found."""
    return [str(row.bkkp_sn) for row in both_ways(KIND, POINTS, world)]


def test_a_herb_alone_is_found_with_its_prescription() -> None:
    world = World()
    line = line_of(world, "CLOVE", **HERB, rx_drord_no="R7")
    assert found(world) == [line.bkkp_sn]
    facts = both_ways(KIND, POINTS, world)[0].facts
    assert reason_of(KIND, facts) == "2021-03-01的处方R7只有单独使用不予支付的饮片，其中丁香纳入了医保"


def test_two_herbs_of_the_list_are_no_company_for_each_other() -> None:
    world = World()
    lines = [line_of(world, "CLOVE", **HERB)]
    lines.append(world.line(world.visits[0], "GINSENG", DAY, **HERB))
    assert sorted(found(world)) == [one.bkkp_sn for one in lines]


@pytest.mark.parametrize("insured", [1000, 0])
def test_another_herb_is_company_whoever_pays_it(insured: int) -> None:
    world = World()
    line_of(world, "CLOVE", **HERB)
    world.line(world.visits[0], "LIQUORICE", DAY, **HERB, inscp_amt=insured)
    assert found(world) == []


@pytest.mark.parametrize("known", [{"rx_drord_no": "OTHER"}, {"med_chrgitm_type": "09"}, {"cnt": -1}])
def test_another_prescription_another_kind_of_item_or_a_refund_is_no_company(known: dict[str, str]) -> None:
    world = World()
    line = line_of(world, "CLOVE", **HERB)
    world.line(world.visits[0], "LIQUORICE", DAY, **{**HERB, **known})
    assert found(world) == [line.bkkp_sn]


def test_a_line_without_prescription_number_is_not_looked_at() -> None:
    world = World()
    line_of(world, "CLOVE", **HERB, rx_drord_no="")
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    assert_both_ways_agree(KIND, POINTS, [one.code for one in POINTS])


@pytest.mark.parametrize("point", POINTS, ids=lambda one: one.code)
def test_examples_break_the_point_or_stay_clean(point: NotPayableAlone) -> None:
    assert_examples_hold(KIND, point, examples)

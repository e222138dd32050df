"""限二线使用: a drug that needs another one or a test before it."""

import pytest

from tests.supervision.kinds.refunds import check_examples, rows_over_worlds
from tests.supervision.world import CLINIC, World, both_ways
from yibao.supervision.examples import second_line_first as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.second_line_first import KIND, SecondLineFirst

POINTS = [
    SecondLineFirst(rule_id="N05", kp_id="ra", code="IGURATIMOD", item="艾拉莫德片", group="类风湿", look_back_days=60),
    SecondLineFirst(rule_id="N05", kp_id="ra", code="METHOTREXATE", item="甲氨蝶呤", group="类风湿", role="proof"),
    SecondLineFirst(rule_id="N05", kp_id="ra", code="LEFLUNOMIDE", item="来氟米特", group="类风湿", role="proof"),
    SecondLineFirst(rule_id="X44", kp_id="egfr", code="GEFITINIB", item="吉非替尼", group="EGFR"),
    SecondLineFirst(rule_id="X44", kp_id="egfr", code="EGFRTEST", item="EGFR基因检测", group="EGFR", role="proof"),
]
NEEDS = [one for one in POINTS if one.role == "needs"]
CODES = [one.code for one in POINTS]


def found(world: World) -> list[tuple[str, str, int]]:
    """Point, line and fen at stake of what is found."""
    return [(row.kp_id, str(row.bkkp_sn), stake_of(row)) for row in both_ways(KIND, POINTS, world)]


def reason(world: World) -> str:
    """The sentence of the first finding."""
    return reason_of(KIND, both_ways(KIND, POINTS, world)[0].facts)


def test_a_second_line_drug_without_the_first_is_found() -> None:
    world = World()
    line = world.line(world.visit("A", "2021-03-01"), "IGURATIMOD", "2021-03-01 08:00", yuan=50)
    assert found(world) == [("ra", line.bkkp_sn, 5000)]
    assert reason(world) == "2021-03-01使用艾拉莫德片，此前60天内没有一线药品（或所需检测）的记录"


def test_any_first_line_drug_counts_wherever_and_however_it_was_paid() -> None:
    world = World()
    first = world.visit("A", "2021-01-01", fixmedins_code=CLINIC)
    world.line(first, "LEFLUNOMIDE", "2021-01-01 08:00", inscp_amt=0, fulamt_ownpay_amt=1000)
    world.line(world.visit("A", "2021-03-01"), "IGURATIMOD", "2021-03-01 08:00")
    same_day = world.visit("B", "2021-03-01")
    world.line(same_day, "IGURATIMOD", "2021-03-01 08:00")
    world.line(same_day, "METHOTREXATE", "2021-03-01 09:00")
    assert found(world) == []


def test_too_long_ago_afterwards_another_person_or_given_back_is_no_proof() -> None:
    world = World()
    lines = {}
    for who, proof in (("A", "2020-12-30"), ("B", "2021-03-02"), ("C", "2021-02-01")):
        world.line(world.visit(who, proof), "METHOTREXATE", f"{proof} 08:00")
        lines[who] = world.line(world.visit(who, "2021-03-01"), "IGURATIMOD", "2021-03-01 08:00").bkkp_sn
    world.line(world.visits[-2], "METHOTREXATE", "2021-02-01 09:00", cnt=-1)
    alone = world.line(world.visit("D", "2021-03-01"), "IGURATIMOD", "2021-03-01 08:00").bkkp_sn
    assert [line for _, line, _ in found(world)] == sorted([*lines.values(), alone])


def test_a_test_of_another_group_proves_nothing() -> None:
    world = World()
    world.line(world.visit("A", "2021-02-01"), "METHOTREXATE", "2021-02-01 08:00")
    line = world.line(world.visit("A", "2021-03-01"), "GEFITINIB", "2021-03-01 08:00")
    assert found(world) == [("egfr", line.bkkp_sn, 1000)]


def test_both_ways_agree_on_any_world() -> None:
    assert len(rows_over_worlds(KIND, POINTS, CODES)) > 10


@pytest.mark.parametrize("point", NEEDS, ids=lambda one: f"{one.kp_id}-{one.code}")
def test_examples_break_the_point_or_stay_clean(point: SecondLineFirst) -> None:
    check_examples(examples, KIND, POINTS, point)

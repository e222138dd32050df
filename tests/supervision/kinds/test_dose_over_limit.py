"""超量开药: more of a drug in a prescription than its daily dose allows."""

import pytest

from tests.supervision.kinds.refunds import check_examples, rows_over_worlds
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import dose_over_limit as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.dose_over_limit import KIND, DoseOverLimit

POINTS = [
    DoseOverLimit(rule_id="N76", kp_id="herb", code="ACONITE", item="制川乌", max_per_day=30_000, unit="克"),
    DoseOverLimit(rule_id="N76", kp_id="whole", charge_types="10", item="饮片", max_per_day=2_000_000, unit="克"),
    DoseOverLimit(rule_id="N77", kp_id="total", code="DRUG1", item="甲药", max_total=100_000, unit="片"),
]
CODES = ["ACONITE", "DRUG1", "DRUG2"]


def found(world: World) -> list[tuple[str, str, int]]:
    """Point, line and fen at stake of what is found."""
    return [(row.kp_id, str(row.bkkp_sn), stake_of(row)) for row in both_ways(KIND, POINTS, world)]


def reason(world: World) -> str:
    """The sentence of the first finding."""
    return reason_of(KIND, both_ways(KIND, POINTS, world)[0].facts)


def test_of_twenty_five_grams_for_seven_days_of_three_grams_four_are_at_stake() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01")
    line = world.line(visit, "ACONITE", "2021-03-01 08:00", cnt=25, yuan=2, prd_days=7)
    assert found(world) == [("herb", line.bkkp_sn, 800)]
    assert reason(world) == "2021-03-01开具制川乌共25克（7天量），超过上限21克"


def test_exactly_the_dose_of_the_days_is_clean_and_a_refund_counts() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01")
    world.line(visit, "ACONITE", "2021-03-01 08:00", cnt=21, prd_days=7)
    world.line(visit, "ACONITE", "2021-03-01 08:10", cnt=5, prd_days=7)
    world.line(visit, "ACONITE", "2021-03-01 08:20", cnt=-5)
    assert found(world) == []


def test_a_whole_prescription_of_herbs_is_measured_together_another_one_by_itself() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01")
    for code in ("H1", "H2"):
        last = world.line(visit, code, "2021-03-01 08:00", cnt=150, yuan=1, med_chrgitm_type="10")
    world.line(visit, "H3", "2021-03-01 08:00", cnt=150, med_chrgitm_type="10", rx_drord_no="ANOTHER")
    world.line(visit, "H4", "2021-03-01 08:00", cnt=150, med_chrgitm_type="09")
    assert found(world) == [("whole", last.bkkp_sn, 10_000)]


def test_a_total_counts_over_the_lines_of_a_day() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01")
    world.line(visit, "DRUG1", "2021-03-01 08:00", cnt=8)
    last = world.line(visit, "DRUG1", "2021-03-01 09:00", cnt=3)
    world.line(world.visit("A", "2021-03-02"), "DRUG1", "2021-03-02 09:00", cnt=10)
    assert found(world) == [("total", last.bkkp_sn, 1000)]


def test_both_ways_agree_on_any_world() -> None:
    assert len(rows_over_worlds(KIND, POINTS, CODES)) > 10


@pytest.mark.parametrize("point", POINTS, ids=lambda one: f"{one.kp_id}-{one.code}")
def test_examples_break_the_point_or_stay_clean(point: DoseOverLimit) -> None:
    check_examples(examples, KIND, POINTS, point)

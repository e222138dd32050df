"""诊断或手术编码无对应诊疗: a diagnosis nobody cares for on the bills."""

from datetime import date

import pytest

from tests.supervision.kinds.lines import assert_both_ways_agree, assert_examples_hold, line_of
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import diagnosis_without_care as examples
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.diagnosis_without_care import KIND, DiagnosisWithoutCare

POINTS = [
    DiagnosisWithoutCare(rule_id="N37", kp_id="k1", item="放化疗", diagnoses="Z51", items="CHEMO RADIO", charges="08"),
    DiagnosisWithoutCare(rule_id="N38", kp_id="k2", item="手术费", operations="51.2 68", charges="06", care="21"),
]
CHEMO = {"visit_dscg_maindiag_code": "Z51.100", "med_chrgitm_type": "09"}


def found(world: World) -> list[str]:
    """Bills that are found."""
    return [row.setl_id for row in both_ways(KIND, POINTS, world)]


def test_a_diagnosis_without_any_of_its_care_has_the_bill_at_stake() -> None:
    world = World()
    line_of(world, "DRUG", **CHEMO)
    [row] = both_ways(KIND, POINTS, world)
    assert (row.setl_id, row.amount, row.bkkp_sn) == ("S00001", 80_000, None)
    assert reason_of(KIND, row.facts) == "清单上有编码Z51.100，费用里却没有对应的诊疗（放化疗）"


@pytest.mark.parametrize("known", [{"code": "RADIO"}, {"med_chrgitm_type": "08"}, {"code": "CHEMO", "inscp_amt": 0}])
def test_one_line_of_an_item_or_a_charge_is_care_whoever_pays_it(known: dict[str, object]) -> None:
    world = World()
    line_of(world, **{"code": "DRUG", **CHEMO, **known})  # type: ignore[arg-type]
    assert found(world) == []


def test_care_that_was_given_back_is_none() -> None:
    world = World()
    line = line_of(world, "CHEMO", **CHEMO)
    world.line(world.visits[0], "CHEMO", line.fee_ocur_time, cnt=-1)
    assert found(world) == ["S00001"]


def test_care_of_another_visit_does_not_count() -> None:
    world = World()
    line_of(world, "DRUG", **CHEMO)
    line_of(world, "CHEMO", psn_no="A", visit_dscg_maindiag_code="J18.900")
    assert found(world) == ["S00001"]


@pytest.mark.parametrize(("care", "hits"), [("2101", ["S00001"]), ("11", [])])
def test_an_operation_code_without_its_fee_is_found_in_stays(care: str, hits: list[str]) -> None:
    world = World()
    line_of(world, "DRUG", visit_med_type=care)
    world.operate(world.visits[0], "51.2300", date(2021, 3, 1))
    assert found(world) == hits


def test_both_ways_agree_on_any_world() -> None:
    assert_both_ways_agree(KIND, POINTS, ["CHEMO", "RADIO"], seeds=8)


@pytest.mark.parametrize("point", POINTS, ids=lambda one: one.kp_id)
def test_examples_break_the_point_or_stay_clean(point: DiagnosisWithoutCare) -> None:
    assert_examples_hold(KIND, point, examples)

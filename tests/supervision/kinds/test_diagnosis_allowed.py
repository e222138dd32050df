"""诊断与性别、年龄不符: a diagnosis that the person cannot have."""

from datetime import date

import pytest

from tests.supervision.kinds.lines import assert_both_ways_agree, assert_examples_hold
from tests.supervision.world import World, both_ways, rows_at_counter
from yibao.supervision.examples import diagnosis_allowed as examples
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.diagnosis_allowed import KIND, DiagnosisAllowed
from yibao.supervision.kinds.kind import Points
from yibao.supervision.model import Case

POINTS = [
    DiagnosisAllowed(rule_id="N54", kp_id="k1", code="O", item="妊娠、分娩", sex="2"),
    DiagnosisAllowed(rule_id="N55", kp_id="k2", code="J18.9", item="儿童肺炎", age_below=14),
    DiagnosisAllowed(rule_id="N55", kp_id="k3", code="I10", item="高血压", age_from=18),
    DiagnosisAllowed(rule_id="N55", kp_id="k4", code="E11", item="新生儿", days_below=29),
]


def found(world: World) -> list[tuple[str, str]]:
    """Point and bill of what is found."""
    return [(row.kp_id, row.setl_id) for row in both_ways(KIND, POINTS, world)]


def test_a_man_who_gives_birth_has_his_bill_at_stake() -> None:
    world = World()
    world.visit("A", "2021-03-01", gend="1", dscg_maindiag_code="O80.000", inscp_amt=77_00)
    [row] = both_ways(KIND, POINTS, world)
    assert (row.amount, row.bkkp_sn, row.setl_id) == (7700, None, "S00001")
    assert reason_of(KIND, row.facts) == "诊断O80.000（妊娠、分娩）与患者性别不符：患者40岁，男性"


@pytest.mark.parametrize("gend", ["2", "0", "9"])
def test_women_and_persons_of_unknown_sex_are_clean(gend: str) -> None:
    world = World()
    world.visit("A", "2021-03-01", gend=gend, dscg_maindiag_code="O80.000")
    assert found(world) == []


def test_secondary_diagnoses_count_and_a_visit_is_one_finding() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01", gend="1", dscg_maindiag_code="K80.100")
    for code in ("O82.000", "O81.000"):
        world.diagnose(visit, code)
    assert found(world) == [("k1", "S00001")]
    assert both_ways(KIND, POINTS, world)[0].facts["diagnosis"] == "O81.000"


@pytest.mark.parametrize(("born", "hits"), [(date(2007, 3, 2), 0), (date(2007, 3, 1), 1)])
def test_the_fourteenth_birthday_ends_childhood(born: date, hits: int) -> None:
    world = World()
    world.visit("A", "2021-03-01", brdy=born)
    assert len(found(world)) == hits


@pytest.mark.parametrize(("born", "hits"), [(date(2003, 3, 1), 0), (date(2003, 3, 2), 1)])
def test_the_eighteenth_birthday_is_old_enough(born: date, hits: int) -> None:
    world = World()
    world.visit("A", "2021-03-01", brdy=born, dscg_maindiag_code="I10.x00")
    assert len(found(world)) == hits


def test_at_the_counter_a_visit_without_a_bill_has_its_lines_at_stake() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01", gend="1", dscg_maindiag_code="O80.000")
    line = world.line(visit, "X", "2021-03-01 09:00", setl_id="")
    case = Case(visits=world.visits, lines=[line], current=frozenset([line.bkkp_sn]))
    [row] = KIND.at_counter(case, Points(POINTS))
    assert (row.setl_id, row.amount) == ("", 1000)
    assert rows_at_counter(KIND, POINTS, world)[0].amount == 80_000


def test_both_ways_agree_on_any_world() -> None:
    assert_both_ways_agree(KIND, POINTS, ["ONE"], seeds=8)


@pytest.mark.parametrize("point", POINTS, ids=lambda one: one.code)
def test_examples_break_the_point_or_stay_clean(point: DiagnosisAllowed) -> None:
    assert_examples_hold(KIND, point, examples)

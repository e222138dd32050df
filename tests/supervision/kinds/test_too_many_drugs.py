"""药品种类超标: more different drugs in one prescription than allowed."""

import pytest

from tests.supervision.kinds.refunds import check_examples, rows_over_worlds
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import too_many_drugs as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.too_many_drugs import KIND, TooManyDrugs

POINTS = [TooManyDrugs(rule_id="N46", kp_id="five", max_drugs=5, charge_types="09 11", care="11 13 14 41")]
CODES = [f"DRUG{number}" for number in range(9)]
CROWDED = [TooManyDrugs(rule_id="N46", kp_id="one", max_drugs=1, charge_types="09 10 11 01 02 03 04 05 06 08")]


def found(world: World) -> list[tuple[str, str, int]]:
    """Point, line and fen at stake of what is found."""
    return [(row.kp_id, str(row.bkkp_sn), stake_of(row)) for row in both_ways(KIND, POINTS, world)]


def reason(world: World) -> str:
    """The sentence of the first finding."""
    return reason_of(KIND, both_ways(KIND, POINTS, world)[0].facts)


def prescribe(world: World, drugs: int, **known: str) -> list[str]:
    """A prescription of so many drugs; the numbers of its lines."""
    visit = world.visit(f"P{len(world.visits)}", "2021-03-01")
    return [world.line(visit, f"DRUG{one}", f"2021-03-01 08:0{one}", **known).bkkp_sn for one in range(drugs)]


def test_the_sixth_and_seventh_drug_are_at_stake() -> None:
    world = World()
    lines = prescribe(world, 7)
    assert found(world) == [("five", one, 1000) for one in lines[5:]]
    assert reason(world) == "2021-03-01处方R00001开具药品7种，超过上限5种"


def test_five_drugs_are_clean_and_one_of_them_may_come_twice() -> None:
    world = World()
    prescribe(world, 5)
    world.line(world.visits[0], "DRUG0", "2021-03-01 09:00")
    assert found(world) == []


def test_another_prescription_herbs_stays_and_lines_without_a_prescription_are_clean() -> None:
    world = World()
    prescribe(world, 5)
    world.line(world.visits[0], "DRUG8", "2021-03-01 09:00", rx_drord_no="ANOTHER")
    prescribe(world, 8, med_chrgitm_type="10")
    prescribe(world, 8, med_type="21")
    prescribe(world, 8, rx_drord_no="")
    assert found(world) == []


def test_a_refunded_drug_and_one_that_the_person_pays_are_not_counted() -> None:
    world = World()
    prescribe(world, 6)
    world.line(world.visits[0], "DRUG2", "2021-03-01 09:00", cnt=-1)
    world.line(world.visits[0], "DRUG8", "2021-03-01 09:00", inscp_amt=0)
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    assert len(rows_over_worlds(KIND, CROWDED, CODES)) > 10


@pytest.mark.parametrize("point", POINTS, ids=lambda one: f"{one.kp_id}-{one.code}")
def test_examples_break_the_point_or_stay_clean(point: TooManyDrugs) -> None:
    check_examples(examples, KIND, POINTS, point)

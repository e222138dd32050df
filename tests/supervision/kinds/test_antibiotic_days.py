"""围手术期抗菌药物: antibiotics given on after a clean operation."""

from datetime import date

import pytest

from tests.supervision.kinds.refunds import check_examples, rows_over_worlds
from tests.supervision.world import World, both_ways
from yibao.supervision.examples import antibiotic_days as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.antibiotic_days import KIND, AntibioticDays
from yibao.supervision.model import Visit

POINTS = [
    AntibioticDays(rule_id="N44", kp_id="day", code="CEFAZOLIN", item="头孢唑林", operations="06 53.0", exempt="A N39"),
    AntibioticDays(rule_id="N44", kp_id="two", code="CEFUROXIME", item="头孢呋辛", operations="81", max_hours=48),
]
CODES = [one.code for one in POINTS]
ANY = [
    AntibioticDays(rule_id="N44", kp_id=code, code=code, item=code, operations="39 51 68 99", exempt="Z", max_hours=0)
    for code in CODES
]


def found(world: World) -> list[tuple[str, str, int]]:
    """Point, line and fen at stake of what is found."""
    return [(row.kp_id, str(row.bkkp_sn), stake_of(row)) for row in both_ways(KIND, POINTS, world)]


def reason(world: World) -> str:
    """The sentence of the first finding."""
    return reason_of(KIND, both_ways(KIND, POINTS, world)[0].facts)


def operated(world: World, code: str = "06.3900x001", *more: str) -> Visit:
    """A stay with an operation on 2 March and others on the third."""
    stay = world.stay("A", "2021-03-01", "2021-03-09", dscg_maindiag_code="E04.902")
    world.operate(stay, code, date(2021, 3, 2), main_oprn_flag="1")
    for one in more:
        world.operate(stay, one, date(2021, 3, 3))
    return stay


def test_twenty_four_hours_after_the_day_of_the_operation_it_is_too_late() -> None:
    world = World()
    stay = operated(world)
    world.line(stay, "CEFAZOLIN", "2021-03-02 09:00")
    world.line(stay, "CEFAZOLIN", "2021-03-03 23:59")
    late = world.line(stay, "CEFAZOLIN", "2021-03-04 02:00")
    assert found(world) == [("day", late.bkkp_sn, 1000)]
    assert reason(world) == "2021-03-02手术（清洁切口）后26小时（2021-03-04）仍使用头孢唑林，预防用药不超过24小时"


def test_an_infection_makes_it_a_treatment() -> None:
    world = World()
    stay = operated(world)
    world.diagnose(stay, "N39.000")
    world.line(stay, "CEFAZOLIN", "2021-03-08 02:00")
    assert found(world) == []


def test_an_operation_that_is_not_clean_and_a_visit_without_any_are_not_looked_at() -> None:
    world = World()
    world.line(operated(world, "06.3900x001", "47.0100"), "CEFAZOLIN", "2021-03-08 02:00")
    world.line(world.stay("B", "2021-03-01", "2021-03-09"), "CEFAZOLIN", "2021-03-08 02:00")
    assert found(world) == []


def test_hours_count_from_the_last_operation() -> None:
    world = World()
    stay = operated(world, "06.3900x001", "53.0000")
    world.line(stay, "CEFAZOLIN", "2021-03-04 02:00")
    late = world.line(stay, "CEFAZOLIN", "2021-03-05 00:00")
    assert found(world) == [("day", late.bkkp_sn, 1000)]


def test_a_longer_prophylaxis_and_refunds() -> None:
    world = World()
    stay = operated(world, "81.5100")
    world.line(stay, "CEFUROXIME", "2021-03-04 23:00")
    late = world.line(stay, "CEFUROXIME", "2021-03-05 00:00", cnt=2)
    world.line(stay, "CEFUROXIME", "2021-03-05 01:00", cnt=-1)
    assert found(world) == [("two", late.bkkp_sn, 1000)]


def test_both_ways_agree_on_any_world() -> None:
    assert len(rows_over_worlds(KIND, ANY, CODES, seeds=8)) > 10


@pytest.mark.parametrize("point", POINTS, ids=lambda one: f"{one.kp_id}-{one.code}")
def test_examples_break_the_point_or_stay_clean(point: AntibioticDays) -> None:
    check_examples(examples, KIND, POINTS, point)

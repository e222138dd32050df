"""就诊雷同: many persons with the same bill on one day."""

import pytest

from tests.supervision.kinds.lines import assert_examples_hold
from tests.supervision.kinds.persons import agree_on_any_world, visits_found
from tests.supervision.world import CLINIC, World, both_ways
from yibao.supervision.examples import alike_bills as examples
from yibao.supervision.kinds.alike_bills import KIND, AlikeBills

POINTS = [
    AlikeBills(rule_id="X26", kp_id="k1", care="1 4", persons=2, items=2, amount_from=1000, exempt="Z23"),
    AlikeBills(rule_id="X26", kp_id="k2", care="1 2 4", persons=2, items=1, amount_from=1000),
]
EXAMPLES = [AlikeBills(rule_id="X26", care="11", persons=5, items=4, amount_from=10_000)]


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def bills(*items: str, fees: int = 5000, disease: str = "J18.900", place: str = CLINIC) -> World:
    """A bill of a new person with the items of each text, one letter each."""
    world = World()
    for turn, codes in enumerate(items):
        visit = world.visit(
            f"P{turn}", f"2021-03-01 {8 + turn:02d}:00", fixmedins_code=place, medfee_sumamt=fees,
            dscg_maindiag_code=disease,
        )  # fmt: skip
        for code in codes:
            world.line(visit, code, f"2021-03-01 {8 + turn:02d}:10")
    return world


def test_the_same_items_in_any_order_are_found() -> None:
    rows = both_ways(KIND, POINTS[:1], bills("ABC", "CBA"))
    assert [row.setl_id for row in rows] == ["S00001", "S00002"]
    assert {row.finding_key for row in rows} == {f"{CLINIC}:2021-03-01:S00001"}
    assert rows[0].facts == {"day": "2021-03-01", "persons": 2, "diagnosis": "J18.900", "items": 3, "fees": 5000}


def test_another_item_or_one_item_alone_is_clean() -> None:
    assert found(bills("ABC", "ABD")) == []
    assert found(bills("A", "A")) == []


def test_small_bills_and_vaccinations_are_not_looked_at() -> None:
    assert found(bills("ABC", "ABC", fees=999)) == []
    assert found(bills("ABC", "ABC", disease="Z23.000")) == []


def test_other_amounts_days_and_persons_are_needed_to_be_the_same() -> None:
    world = bills("ABC")
    for person, day, fees in (("Q", "2021-03-02", 5000), ("R", "2021-03-01", 5001), ("P0", "2021-03-01", 5000)):
        visit = world.visit(person, f"{day} 10:00", fixmedins_code=CLINIC, medfee_sumamt=fees)
        for code in "ABC":
            world.line(visit, code, f"{day} 10:10")
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, POINTS, 5)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="fixmedins_code")

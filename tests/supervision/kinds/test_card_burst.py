"""敛卡集中结算: many cards within minutes for like amounts."""

from datetime import datetime, timedelta

import pytest

from tests.supervision.kinds.lines import assert_examples_hold
from tests.supervision.kinds.persons import agree_on_any_world, visits_found
from tests.supervision.world import CLINIC, World, both_ways
from yibao.supervision.examples import card_burst as examples
from yibao.supervision.kinds.card_burst import KIND, CardBurst

POINTS = [
    CardBurst(rule_id="X08", kp_id="k1", care="11 41", persons=3, minutes=10, band=500, amount_from=1000),
    CardBurst(rule_id="X08", kp_id="k2", care="1 4 2", persons=2, minutes=600, band=1001, amount_from=1000),
]
EXAMPLES = POINTS[:1]


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def cards(*bills: tuple[str, int], person: str = "P") -> World:
    """A bill of a new person at a time of the 1st of March, of so many fen."""
    world = World()
    for turn, (time, fees) in enumerate(bills):
        end = datetime.fromisoformat(f"2021-03-01T{time}")
        who = f"{person}{turn}" if person == "P" else person
        world.visit(who, end - timedelta(minutes=5), end, fixmedins_code=CLINIC, medfee_sumamt=fees)
    return world


def test_three_cards_within_ten_minutes_are_one_finding() -> None:
    rows = both_ways(KIND, POINTS[:1], cards(("09:00", 5000), ("09:05", 5100), ("09:10", 5200)))
    assert [row.setl_id for row in rows] == ["S00001", "S00002", "S00003"]
    assert {row.finding_key for row in rows} == {f"{CLINIC}:2021-03-01"}
    assert rows[0].facts == {"day": "2021-03-01", "persons": 3, "minutes": 10, "fees": 5000}


def test_eleven_minutes_and_other_amounts_are_clean() -> None:
    assert found(cards(("09:00", 5000), ("09:05", 5100), ("09:11", 5200))) == []
    assert found(cards(("09:00", 5000), ("09:05", 5600), ("09:10", 6200))) == []


def test_amounts_on_both_sides_of_a_bands_border_are_alike() -> None:
    assert len(found(cards(("09:00", 4990), ("09:05", 5000), ("09:10", 5010)))) == 3
    assert len(found(cards(("09:00", 5240), ("09:05", 5250), ("09:10", 5260)))) == 3


def test_one_person_with_three_bills_is_one_card() -> None:
    assert found(cards(("09:00", 5000), ("09:05", 5000), ("09:10", 5000), person="A")) == []


def test_small_bills_are_not_looked_at() -> None:
    assert found(cards(("09:00", 990), ("09:05", 990), ("09:10", 990))) == []


def test_a_fourth_card_before_the_window_is_left_alone() -> None:
    world = cards(("08:55", 5000), ("09:00", 5000), ("09:05", 5000), ("09:10", 5000), ("09:21", 5000))
    assert found(world) == ["M00001", "M00002", "M00003", "M00004"]
    assert found(cards(("08:40", 5000), ("09:00", 5000), ("09:05", 5000), ("09:10", 5000))) == [
        "M00002", "M00003", "M00004",
    ]  # fmt: skip


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, POINTS, 4)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="fixmedins_code")

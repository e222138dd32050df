"""超量购药: more of a drug bought within a period than a person can use."""

import pytest

from tests.supervision.kinds.refunds import check_examples, rows_over_worlds
from tests.supervision.world import CLINIC, HOSPITAL, SECOND_HOSPITAL, World, both_ways
from yibao.supervision.examples import excessive_purchase as examples
from yibao.supervision.findings import reason_of, stake_of
from yibao.supervision.kinds.excessive_purchase import KIND, ExcessivePurchase

POINTS = [
    ExcessivePurchase(
        rule_id="N51", kp_id="often", code="COLD", item="感冒灵", window_days=30, max_times=4, care="11 41"
    ),
    ExcessivePurchase(rule_id="N51", kp_id="much", code="PAIN1", item="止痛药", window_days=30, max_count=200_000),
    ExcessivePurchase(rule_id="N51", kp_id="much", code="PAIN2", item="止痛药", window_days=30, max_count=200_000),
    ExcessivePurchase(
        rule_id="X10",
        kp_id="supply",
        charge_types="09 11",
        item="药品",
        window_days=60,
        max_supply_days=120,
        min_institutions=3,
    ),
]
CODES = ["COLD", "PAIN1", "PAIN2", "DRUG1"]


def found(world: World) -> list[tuple[str, str, int]]:
    """Point, line and fen at stake of what is found."""
    return [(row.kp_id, str(row.bkkp_sn), stake_of(row)) for row in both_ways(KIND, POINTS, world)]


def reason(world: World) -> str:
    """The sentence of the first finding."""
    return reason_of(KIND, both_ways(KIND, POINTS, world)[0].facts)


def buy(world: World, code: str, days: list[str], place: str = HOSPITAL, **known: object) -> list[str]:
    """The drug in a visit on each of the days; the numbers of the lines."""
    visits = ((world.visit("A", day, fixmedins_code=place), day) for day in days)
    return [world.line(visit, code, f"{day} 08:00", **known).bkkp_sn for visit, day in visits]


def test_the_fifth_purchase_within_thirty_days_is_found() -> None:
    world = World()
    lines = buy(world, "COLD", [f"2021-03-{day:02d}" for day in (1, 8, 15, 22, 30)])
    assert found(world) == [("often", lines[4], 1000)]
    assert reason(world) == "截至2021-03-30的30天内在1家机构5次购感冒灵（COLD），共5、可用0天，购药次数超过上限"


def test_four_purchases_in_any_thirty_days_are_clean() -> None:
    world = World()
    buy(world, "COLD", [f"2021-03-{day:02d}" for day in (1, 8, 15, 22, 31)])
    assert found(world) == []


def test_the_quantities_of_one_points_drugs_add_up() -> None:
    world = World()
    buy(world, "PAIN1", ["2021-03-01"], cnt=15)
    lines = buy(world, "PAIN2", ["2021-03-10"], cnt=6)
    assert found(world) == [("much", lines[0], 6000)]


def test_too_much_supply_is_found_for_any_drug_only_from_three_institutions() -> None:
    world = World()
    for place in (HOSPITAL, CLINIC):
        buy(world, "DRUG1", ["2021-03-01", "2021-03-20"], place, prd_days=50)
    assert found(world) == []
    lines = buy(world, "DRUG1", ["2021-03-25"], SECOND_HOSPITAL, prd_days=1)
    assert found(world) == [("supply", lines[0], 1000)]


def test_refunded_purchases_stays_and_what_the_person_pays_are_clean() -> None:
    world = World()
    buy(world, "COLD", [f"2021-03-{day:02d}" for day in (1, 8, 15)])
    buy(world, "COLD", ["2021-03-16", "2021-03-17"], inscp_amt=0)
    world.line(world.stay("A", "2021-03-18", "2021-03-20"), "COLD", "2021-03-18 09:00")
    buy(world, "COLD", ["2021-03-21", "2021-03-22"])
    world.line(world.visits[-1], "COLD", "2021-03-22 09:00", cnt=-1)
    assert found(world) == []


def test_both_ways_agree_on_any_world() -> None:
    assert len(rows_over_worlds(KIND, POINTS, CODES)) > 10


@pytest.mark.parametrize("point", POINTS, ids=lambda one: f"{one.kp_id}-{one.code}")
def test_examples_break_the_point_or_stay_clean(point: ExcessivePurchase) -> None:
    check_examples(examples, KIND, POINTS, point)

"""冲顶消费: a year's payments up to the cap in its last days."""

import pytest

from tests.supervision.kinds.lines import assert_examples_hold
from tests.supervision.kinds.persons import agree_on_any_world, only_row, visits_found
from tests.supervision.world import HOSPITAL, World
from yibao.supervision.examples import cap_chasing as examples
from yibao.supervision.kinds.cap_chasing import KIND, CapChasing

POINTS = [
    CapChasing(
        rule_id="X11", kp_id="k1", insurance="390", cap=200_000, share_from=9000, last_days=30, last_share_from=3000
    ),
    CapChasing(
        rule_id="X11",
        kp_id="k2",
        insurance="310 390",
        cap=100_000,
        share_from=5000,
        last_days=350,
        last_share_from=1000,
    ),
]
EXAMPLES = POINTS[:1]


def found(world: World, place: int = 0) -> list[str]:
    """Visits that a point finds."""
    return visits_found(KIND, [POINTS[place]], world)


def paid(*payments: tuple[str, int], **known: str) -> World:
    """Bills of one person with the fund's payments, fen."""
    world = World()
    for day, fund in payments:
        world.visit("A", f"{day} 09:00", fund_pay_sumamt=fund, **known)
    return world


def test_the_bills_of_the_last_days_are_found() -> None:
    row, reason = only_row(KIND, POINTS[:1], paid(("2021-03-01", 120_000), ("2021-12-10", 60_000)))
    assert (row.mdtrt_id, row.amount, row.finding_key) == ("M00002", 80_000, f"A:2021:{HOSPITAL}")
    assert reason == "2021年基金已付1,800.00元，接近封顶线2,000.00元，其中最后30天付600.00元"


def test_a_fen_below_the_share_is_clean() -> None:
    assert found(paid(("2021-03-01", 119_999), ("2021-12-10", 60_000))) == []


def test_the_second_of_december_is_the_first_of_thirty_last_days() -> None:
    assert found(paid(("2021-03-01", 120_000), ("2021-12-02", 60_000))) == ["M00002"]
    assert found(paid(("2021-03-01", 120_000), ("2021-12-01", 60_000))) == []


def test_who_was_near_the_cap_long_before_is_clean() -> None:
    assert found(paid(("2021-03-01", 160_000), ("2021-12-10", 30_000))) == []


def test_years_and_insurances_are_kept_apart() -> None:
    assert found(paid(("2020-12-10", 120_000), ("2021-12-10", 60_000))) == []
    assert found(paid(("2021-03-01", 120_000), ("2021-12-10", 60_000), insutype="310")) == []


def test_both_ways_agree_on_any_world() -> None:
    agree_on_any_world(KIND, POINTS, 4)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_examples_break_the_point_or_stay_clean(place: int) -> None:
    assert_examples_hold(KIND, EXAMPLES[place], examples, field="psn_no")

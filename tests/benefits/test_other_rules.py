"""Allowance, premium, financing, waiting: the rules that settle no bill."""

import datetime

import pytest

from tests.benefits.packs import pack_of
from yibao.benefits import Facts, financing_shares, maternity_allowance, maternity_days, premium, waiting_months
from yibao.benefits.other_rules import MissingRule

DAY = datetime.date(2024, 1, 1)
BASIC = "basic: {title: 统筹, base: [in_scope]}"


@pytest.mark.parametrize(
    ("wage", "days", "expected"), [(800_000, 98, 2_613_333), (600_000, 98, 1_960_000), (500_000, 113, 1_883_333)]
)
def test_maternity_allowance_is_wage_times_days_over_thirty(wage: int, days: int, expected: int) -> None:
    """SY02, SY03, SY05。"""
    assert maternity_allowance(pack_of(BASIC, "maternity_allowance: {days: 98}"), wage, days) == expected


def test_dividing_first_rounds_the_daily_amount() -> None:
    pack = pack_of(BASIC, "maternity_allowance: {days: 98, order: daily_first}")
    assert maternity_allowance(pack, 800_000, 98) == 26_667 * 98


def test_maternity_days_grow_with_a_difficult_birth_and_each_further_child() -> None:
    """国家 98 天，难产 +15，多胎每多一个 +15。"""
    pack = pack_of(
        BASIC,
        """
        maternity_allowance:
          days:
            - is: 98
              adjust: [{when: {delivery: [difficult, caesarean]}, add: 15}, {each: fetuses, after: 1, add: 15}]
        """,
    )
    births = [("natural", 1), ("difficult", 1), ("natural", 3)]
    assert [maternity_days(pack, Facts(delivery=kind, fetuses=count), DAY) for kind, count in births] == [98, 113, 128]


def test_premium_subsidy_by_group() -> None:
    """ZZ01 (黄石): 380 × 90% = 342，个人 38。"""
    pack = pack_of(
        BASIC,
        "premium: {personal: 380, fiscal: 640, subsidy_percent: [{rows: [{when: {tags: 低保}, is: 90}, {is: 0}]}]}",
    )
    assert premium(pack, Facts(tags=frozenset(["低保"])), DAY) == (38_000, 34_200, 3_800, 64_000)
    assert premium(pack, Facts(), DAY).personal == 38_000


def test_financing_shares_add_up_to_the_whole() -> None:
    """CZ01 (淮北): 350 与 610 → 36.46% 与 63.54%。"""
    assert financing_shares(35_000, 61_000) == (3_646, 6_354)


def test_waiting_grows_with_the_gap_and_is_repaired_down_to_a_floor() -> None:
    """DD01: 3 + 1 = 4；DD03: 3 + 5 = 8，修复 2 年后不少于 6。"""
    rule = "waiting: {fixed: 3, per_break_year: 1, repaired_per_year: 1, long_break_years: 4, long_break_floor: 6}"
    pack = pack_of(BASIC, rule)
    assert [waiting_months(pack, *it) for it in ((0, 0), (1, 0), (5, 0), (5, 2), (5, 5), (2, 2))] == [3, 4, 8, 6, 6, 3]


def test_a_rule_that_the_pack_does_not_have_is_named() -> None:
    with pytest.raises(MissingRule, match="waiting"):
        waiting_months(pack_of(BASIC), 1)

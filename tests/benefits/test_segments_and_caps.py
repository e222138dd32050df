"""Ratios, segments, caps and what goes over: calculation-order.md sections 1 and 2."""
# ruff: noqa: E501  (the YAML of one layer reads best on one line)

import datetime

import pytest

from tests.benefits.packs import Person, layer, pack_of, paid, yuan
from yibao.benefits import Outcome

SEGMENTS = "percent: [{is: [{to: 10000, percent: 80}, {to: 30000, percent: 85}, {percent: 90}]}]"
RATIOS = """
parameters:
  ratio:
    values:
      - rows: [{when: {level: 1}, is: 90}, {when: {level: 2}, is: 80}, {is: 70}]
        adjust: [{when: {status: retired}, add_points: 5}]
"""


def basic(terms: str, *more: str) -> Person:
    return Person(pack_of(f"basic: {{title: 统筹, base: [in_scope], {terms}}}", *more))


def test_ratio_by_level_with_five_points_more_for_the_retired() -> None:
    person = basic("percent: ratio", RATIOS)
    assert paid(person.pay(100, level=2, status="working")) == [8_000]
    assert paid(person.pay(100, level=3, status="retired")) == [7_500]


def test_ratio_with_additions_never_exceeds_the_whole() -> None:
    adjust = "[{each: age, after: 40, every: 10, add_points: 2}]"
    person = basic("percent: ratio", f"parameters: {{ratio: {{values: [{{is: 92, adjust: {adjust}}}]}}}}")
    assert [paid(person.pay(100, age=age))[0] for age in (49, 50, 69, 99)] == [9_200, 9_400, 9_600, 10_000]


def test_segments_on_the_gross_let_the_deductible_eat_into_the_first() -> None:
    """ZY09: (10000−400)×80% + (30000−10000)×85%。"""
    outcome = basic(f"deductible: 400, {SEGMENTS}").pay(30_000)
    assert paid(outcome) == [768_000 + 1_700_000]


def test_segments_on_the_excess_start_above_the_deductible() -> None:
    outcome = basic(f"deductible: 400, measured: excess, {SEGMENTS}").pay(30_400)
    assert paid(outcome) == [800_000 + 1_700_000]


def test_deductible_larger_than_the_first_segment_reaches_into_the_second() -> None:
    outcome = basic(f"deductible: 12000, {SEGMENTS}").pay(30_000)
    assert paid(outcome) == [yuan(18_000 * 0.85)]


def test_cap_on_payment_sends_the_fees_beyond_cap_divided_by_ratio_to_the_next_layer() -> None:
    """ML06 口径复算 ML21 的题：(573400 − 418000÷0.8)×95% = 48355.00。"""
    pack = pack_of(
        """
        basic: {title: 统筹, base: [in_scope], deductible: 1600, percent: 80, caps: [{limit: 418000, overflow: fees}]}
        large: {title: 大额, base: [basic.over_cap], percent: 95}
        """
    )
    outcome = Person(pack).pay(575_000, portions={"full_self_pay": yuan(10_000), "prepay": yuan(15_000)})
    assert paid(outcome) == [yuan(418_000), yuan(48_355)]


def test_cap_on_payment_may_send_only_the_missing_payment_to_the_next_layer() -> None:
    """ML21: (458720 − 418000)×95% = 38684。"""
    pack = pack_of(
        """
        basic: {title: 统筹, base: [in_scope], deductible: 1600, percent: 80, caps: [{limit: 418000, overflow: payment}]}
        large: {title: 大额, base: [basic.over_cap], percent: 95}
        """
    )
    outcome = Person(pack).pay(575_000, portions={"full_self_pay": yuan(10_000), "prepay": yuan(15_000)})
    assert paid(outcome) == [yuan(418_000), yuan(38_684)]
    assert layer(outcome, "basic").copay == yuan(573_400 - 458_720)


def test_cap_divided_by_a_ratio_that_does_not_divide_is_rounded_to_the_fen() -> None:
    outcome = basic("deductible: 1200, percent: 91, caps: [{limit: 65000}]").pay(101_200)
    assert layer(outcome, "basic").over_cap == yuan(100_000) - 7_142_857


def test_cap_reached_inside_a_later_segment_counts_fees_from_there() -> None:
    outcome = basic(f"{SEGMENTS}, caps: [{{limit: 16500}}]").pay(50_000)
    # 10000 × 80 % = 8000, then 10000 × 85 % = 8500: reached at fees of 20000
    assert layer(outcome, "basic").over_cap == yuan(30_000)


def test_cap_on_fees_limits_what_is_multiplied() -> None:
    """MB02 口径：月费用限额 300，(600−500 目录外)×70%；超出部分不乘。"""
    outcome = basic("percent: 70, caps: [{limit: 300, counts: fees, period: month}]").pay(500)
    assert (paid(outcome), layer(outcome, "basic").over_cap) == ([21_000], 20_000)


def test_cap_on_fees_with_deductible_hands_the_next_range_to_another_fund() -> None:
    """天津：≤12 万 85%，12–45 万 80%（ML09）。"""
    pack = pack_of(
        """
        basic: {title: 统筹, base: [in_scope], deductible: 1700, percent: 85, caps: [{limit: 120000, counts: fees_with_deductible}]}
        large: {title: 大额, base: [basic.over_cap], percent: 80, caps: [{limit: 330000, counts: fees}]}
        """
    )
    outcome = Person(pack).pay(500_000)
    assert paid(outcome) == [yuan(118_300 * 0.85), yuan(330_000 * 0.8)]
    assert layer(outcome, "large").over_cap == yuan(50_000)


def test_yearly_cap_is_used_up_over_visits_and_starts_again_next_year() -> None:
    person = basic("percent: 50, caps: [{limit: 1000}]")
    assert [paid(person.pay(900))[0] for _ in range(3)] == [45_000, 45_000, 10_000]
    assert paid(person.pay(900, day=datetime.date(2025, 1, 1))) == [45_000]


def test_cap_per_visit_does_not_accumulate() -> None:
    person = basic("percent: 50, caps: [{limit: 400, period: visit}]")
    assert [paid(person.pay(900))[0] for _ in range(2)] == [40_000, 40_000]


def test_daily_cap_is_multiplied_by_the_days_of_the_stay() -> None:
    person = basic("caps: [{limit: 150, period: day}]")
    assert paid(person.pay(2_000, days=10)) == [150_000]


def test_daily_cap_outside_a_stay_is_counted_over_the_bills_of_the_day() -> None:
    person = basic("caps: [{limit: 150, period: day, by_disease: true}]")
    first, second = datetime.date(2024, 5, 1), datetime.date(2024, 5, 2)
    bills = [("M01", first), ("M01", first), ("M02", first), ("M01", second)]
    assert [paid(person.pay(100, day=day, disease=it, care="chronic"))[0] for it, day in bills] == [
        10_000,
        5_000,
        10_000,
        10_000,
    ]


def test_daily_cap_over_the_bills_of_one_stay_follows_the_days_so_far() -> None:
    person = basic("caps: [{limit: 150, period: day}]")
    assert [paid(person.pay(2_000, days=days, stay="Z1"))[0] // 100 for days in (10, 12)] == [1_500, 300]


def test_monthly_limit_is_counted_for_each_disease_apart() -> None:
    rows = "[{when: {disease: M01}, is: 300}, {is: 100}]"
    person = basic(
        "percent: 70, caps: [{limit: limits, counts: fees, period: month, by_disease: true}]",
        f"parameters: {{limits: {{values: [{{rows: {rows}}}]}}}}",
    )
    bills = [("M01", 200, 5), ("M02", 200, 5), ("M01", 200, 5), ("M01", 200, 6)]
    found = [
        paid(person.pay(amount, disease=disease, day=datetime.date(2024, month, 9)))[0]
        for disease, amount, month in bills
    ]
    assert found == [14_000, 7_000, 7_000, 14_000]


def test_pool_is_shared_by_layers_of_different_kinds_of_care() -> None:
    pack = pack_of(
        """
        chronic: {title: 慢特病, when: {care: chronic}, base: [in_scope], caps: [{limit: 1000, pool: resident_year}]}
        basic: {title: 住院, when: {care: inpatient}, base: [in_scope], caps: [{limit: 1000, pool: resident_year}]}
        """
    )
    person = Person(pack)
    assert paid(person.pay(700, care="chronic")) == [70_000]
    assert paid(person.pay(700)) == [30_000]
    assert person.accumulators["2024:pool:resident_year"] == 100_000


def test_several_caps_hold_at_once_and_the_tightest_binds() -> None:
    person = basic("percent: 100, caps: [{limit: 500, period: visit}, {limit: 800}]")
    assert [paid(person.pay(900))[0] for _ in range(2)] == [50_000, 30_000]


def test_more_diseases_raise_the_limit_up_to_a_maximum() -> None:
    """芜湖无为：一种 3000，每多一种 +300，最高 4500。"""
    adjust = "[{each: disease_count, after: 1, add: 300, at_most: 4500}]"
    person = basic(
        "caps: [{limit: limit, period: visit}]", f"parameters: {{limit: {{values: [{{is: 3000, adjust: {adjust}}}]}}}}"
    )
    assert [paid(person.pay(9_000, disease_count=count))[0] // 100 for count in (1, 2, 7)] == [3_000, 3_300, 4_500]


def test_continuous_insurance_raises_the_cap_by_at_most_a_fifth() -> None:
    """江西：满 4 年后每年 +3000，零报销次年 +3000，累计不超过原封顶 20%。"""
    adjust = (
        "[{each: insured_years, after: 4, add: 3000, at_most_of_original: 120},"
        " {each: zero_claim_years, add: 3000, at_most_of_original: 120}]"
    )
    person = basic(
        "caps: [{limit: cap, period: visit}]", f"parameters: {{cap: {{values: [{{is: 100000, adjust: {adjust}}}]}}}}"
    )
    years = [(4, 0), (6, 1), (30, 30)]
    found = [paid(person.pay(900_000, insured_years=a, zero_claim_years=b))[0] // 100 for a, b in years]
    assert found == [100_000, 109_000, 120_000]


def test_unlimited_removes_a_cap_for_a_group() -> None:
    person = basic(
        "caps: [{limit: cap}]",
        "parameters: {cap: {values: [{is: 1000, adjust: [{when: {tags: 低保}, unlimited: true}]}]}}",
    )
    assert paid(person.pay(5_000, tags=frozenset(["低保"]))) == [yuan(5_000)]


def test_fixed_maternity_amount_pays_at_most_the_bill() -> None:
    pack = pack_of(
        "maternity: {title: 生育, base: [in_scope], fixed: amounts}",
        "parameters: {amounts: {values: [{rows: [{when: {delivery: caesarean}, is: 2400}, {is: 1600}]}]}}",
    )
    person = Person(pack, care="maternity_inpatient")
    assert paid(person.pay(5_000, delivery="caesarean")) == [yuan(2_400)]
    assert paid(person.pay(5_000, delivery="natural")) == [yuan(1_600)]
    assert paid(person.pay(1_000, delivery="natural")) == [yuan(1_000)]


def test_maternity_limit_counts_the_bills_of_one_pregnancy_within_a_pool() -> None:
    pack = pack_of("prenatal: {title: 产前检查, base: [in_scope], percent: 50, caps: [{limit: 300, pool: prenatal}]}")
    person = Person(pack, care="maternity_outpatient")
    assert [paid(person.pay(400))[0] for _ in range(2)] == [20_000, 10_000]


def test_yearly_segments_follow_the_total_of_all_visits() -> None:
    """ZY27: 0–500 不报，500–10000 70%，10000 以上 80%，12000 → 8250。"""
    person = basic("within: year, percent: [{is: [{to: 500, percent: 0}, {to: 10000, percent: 70}, {percent: 80}]}]")
    found = [paid(person.pay(amount))[0] for amount in (3_000, 6_000, 3_000)]
    assert found[0] == yuan(1_750)
    assert sum(found) == yuan(8_250)


def test_parameters_change_on_their_day() -> None:
    person = basic(
        "percent: [{from: 2023-01-01, to: 2024-05-31, is: 60}, {from: 2024-06-01, is: 65}]",
    )
    assert paid(person.pay(100, day=datetime.date(2024, 5, 31))) == [6_000]
    assert paid(person.pay(100, day=datetime.date(2024, 6, 1))) == [6_500]


def test_layer_and_scheme_may_begin_on_a_day() -> None:
    pack = pack_of(
        """
        basic: {title: 统筹, base: [in_scope], percent: 50}
        second: {title: 二次, from: 2024-06-01, base: [basic.copay], percent: 50}
        """,
        """
        schemes:
          - {name: 新, from: 2024-01-01, when: {}, layers: [basic, second]}
          - {name: 旧, to: 2023-12-31, when: {}, layers: [basic]}
        """,
    )
    person = Person(pack)
    days = [datetime.date(2023, 12, 31), datetime.date(2024, 5, 31), datetime.date(2024, 6, 1)]
    found = [person.pay(100, day=day) for day in days]
    assert [it.scheme for it in found] == ["旧", "新", "新"]
    assert [paid(it) for it in found] == [[5_000], [5_000], [5_000, 2_500]]


def test_day_without_a_value_is_refused_with_the_name_of_the_parameter() -> None:
    person = basic("percent: [{from: 2023-01-01, is: 60}]")
    outcome = person.pay(100, day=datetime.date(2022, 12, 31))
    assert outcome.refusal is not None
    assert outcome.refusal.code == "policy_gap"
    assert "percent" in outcome.refusal.text


@pytest.mark.parametrize("percent", [0, 33, 50, 100])
def test_what_a_layer_does_not_pay_is_its_copayment(percent: int) -> None:
    outcome: Outcome = basic(f"percent: {percent}").pay(100.01)
    result = layer(outcome, "basic")
    assert result.paid + result.copay == 10_001

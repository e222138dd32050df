"""Bases, split of a month, late fees: pure rules over integers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yibao.core.config import ConfigurationError
from yibao.core.errors import Refused
from yibao.core.months import plus_months
from yibao.population.employees.arrears import LateFee, due_day, late_fee
from yibao.population.employees.bases import BaseLimits, base_limits, basis_points, money_of
from yibao.population.employees.split import (
    LargeAmount,
    Premium,
    PremiumRates,
    premium_rates,
    split_flexible,
    split_retired,
    split_wages,
)
from yibao.population.rules import Parameter, Rules, Value, rules_of

MAY = date(2024, 5, 1)
CITIES = ("340600", "421300", "520600", "360400")
RATES = PremiumRates(600, 200, 200, 50, 800, 200, LargeAmount(1200, 0, "account", "account"), ((0, 6400), (70, 7000)))

bases = st.integers(1, 10**8)
premiums = st.builds(
    LargeAmount, st.integers(0, 5000), st.integers(0, 100), st.sampled_from(["account", "person", "employer"])
)
rates = st.builds(
    PremiumRates,
    employer=st.integers(0, 1500),
    person=st.integers(0, 500),
    account=st.integers(0, 2500),
    maternity=st.integers(0, 200),
    flexible=st.integers(0, 1500),
    flexible_account=st.integers(0, 2000),
    large_amount=premiums,
    retired=st.just(((0, 6400),)),
)


def parts_add_up(premium: Premium) -> bool:
    return premium.personal + premium.employer == (
        premium.pooled + premium.to_account + premium.serious - premium.account_charge
    )


@given(bases, rates)
def test_the_parts_of_an_employees_month_add_up_and_none_is_negative(base: int, rates: PremiumRates) -> None:
    premium = split_wages(base, rates)
    assert parts_add_up(premium)
    assert min(premium.personal, premium.employer, premium.pooled, premium.to_account) >= 0
    assert 0 <= premium.account_charge <= min(premium.serious, premium.to_account)
    assert premium.maternity <= premium.employer


@given(bases, rates)
def test_the_parts_of_a_flexible_workers_month_add_up_and_he_pays_them_all(base: int, rates: PremiumRates) -> None:
    premium = split_flexible(base, rates)
    assert parts_add_up(premium)
    assert premium.employer == 0
    assert min(premium.personal, premium.pooled, premium.to_account) >= 0


def test_since_2023_the_employers_part_is_all_pooled_and_the_own_two_percent_all_credited() -> None:
    premium = split_wages(500_000, premium_rates(rules_of("340600"), MAY))
    assert (premium.personal, premium.to_account) == (10_000, 10_000)
    assert (premium.employer, premium.pooled) == (30_000, 30_000)


def test_before_2023_part_of_the_employers_share_was_credited_too() -> None:
    premium = split_wages(500_000, premium_rates(rules_of("340600"), date(2022, 5, 1)))
    assert (premium.to_account, premium.pooled) == (19_000, 21_000)


def test_the_large_amount_premium_is_taken_from_the_account_and_not_paid_in_cash() -> None:
    premium = split_wages(500_000, RATES)
    assert (premium.personal, premium.serious, premium.account_charge) == (10_000, 1200, 1200)


def test_what_an_account_cannot_carry_of_the_large_amount_premium_is_paid_in_cash() -> None:
    premium = split_wages(30_000, RATES)
    assert (premium.to_account, premium.account_charge, premium.personal) == (600, 600, 600 + 600)


def test_a_share_is_rounded_half_up_to_the_fen() -> None:
    assert split_wages(400_025, RATES).personal == 8001  # 8000.5
    assert split_wages(400_024, RATES).personal == 8000


def test_a_retired_person_pays_nothing_and_is_credited_by_age() -> None:
    assert split_retired(RATES, 69) == Premium(0, 0, 0, 1200, 6400, 1200, 0)
    assert split_retired(RATES, 70).to_account == 7000
    assert split_retired(RATES, 70).pooled == -7000


@given(st.integers(0, 10**8))
def test_a_base_lies_within_its_limits(wage: int) -> None:
    limits = base_limits(rules_of("340600"), MAY)
    assert limits.lower <= limits.limited(wage) <= limits.upper
    assert limits.limited(wage) == wage or not limits.lower <= wage <= limits.upper


def test_the_limits_are_sixty_and_three_hundred_percent_of_the_average_wage() -> None:
    limits = base_limits(rules_of("340600"), MAY)
    assert (limits.lower * 100, limits.upper * 100) == (limits.average * 60, limits.average * 300)


def test_a_limit_is_rounded_half_up_to_the_unit_of_the_area() -> None:
    assert BaseLimits(700_149, 0, 1).percent_of_average(6000, 100) == 420_100


@pytest.mark.parametrize("admdvs", CITIES)
def test_every_city_has_all_rules_of_employees_and_says_which_are_unverified(admdvs: str) -> None:
    rules = rules_of(admdvs)
    for day in (date(2021, 1, 1), MAY, date(2026, 1, 1)):
        assert premium_rates(rules, day).person == 200
        assert base_limits(rules, day).lower < base_limits(rules, day).upper
        assert due_day(rules, day) >= day
    assert rules.value("average_monthly_wage", MAY).unverified


def test_a_decimal_of_a_rule_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="quotes"):
        basis_points(0.05, "late_fee")
    with pytest.raises(ConfigurationError, match="whole number"):
        basis_points("0.005", "late_fee")
    assert money_of("85.50", "retired_account") == 8550


def test_a_city_without_these_rules_is_refused_not_guessed() -> None:
    with pytest.raises(Refused) as refused:
        premium_rates(rules_of("110000"), MAY)
    assert refused.value.refusals[0].code == "P001"


def test_the_late_fee_is_five_ten_thousandths_a_day_from_the_day_after_the_due_day() -> None:
    fee = late_fee(rules_of("340600"), MAY)
    assert fee.of(100_000, date(2024, 5, 31), date(2024, 5, 31)) == 0
    assert fee.of(100_000, date(2024, 5, 31), date(2024, 6, 1)) == 50
    assert fee.of(100_000, date(2024, 5, 31), date(2024, 6, 30)) == 1500
    assert "第八十六条" in fee.clause


@pytest.mark.parametrize(
    ("months_after", "day", "month", "due"),
    [
        (0, 31, date(2024, 2, 1), date(2024, 2, 29)),
        (1, 15, date(2024, 1, 1), date(2024, 2, 15)),
        (1, 30, date(2024, 1, 1), date(2024, 2, 29)),
        (1, 1, date(2024, 12, 1), date(2025, 1, 1)),
    ],
)
def test_a_month_is_due_on_the_day_of_the_month_that_the_area_names(
    months_after: int, day: int, month: date, due: date
) -> None:
    value = Value({"months_after": months_after, "day": day})
    rules = Rules("340600", "某市", {"employee_due_day": Parameter("最后缴费日", (value,))}, {})
    assert due_day(rules, month) == due


@given(st.integers(0, 10**9), st.integers(0, 5000), st.integers(0, 5000))
def test_a_later_payment_never_costs_less(owed: int, days: int, more: int) -> None:
    fee, due = LateFee(5, ""), date(2020, 1, 31)
    sooner, later = due + timedelta(days), due + timedelta(days + more)
    assert fee.of(owed, due, sooner) <= fee.of(owed, due, later)


def test_months_are_added_across_years() -> None:
    assert plus_months(date(2024, 11, 30), 3) == date(2025, 2, 1)
    assert plus_months(date(2024, 1, 1), -1) == date(2023, 12, 1)

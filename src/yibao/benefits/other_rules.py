"""The rules of a pack that settle no bill: maternity allowance, premium, financing, waiting, family account.

Small pure functions over the pack's parameters; amounts fen, ratios basis points.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from yibao.benefits.facts import Facts
from yibao.benefits.pack import Pack
from yibao.benefits.value import Amount, Value
from yibao.core.money import BASIS_POINTS, divide_half_up, share_of

T = TypeVar("T")


class MissingRule(ValueError):
    """The pack has no such rule, or nothing in force for these facts on that day."""


def maternity_days(pack: Pack, facts: Facts, day: datetime.date) -> int:
    """Days of maternity allowance (生育津贴天数) for this delivery."""
    return _number(_rule(pack.maternity, "maternity_allowance")["days"], facts, day)


def maternity_allowance(pack: Pack, monthly_wage: int, days: int) -> int:
    """生育津贴: the employer's average monthly wage of last year ÷ 30 × days, in fen.

    `daily_first` rounds the daily amount to the fen before multiplying, `multiply_first` rounds once at the end.
    """
    rule = _rule(pack.maternity, "maternity_allowance")
    if rule["order"] == "daily_first":
        return divide_half_up(monthly_wage, rule["days_per_month"]) * days
    return divide_half_up(monthly_wage * days, rule["days_per_month"])


class Premium(NamedTuple):
    """A year's premium (参保缴费): the standard, what the subsidy carries, what the person pays, what finance adds."""

    standard: int
    subsidy: int
    personal: int
    fiscal: int


def premium(pack: Pack, facts: Facts, day: datetime.date) -> Premium:
    """The premium of a person and the classified subsidy (分类资助参保)."""
    rule = _rule(pack.premium, "premium")
    standard = _number(rule["personal"], facts, day)
    fiscal = _number(rule["fiscal"], facts, day) if "fiscal" in rule else 0
    ratio = _percent(rule["subsidy_percent"], facts, day) if "subsidy_percent" in rule else 0
    subsidy = share_of(standard, ratio)
    return Premium(standard, subsidy, standard - subsidy, fiscal)


def financing_shares(personal: int, fiscal: int) -> tuple[int, int]:
    """Share of the person and of public finance in the premium (筹资结构), basis points that add up to 10,000."""
    mine = divide_half_up(personal * BASIS_POINTS, personal + fiscal)
    return mine, BASIS_POINTS - mine


def waiting_months(pack: Pack, break_years: int, repaired_years: int = 0) -> int:
    """Months before benefits begin after a gap (待遇等待期): fixed + per year of gap − repaired, with its floor."""
    rule = _rule(pack.waiting, "waiting")
    months: int = rule["fixed"] + break_years * rule.get("per_break_year", 0)
    months = max(rule["fixed"], months - repaired_years * rule.get("repaired_per_year", 1))
    long_break = rule.get("long_break_years", 0)
    return max(months, rule.get("long_break_floor", 0)) if long_break and break_years >= long_break else months


def family_draw(pack: Pack, amount: int, members: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Who of the bound family members pays how much of `amount` (家庭共济): (member, balance) → (member, fen)."""
    draws = []
    for member, balance in _family_order(pack, members):
        if amount > 0 and balance > 0:
            draws.append((member, min(amount, balance)))
            amount -= draws[-1][1]
    return draws


def family_balance(pack: Pack, members: Sequence[tuple[str, int]]) -> int:
    """What the family can pay in one settlement: the balance to give to `evaluate` as "family"."""
    return sum(max(0, balance) for _, balance in _family_order(pack, members))


def _family_order(pack: Pack, members: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    able = [member for member in members if member[1] > 0]
    if pack.family_order == "largest_balance_first":
        able.sort(key=lambda member: -member[1])
    return able[:1] if pack.family_one_only else able


def _rule(rule: Mapping[str, T], name: str) -> Mapping[str, T]:
    if not rule:
        raise MissingRule(f"the pack has no `{name}`")
    return rule


def _number(value: Value, facts: Facts, day: datetime.date) -> int:
    amount = _amount(value, facts, day)
    if not isinstance(amount, int):
        raise MissingRule(f"{value.title} is no plain number")
    return amount


def _percent(value: Value, facts: Facts, day: datetime.date) -> int:
    amount = _amount(value, facts, day)
    if not isinstance(amount, tuple):
        raise MissingRule(f"{value.title} is no percent")
    return amount[0][1]


def _amount(value: Value, facts: Facts, day: datetime.date) -> Amount:
    resolved = value.on(facts.by_name(), day)
    if resolved is None:
        raise MissingRule(f"{value.title}: nothing in force for these facts on {day}")
    return resolved.amount

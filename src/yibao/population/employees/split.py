"""What a month's base becomes (费率与划账): employer's and person's part, large-amount premium, personal account.

    rates = premium_rates(rules, month)          the area's rates of a month
    split_wages(base, rates)                     an employee (单位职工)
    split_flexible(base, rates)                  a flexible worker (灵活就业人员), who pays everything himself
    split_retired(rates, age)                    a retired person (退休人员), for whom nothing is paid

Every share is rounded half-up to the fen once, on the base. What is left after the personal account and the
large-amount premium (大额医疗费用补助, 职工大病保险) is the pooled fund's, so the parts always add up:
personal + employer = pooled + to_account + serious − account_charge. Pure; fen and basis points.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.core.money import share_of
from yibao.population.employees.bases import basis_points, money_of
from yibao.population.rules import Rules

EMPLOYEE, FLEXIBLE = "employee_premium", "flexible_premium"
LARGE_AMOUNT, RETIRED = "large_amount_premium", "retired_account"
ACCOUNT, PERSON, EMPLOYER = "account", "person", "employer"


@dataclass(frozen=True, slots=True)
class LargeAmount:
    """The large-amount premium of a month: `monthly` fen plus `ratio` of the base; `paid_by` account, person, employer.

    Paid by the account (个人账户冲抵) it is taken from what the month credits, so nobody pays it in cash.
    `retired_by` is "account" or "" where the retired pay none.
    """

    monthly: int = 0
    ratio: int = 0
    paid_by: str = ACCOUNT
    retired_by: str = ""

    def of(self, base: int) -> int:
        return self.monthly + share_of(base, self.ratio)


@dataclass(frozen=True, slots=True)
class PremiumRates:
    """Shares of the base in basis points; `retired` gives the monthly credit in fen from an age on."""

    employer: int
    person: int
    account: int
    maternity: int
    flexible: int
    flexible_account: int
    large_amount: LargeAmount
    retired: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Premium:
    """One person's month in fen; field names as in population.contribution.

    `maternity` (生育) lies within `employer` and goes to the pooled fund with it (国办发〔2019〕10号); `serious` is the
    large-amount premium, of which `account_charge` is taken from the personal account when `to_account` is credited.
    """

    base: int
    personal: int
    employer: int
    serious: int
    to_account: int
    account_charge: int
    maternity: int

    @property
    def pooled(self) -> int:
        """What the pooled fund gets; negative where it pays a retired person's credit."""
        return self.personal + self.employer - self.to_account - (self.serious - self.account_charge)


def premium_rates(rules: Rules, month: date) -> PremiumRates:
    """The area's rates on the first day of `month`; `Refused` P001 when it has none."""
    employee, flexible = rules.on(EMPLOYEE, month), rules.on(FLEXIBLE, month)
    return PremiumRates(
        employer=basis_points(employee["employer"], EMPLOYEE),
        person=basis_points(employee["person"], EMPLOYEE),
        account=basis_points(employee["account"], EMPLOYEE),
        maternity=basis_points(employee.get("maternity", 0), EMPLOYEE),
        flexible=basis_points(flexible["total"], FLEXIBLE),
        flexible_account=basis_points(flexible.get("account", 0), FLEXIBLE),
        large_amount=_large_amount(rules.on(LARGE_AMOUNT, month)),
        retired=_retired(rules.on(RETIRED, month)),
    )


def split_wages(base: int, rates: PremiumRates) -> Premium:
    """An employee's month on a base of `base` fen."""
    own, part = share_of(base, rates.person), share_of(base, rates.employer)
    credit = min(share_of(base, rates.account), own + part)
    premium = rates.large_amount.of(base)
    by = rates.large_amount.paid_by
    charge = min(premium, credit) if by == ACCOUNT else 0
    return Premium(
        base=base,
        personal=own + (premium if by == PERSON else premium - charge if by == ACCOUNT else 0),
        employer=part + (premium if by == EMPLOYER else 0),
        serious=premium,
        to_account=credit,
        account_charge=charge,
        maternity=min(share_of(base, rates.maternity), part),
    )


def split_flexible(base: int, rates: PremiumRates) -> Premium:
    """A flexible worker's month: he pays the whole share, and the large-amount premium where no account can."""
    own = share_of(base, rates.flexible)
    credit = min(share_of(base, rates.flexible_account), own)
    premium = rates.large_amount.of(base)
    charge = min(premium, credit) if rates.large_amount.paid_by == ACCOUNT else 0
    return Premium(base, own + premium - charge, 0, premium, credit, charge, 0)


def split_retired(rates: PremiumRates, age: int) -> Premium:
    """A retired person's month: nothing is paid, the pooled fund credits the account by age."""
    credit = max((amount for from_age, amount in rates.retired if age >= from_age), default=0)
    charge = min(rates.large_amount.monthly, credit) if rates.large_amount.retired_by == ACCOUNT else 0
    return Premium(0, 0, 0, charge, credit, charge, 0)


def _large_amount(rule: dict[str, Any]) -> LargeAmount:
    return LargeAmount(
        money_of(rule.get("monthly", 0), LARGE_AMOUNT),
        basis_points(rule.get("percent", 0), LARGE_AMOUNT),
        rule["paid_by"],
        rule.get("retired_by", ""),
    )


def _retired(rule: list[dict[str, Any]]) -> tuple[tuple[int, int], ...]:
    """Steps of age: a fixed monthly amount, or a percent of the area's average pension at the reform (改革当年)."""
    return tuple((step.get("from_age", 0), _credit(step)) for step in rule)


def _credit(step: dict[str, Any]) -> int:
    if "monthly" in step:
        return money_of(step["monthly"], RETIRED)
    return share_of(money_of(step["average_pension"], RETIRED), basis_points(step["percent"], RETIRED))

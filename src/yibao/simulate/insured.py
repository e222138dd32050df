"""Who is insured how (参保情况): employee, resident, in another city, not at all; with kind of person and money.

First the employees by age, sex and town or country, then those whom another city insures, then the residents:
of those who should enrol nearly all do, a little more or less from village to village.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from yibao.simulate import model
from yibao.simulate.draws import Draws, amounts, happens
from yibao.simulate.model import EMPLOYEE, MALE, RESIDENT, UNINSURED, Ints
from yibao.simulate.plan import InsurancePlan, MoneyPlan, PeoplePlan, by_age

EPOCH = date(1970, 1, 1).toordinal()
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Insured:
    """Columns of `People` of the same names; `flexible` marks employees without an employer."""

    insurance: Ints
    elsewhere: Flags
    psn_type: Ints
    flexible: Flags
    base: Ints
    balance: Ints
    years: Ints
    enrolled_on: Ints


def draw_insurance(
    plan: PeoplePlan, urban: Flags, village: Ints, age: Ints, sex: Ints, birth: Ints, year: int, draws: Draws
) -> Insured:
    """Insurance of everybody; ages at the end of the year."""
    rules, count = plan.insurance, len(age)
    employee, elsewhere, resident = _kinds(rules, urban, village, age, sex, draws)
    insurance = np.where(employee, EMPLOYEE, np.where(resident, RESIDENT, UNINSURED)).astype(np.int16)
    retired = employee & (age >= np.where(sex == MALE, rules.retirement.men, rules.retirement.women))
    working = employee & ~retired
    base, balance = _money(plan.money, employee, working, draws)
    first_day = date(year, 1, 1).toordinal() - EPOCH
    return Insured(
        insurance=insurance,
        elsewhere=elsewhere,
        psn_type=_psn_types(rules, working, retired, age, draws),
        flexible=working & happens(rules.flexible, count, draws.stream("flexible")),
        base=base,
        balance=balance,
        years=_years(rules, insurance, age, year, draws),
        enrolled_on=np.where(insurance == UNINSURED, -1, np.maximum(first_day, birth)).astype(np.int32),
    )


def _kinds(
    rules: InsurancePlan, urban: Flags, village: Ints, age: Ints, sex: Ints, draws: Draws
) -> tuple[Flags, Flags, Flags]:
    """Employees, insured elsewhere, enrolled residents; no two at once."""
    draw, count = draws.stream("insurance"), len(age)
    column = np.where(urban, 0, 2) + np.where(sex == MALE, 0, 1)
    employee = happens(by_age(rules.employee)[age, column], count, draw)
    elsewhere = ~employee & happens(by_age(rules.elsewhere)[age, 0], count, draw)
    villages = np.rint(draw.normal(0, rules.village_spread, int(village.max()) + 1)).astype(np.int64)
    resident = happens(by_age(rules.resident)[age, 0] + villages[village], count, draw)
    return employee, elsewhere, ~employee & ~elsewhere & resident


def _psn_types(rules: InsurancePlan, working: Flags, retired: Flags, age: Ints, draws: Draws) -> Ints:
    """Kind of person by insurance and age; places in `PSN_TYPES`."""
    student = happens(rules.university, len(age), draws.stream("university"))
    kinds = [
        (working, model.WORKING), (retired, model.RETIRED), (age < 1, model.NEWBORN), (age < 6, model.CHILD),
        (age < 18, model.PUPIL), ((age < 22) & student, model.STUDENT), (age < 60, model.ADULT),
    ]  # fmt: skip
    chosen = np.select([where for where, _ in kinds], [kind for _, kind in kinds], default=model.ELDERLY)
    return chosen.astype(np.int8)


def _money(plan: MoneyPlan, employee: Flags, working: Flags, draws: Draws) -> tuple[Ints, Ints]:
    """Contribution base of a month in whole yuan, and balance of the personal account (-1 none), both in fen."""
    draw, count = draws.stream("money"), len(employee)
    base = np.clip(amounts(plan.base.median, plan.base.spread / 1000, count, draw), plan.base.least, plan.base.most)
    medians = np.where(working, plan.balance.working, plan.balance.retired)
    balance = amounts(medians, plan.balance.spread / 1000, count, draw, least=0)
    return (
        np.where(working, base // 100 * 100, 0).astype(np.int32),
        np.where(employee, np.minimum(balance, plan.balance.most), -1).astype(np.int32),
    )


def _years(rules: InsurancePlan, insurance: Ints, age: Ints, year: int, draws: Draws) -> Ints:
    """Insured years without a gap before this one: as many as were possible, unless one was missed."""
    possible = np.minimum(age, year - rules.years.since)
    unbroken = draws.stream("years").geometric(1 - rules.years.keep / 10_000, len(age)) - 1
    return np.where(insurance == UNINSURED, 0, np.minimum(possible, unbroken)).astype(np.int8)

"""What a made-up city's people have paid for the year (缴费): residents once, employees every month. Amounts in fen.

Residents pay in the collection window of their area, newborn within the days of grace; what they owe is decided by the
policy pack once for every combination of kind of person and tags. When the next year is already collected for, who has
not paid by the day of loading owes it. Employees' months are split as everybody's are.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from yibao.benefits import Facts, premium
from yibao.benefits.book import PackBook
from yibao.benefits.national import status_of
from yibao.population.contributions.windows import Calendar, calendar
from yibao.population.employees.bases import base_limits
from yibao.population.employees.split import Premium, PremiumRates, premium_rates, split_flexible, split_wages
from yibao.population.rules import rules_of
from yibao.simulate.copying import constant, days
from yibao.simulate.draws import Draws
from yibao.simulate.load_people import numbers_of
from yibao.simulate.model import PSN_TYPES, TAGS, City, Ints
from yibao.simulate.people import day_number

RESIDENT_INCOME = "resident.contributions"
AMOUNTS = ("base", "personal", "employer", "subsidy", "fiscal", "serious", "to_account", "account_charge", "maternity")
CREDITED = "taken_over"
"""In place of a crediting run: what the months credited is in the balances that the accounts open with."""
PAYDAY = 20
"""Day of the month by which employers have paid."""


@dataclass(frozen=True, slots=True)
class Contributions:
    """Contributions of persons in `places`, ascending, for one period; amounts fen by column.

    `paid_on` is in days since 1970, -1 for what is due and not paid.
    """

    places: Ints
    insutype: str
    category: Any
    kind: Any
    first: date
    last: date
    paid_on: Ints
    amounts: dict[str, Ints]
    employer: Ints
    incomes: dict[str, Ints] = field(default_factory=dict)

    def columns(self, city: City) -> dict[str, Any]:
        """Rows of population.contribution."""
        count, works = len(self.places), self.employer >= 0
        numbers = np.char.add("E", city.employers.emp_no) if works.any() else np.array([""])
        return {
            "psn_no": numbers_of(self.places),
            "insutype": constant(self.insutype, count),
            "category": self.category,
            "kind": self.kind,
            "period_from": constant(self.first, count),
            "period_to": constant(self.last, count),
            "emp_no": pa.array(np.where(works, numbers[np.where(works, self.employer, 0)], ""), mask=~works),
            **{name: self.amounts.get(name, np.zeros(count, np.int64)) for name in AMOUNTS},
            "status": np.where(self.paid_on >= 0, "paid", "due"),
            "paid_on": days(self.paid_on, self.paid_on >= 0),
            "credited_run": pa.array([CREDITED if "to_account" in self.amounts else None] * count, pa.string()),
        }

    def received(self) -> dict[str, int]:
        """What was paid, by income account."""
        return {account: int(amounts[self.paid_on >= 0].sum()) for account, amounts in self.incomes.items()}


def day_of(number: int) -> date:
    """The date of a day number."""
    found: date = np.datetime64(number, "D").item()
    return found


def resident_years(city: City, packs: PackBook, places: Ints, as_of: date) -> list[Contributions]:
    """The premium of the city's year and, once it is collected for, of the next one."""
    following = calendar(rules_of(city.code), city.year + 1)
    died = city.people.died[places]
    alive = places[(died < 0) | (died > day_number(as_of))]
    years = [_resident_year(city, packs, places, as_of, calendar(rules_of(city.code), city.year))]
    return years + ([_resident_year(city, packs, alive, as_of, following)] if as_of >= following.opens else [])


def _resident_year(city: City, packs: PackBook, places: Ints, as_of: date, year: Calendar) -> Contributions:
    """What enrolled residents have paid or owe for one year."""
    newborn = city.people.birth[places] >= day_number(date(year.year, 1, 1))
    amounts = _resident_amounts(city, packs, places, year.year)
    paid_on = np.where(amounts["personal"] > 0, _paid_on(city, places, newborn, as_of, year), day_number(year.opens))
    paid_on = np.maximum(paid_on, city.people.birth[places])
    return Contributions(
        places=places,
        insutype="390",
        category=constant("resident", len(places)),
        kind=np.where(newborn, "midyear", "normal"),
        first=date(year.year, 1, 1),
        last=date(year.year, 12, 31),
        paid_on=np.where(paid_on <= day_number(as_of), paid_on, -1),
        amounts=amounts,
        employer=np.full(len(places), -1),
        incomes={RESIDENT_INCOME: amounts["personal"]},
    )


def _paid_on(city: City, places: Ints, newborn: Any, as_of: date, year: Calendar) -> Ints:
    """A day of the window, more of them towards its end; for newborn of the year one of the first 60 days of life."""
    luck = Draws(city.seed).stream("paid", year.year).random(len(city.people))[places]
    opens, closes = day_number(year.opens), day_number(year.closes)
    in_window = opens + np.floor((1 - (1 - luck) ** 2) * (closes - opens + 1)).astype(np.int64)
    after_birth = city.people.birth[places] + np.floor(luck * min(year.newborn_days, 60)).astype(np.int64)
    return np.where(newborn, np.minimum(after_birth, day_number(as_of)), in_window)


def _resident_amounts(city: City, packs: PackBook, places: Ints, year: int) -> dict[str, Ints]:
    """What the pack asks of every combination of kind of person, sex, age and tags."""
    people = city.people
    age = np.maximum(0, year - 1 - _birth_year(people.birth[places]))
    kinds = np.stack([people.psn_type[places], people.sex[places], age, people.tags[places]], axis=1).astype(np.int64)
    unique, inverse = np.unique(kinds, axis=0, return_inverse=True)
    pack, day = packs.pack_of(city.code), date(year, 1, 1)
    found = [premium(pack, _facts(*map(int, row)), day) for row in unique]
    columns = {
        name: np.array([getattr(one, name) for one in found], dtype=np.int64)
        for name in ("personal", "subsidy", "fiscal")
    }
    return {name: column[inverse.ravel()] for name, column in columns.items()}


def _facts(psn_type: int, sex: int, age: int, tags: int) -> Facts:
    return Facts(
        insurance="resident",
        status=status_of(PSN_TYPES[psn_type]),
        age=age,
        sex="male" if sex == 1 else "female",
        tags=frozenset(tag for bit, tag in enumerate(TAGS[:-2]) if tags >> bit & 1),
    )


def _birth_year(birth: Ints) -> Ints:
    years: Ints = birth.astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    return years


def employee_months(city: City, places: Ints, as_of: date) -> list[Contributions]:
    """Every month of the year that was paid by `as_of`, until the month in which a person died."""
    if not len(places):
        return []
    months = [date(city.year, month, 1) for month in range(1, 13)]
    paid = [month for month in months if month.replace(day=PAYDAY) <= as_of]
    return [_employee_month(city, places, month) for month in paid]


def _employee_month(city: City, places: Ints, month: date) -> Contributions:
    people = city.people
    died = people.died[places]
    alive = places[(died < 0) | (died >= day_number(month))]
    works = people.employer[alive] >= 0
    rules = rules_of(city.code)
    rates, limits = premium_rates(rules, month), base_limits(rules, month)
    amounts = _split(people.base[alive], works, rates, limits.limited)
    last = np.datetime64(month, "M") + 1
    return Contributions(
        places=alive,
        insutype="310",
        category=np.where(works, "employee", "flexible"),
        kind=constant("normal", len(alive)),
        first=month,
        last=(last.astype("datetime64[D]") - 1).item(),
        paid_on=np.full(len(alive), day_number(month.replace(day=PAYDAY))),
        amounts=amounts,
        employer=people.employer[alive],
        incomes=_incomes(amounts),
    )


def _split(wages: Ints, works: Any, rates: PremiumRates, limited: Any) -> dict[str, Ints]:
    """Each different wage is split once, for employees and for flexible workers."""
    unique, inverse = np.unique(np.stack([wages, works], axis=1), axis=0, return_inverse=True)
    found: list[Premium] = [
        (split_wages if employed else split_flexible)(limited(int(wage)), rates) for wage, employed in unique
    ]
    inverse = inverse.ravel()
    return {
        name: np.array([getattr(one, name) for one in found], dtype=np.int64)[inverse]
        for name in ("base", "personal", "employer", "serious", "to_account", "account_charge", "maternity")
    }


def _incomes(amounts: dict[str, Ints]) -> dict[str, Ints]:
    """Which fund gets what of a month, as `population.split.Premium.pooled` says."""
    serious = amounts["serious"] - amounts["account_charge"]
    pooled = amounts["personal"] + amounts["employer"] - amounts["to_account"] - serious
    return {
        "employee_pooled.contributions": pooled,
        "large_amount.contributions": serious,
        "personal_account.contributions": amounts["to_account"],
    }

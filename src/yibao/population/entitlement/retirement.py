"""Retirement (退休一件事): months counted, what is missing paid at once, and the switch to a pensioner's benefits.

    account = await retirement_account(connection, psn_no, retired_on)     counted, required, missing, what it costs
    contribution_id = await buy_months(…)                                  the missing months as one due contribution
    await retire(connection, psn_no, retired_on, actor)                    psn_type 11 → 12, coverage and account rule

Required months, by sex, and the price of a missing one are the area's (`retirement_months`, `retirement_back_payment`).
Refusals: E121 no employee insurance, E122 months missing, E123 nothing missing, E124 retired before.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.money import BASIS_POINTS, fen_from_yuan, share_of, yuan_text
from yibao.core.months import first_day, last_day, month_of
from yibao.population.enrolment import enrolments
from yibao.population.enrolment.persons import locked
from yibao.population.entitlement import coverage
from yibao.population.entitlement.paid_days import EMPLOYEE
from yibao.population.entitlement.service_months import ServiceMonths, service_months
from yibao.population.events import Event, note
from yibao.population.rules import Rules, rules_of

MALE, RETIRED_TYPE = "1", "12"
ENROLMENT = """
select psn_insu_rlts_id, psn_type, category, insu_admdvs from population.enrolment
where psn_no = $1 and insutype = '310' and psn_insu_stas in ('1', '2') and (enddate is null or enddate >= $2)
order by begndate desc limit 1
"""
BUY = """
insert into population.contribution (psn_no, insutype, category, kind, period_from, period_to, base, personal, details)
values ($1, '310', 'retired', 'lump_sum', $2, $3, $4, $5, $6)
on conflict (psn_no, insutype, period_from) where status in ('due', 'paid') do update
set base = excluded.base, personal = excluded.personal, details = excluded.details
where contribution.status = 'due' and contribution.kind = 'lump_sum'
returning contribution_id
"""
CANCEL_OTHER = """
update population.contribution set status = 'cancelled'
where psn_no = $1 and insutype = '310' and kind = 'lump_sum' and status = 'due' and period_from <> $2
"""
"""Asked for with another day of retirement: what is missing is owed once."""


class _Months(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    male: int
    female: int
    actual: int


class _Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    base_percent: int
    percent: int


@dataclass(frozen=True, slots=True)
class RetirementAccount:
    """Months counted and required; `missing` of them at `monthly` fen each, on `base` fen, by which `clause`."""

    psn_no: str
    retired_on: date
    counted: ServiceMonths
    required: int
    missing: int
    base: int
    monthly: int
    clause: str

    @property
    def amount(self) -> int:
        """What the missing months cost, fen."""
        return self.missing * self.monthly


async def retirement_account(connection: Connection, psn_no: str, retired_on: date) -> RetirementAccount:
    """What counts and what is missing on the day of retirement; raises `Refused` P106, P118, E121 or P001."""
    person = await locked(connection, psn_no)
    enrolment = await _enrolment(connection, psn_no, retired_on)
    history = await coverage.history_of(connection, psn_no)
    counted = await service_months(connection, psn_no, history, retired_on)
    rules = rules_of(enrolment["insu_admdvs"])
    value = rules.value("retirement_months", retired_on)
    months: _Months = rules.shaped("retirement_months", retired_on, _Months)
    required = months.male if person["gend"] == MALE else months.female
    missing = missing_months(counted, required, months.actual)
    base, monthly = price(rules, retired_on) if missing else (0, 0)
    return RetirementAccount(psn_no, retired_on, counted, required, missing, base, monthly, rules.citation(value))


def missing_months(counted: ServiceMonths, required: int, actual: int) -> int:
    """Months to be bought: to the required total, and to the least number really paid. Pure."""
    return max(0, required - counted.total, actual - counted.actual - counted.bought)


def price(rules: Rules, day: date) -> tuple[int, int]:
    """Contribution base and price of one missing month, fen; `Refused` P001 when the area has none."""
    rule: _Price = rules.shaped("retirement_back_payment", day, _Price)
    wage = fen_from_yuan(str(rules.on("average_monthly_wage", day)))
    base = share_of(wage, rule.base_percent * BASIS_POINTS // 100)
    return base, share_of(base, rule.percent * BASIS_POINTS // 100)


async def buy_months(connection: Connection, psn_no: str, retired_on: date, actor: str) -> int:
    """Make what is missing one due contribution, to be paid by an order; returns contribution_id.

    Raises `Refused` E121, E123, P001. Asked again it renews it, with another day of retirement too.
    """
    account = await retirement_account(connection, psn_no, retired_on)
    if not account.missing:
        raise Refused(Refusal("E123", "缴费年限已达到规定，无需一次性补缴", "可直接办理退休", "psn_no"))
    first = first_day(month_of(retired_on) + 1)
    details = {"months": account.missing, "clause": account.clause}
    await connection.execute(CANCEL_OTHER, psn_no, first)
    number: int | None = await connection.fetchval(
        BUY, psn_no, first, last_day(month_of(first)), account.base, account.amount, details
    )
    if number is None:
        raise Refused(Refusal("E123", "该月已有缴费记录，不能再作一次性补缴", "请核对退休日期", "retired_on"))
    told = {"months": account.missing, "amount": account.amount}
    await note(connection, Event(psn_no, "retirement_months_due", retired_on, actor, "", told))
    return number


async def retire(connection: Connection, psn_no: str, retired_on: date, actor: str) -> RetirementAccount:
    """Switch to a pensioner's benefits from `retired_on` on: kind of person, coverage without paying, account rule.

    The working enrolment ends the day before and a pensioner's begins, so that unpaid months before stay unpaid.
    Raises `Refused` E121, E122 with what to pay, E124, and as `enrolments.switch`.
    """
    account = await retirement_account(connection, psn_no, retired_on)
    if account.missing:
        text = f"缴费年限{account.counted.total}个月，规定{account.required}个月，尚缺{account.missing}个月"
        advice = f"请一次性补缴{yuan_text(account.amount)}元，或继续按月缴费"
        raise Refused(Refusal("E122", text, advice, "psn_no"))
    enrolment = await _enrolment(connection, psn_no, retired_on)
    new = enrolments.Start(psn_no, EMPLOYEE, "retired", RETIRED_TYPE, enrolment["insu_admdvs"], retired_on)
    await enrolments.switch(connection, enrolment["psn_insu_rlts_id"], new, actor)
    told = {"months": account.counted.total, "required": account.required}
    await note(connection, Event(psn_no, "retired", retired_on, actor, "retired", told))
    return account


async def _enrolment(connection: Connection, psn_no: str, day: date) -> Any:
    row = await connection.fetchrow(ENROLMENT, psn_no, day)
    if row is None:
        raise Refused(Refusal("E121", f"该人员在{day}没有职工医保参保关系", "请先办理职工参保或转移接续", "psn_no"))
    if row["category"] == "retired" or row["psn_type"] == RETIRED_TYPE:
        raise Refused(Refusal("E124", "该人员已办理退休", "无需重复办理", "psn_no"))
    return row

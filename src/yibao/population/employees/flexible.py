"""Flexible workers (灵活就业人员): their own declaration of a base, for a month, a quarter, half a year or a year.

    declared = await declare(connection, Choice(…), actor)      the months become due; paid through an order as others

A worker chooses a base among the percents of the average wage that the area offers. Months that are paid or stand in an
order stay as they are; the same choice again changes nothing. Amounts are fen.
Refusals: P721 base, P722 not enrolled as a flexible worker, P723 period, P724 months that are no longer open, P710.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.months import first_of, plus_months
from yibao.population.employees.arrears import due_day
from yibao.population.employees.bases import UNITS, base_limits, basis_points
from yibao.population.employees.due_months import DueMonth, write_due
from yibao.population.employees.split import premium_rates, split_flexible
from yibao.population.enrolment import persons
from yibao.population.events import Event, note
from yibao.population.rules import Rules, rules_of

CHOICES = "flexible_choices"
ENROLMENTS = """
select insu_admdvs, begndate, case when psn_insu_stas = '2' then paus_date - 1 else enddate end as last
from population.enrolment
where psn_no = $1 and insutype = '310' and category = 'flexible' and psn_insu_stas in ('1', '2')
order by begndate desc limit 1
"""
MONTHS = """
select c.contribution_id, c.period_from, c.category, c.base, c.personal, c.status,
       exists (select from population.payment_line l
               where l.contribution_id = c.contribution_id and l.status in ('open', 'paid')) as ordered
from population.contribution c
where c.psn_no = $1 and c.insutype = '310' and c.period_from between $2 and $3 and c.status in ('due', 'paid')
order by c.period_from
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a worker chooses: `percent` of the average wage; `period` month, quarter, half_year or year from `month`."""

    psn_no: str
    percent: int
    period: str
    month: date


@dataclass(frozen=True, slots=True)
class Declared:
    """The months of a choice that are due: numbers of the contributions, base of the first month, what all cost."""

    contribution_ids: tuple[int, ...]
    base: int
    amount: int


async def declare(connection: Connection, choice: Choice, actor: str) -> Declared:
    """Take a choice in the caller's transaction; raises `Refused` with every reason."""
    await persons.locked(connection, choice.psn_no)
    enrolment = await connection.fetchrow(ENROLMENTS, choice.psn_no)
    if enrolment is None:
        raise Refused(_not_enrolled(choice.psn_no))
    rules, first = rules_of(enrolment["insu_admdvs"]), first_of(choice.month)
    offered = rules.on(CHOICES, first)
    reasons = _against(choice, offered, enrolment)
    if reasons:
        raise Refused(*reasons)
    months = [plus_months(first, place) for place in range(offered["months"][choice.period])]
    due = [_due(choice, rules, month) for month in months]
    known = await connection.fetch(MONTHS, choice.psn_no, months[0], months[-1])
    _check_open(known, due)
    changed = await write_due(connection, "flexible", due)
    rows = await connection.fetch(MONTHS, choice.psn_no, months[0], months[-1])
    if changed and due[0].premium.base not in {row["base"] for row in known}:
        details = {"percent": choice.percent, "period": choice.period, "base": due[0].premium.base}
        await note(connection, Event(choice.psn_no, "base_chosen", first, actor, "", details))
    open_rows = [row for row in rows if row["status"] == "due"]
    identifiers = tuple(row["contribution_id"] for row in open_rows)
    return Declared(identifiers, due[0].premium.base, sum(row["personal"] for row in open_rows))


def _due(choice: Choice, rules: Rules, month: date) -> DueMonth:
    limits, offered = base_limits(rules, month), rules.on(CHOICES, month)
    unit = UNITS[offered.get("round_to", "fen")]
    base = limits.limited(limits.percent_of_average(basis_points(choice.percent, CHOICES), unit))
    kind = "back_payment" if dates.today() > due_day(rules, month) else "normal"
    return DueMonth(choice.psn_no, month, kind, split_flexible(base, premium_rates(rules, month)))


def _against(choice: Choice, offered: dict[str, Any], enrolment: Any) -> list[Refusal]:
    reasons = []
    month = first_of(choice.month)
    if choice.percent not in offered["percents"]:
        words = "、".join(f"{percent}%" for percent in offered["percents"])
        reasons.append(Refusal("P721", f"没有{choice.percent}%这一缴费档次", f"可选：{words}", "percent"))
    if choice.period not in offered["months"]:
        words = "、".join(offered["months"])
        reasons.append(Refusal("P723", f"没有{choice.period or '空'}这一缴费周期", f"可选：{words}", "period"))
    if month > plus_months(dates.today(), 1):
        reasons.append(Refusal("P710", f"{month:%Y-%m}还不能申报", "最早在前一个月申报", "month"))
    last = plus_months(month, offered["months"].get(choice.period, 1) - 1)
    if month < first_of(enrolment["begndate"]) or (enrolment["last"] or date.max) < last:
        reasons.append(_not_enrolled(choice.psn_no))
    return reasons


def _check_open(known: Sequence[Any], due: Sequence[DueMonth]) -> None:
    """A month with another base that is paid, ordered or somebody else's cannot be declared again."""
    bases = {one.month: one.premium.base for one in due}
    reasons = [
        Refusal("P724", f"{row['period_from']:%Y-%m}{_state(row)}", "请从未缴的月份起申报", f"{row['period_from']}")
        for row in known
        if row["category"] != "flexible"
        or (row["base"] != bases[row["period_from"]] and (row["status"] == "paid" or row["ordered"]))
    ]
    if reasons:
        raise Refused(*reasons)


def _state(row: Any) -> str:
    if row["category"] != "flexible":
        return "已由单位申报缴费"
    return "已缴费" if row["status"] == "paid" else "已生成缴费订单"


def _not_enrolled(psn_no: str) -> Refusal:
    return Refusal("P722", f"人员{psn_no}该月没有灵活就业参保", "请先办理灵活就业人员参保登记", "psn_no")

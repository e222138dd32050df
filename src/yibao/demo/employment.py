"""Employers of the demo: registered with their staff; months declared, billed, paid and credited, or left unpaid.

register_employers(connection, people)         employer → emp_no
add_months(connection, staff, today)           the last months of one employer, this one declared and perhaps unpaid
owe_months(connection, debtor)                 two months that an employer never paid before it was suspended
credit_accounts(url, today)                    the crediting runs of the last months, for everybody in the city
"""

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from yibao.core import dates
from yibao.core.database import Connection, connect
from yibao.core.money import fen_from_yuan
from yibao.core.months import first_of, plus_months
from yibao.core.sheets import Heading, write_sheet
from yibao.demo.people import DemoPerson
from yibao.demo.source import HOME
from yibao.population.contributions import payments
from yibao.population.contributions.payments import Payment
from yibao.population.employees import crediting, declarations, employer_bills
from yibao.population.employees.bases import base_limits
from yibao.population.employees.declarations import Declaration
from yibao.population.employees.due_months import DueMonth, write_due
from yibao.population.employees.split import premium_rates, split_wages
from yibao.population.enrolment.employers import check_character, register_employer
from yibao.population.rules import rules_of

ACTOR = "demo"
SINCE = date(2015, 1, 1)
WAGES = ("6200.00", "5400.00", "9800.00")
MONTHS = 3
DECLARED_ON, PAID_ON, CREDITED_ON = 6, 18, 25
"""Days of a month."""
COLUMNS = (Heading("证件号码", "identity"), Heading("姓名"), Heading("月工资", "money"), Heading("变动类型"))
END_TAKEN_OVER = """
update population.coverage set enddate = $2 where psn_no = any ($1) and origin = 'taken_over' and begndate < $2
"""


async def register_employers(connection: Connection, people: Iterable[DemoPerson]) -> dict[str, str]:
    """Every employer of the home city by name; returns their numbers."""
    rows = [enrolment for demo in people for enrolment in demo.enrolments]
    names = sorted({row.emp_name for row in rows if row.insu_admdvs == HOME and row.category == "employee"})
    found = {}
    for number, name in enumerate(names, 1):
        uscc = f"91{HOME[:4]}99DEMO{number:05d}".replace("O", "0")
        found[name] = await register_employer(connection, uscc + check_character(uscc), name, HOME, SINCE, ACTOR)
    return found


async def add_months(connection: Connection, staff: Sequence[DemoPerson], today: date) -> None:
    """Whole months are paid; this one is, too, when its day has come. Coverage of the time before is taken over."""
    emp_no = await employer_of(connection, staff[0])
    this = first_of(today)
    months = [plus_months(this, -back) for back in range(MONTHS, -1, -1)]
    await connection.execute(END_TAKEN_OVER, [demo.person.psn_no for demo in staff], months[0] - timedelta(days=1))
    wages = [fen_from_yuan(wage) for wage in WAGES]
    lines = [(demo.person.certno, demo.person.psn_name, wage, "") for demo, wage in zip(staff, wages, strict=True)]
    for month in months:
        await declare_month(connection, emp_no, month, lines, at(month, DECLARED_ON))
        if today >= month.replace(day=PAID_ON):
            await _pay_month(connection, emp_no, month)


async def declare_month(
    connection: Connection, emp_no: str, month: date, lines: Sequence[tuple[Any, ...]], moment: datetime
) -> None:
    """An employer's file and the bill that follows; `lines` are certificate, name, wage in fen, change."""
    with dates.clock_at(moment):
        rows, digest = declarations.read_file(table("月度申报", COLUMNS, lines))
        name = f"{month:%Y-%m}月度申报.xlsx"
        await declarations.declare(connection, Declaration(emp_no, month, rows, digest, name), ACTOR)
        await employer_bills.issue(connection, emp_no, month, ACTOR)


async def _pay_month(connection: Connection, emp_no: str, month: date) -> None:
    bills = await employer_bills.bills_of(connection, emp_no)
    (bill,) = [one for one in bills if one.month == month]
    with dates.clock_at(at(month, PAID_ON)):
        now = dates.now()
        order = await employer_bills.order_bill(connection, bill.bill_no, "tax", now.date(), ACTOR)
        paid = Payment("tax", order.order_no, order.amount, f"DEMO{order.order_no}", now)
        await payments.confirm(connection, paid, "tax")


async def owe_months(connection: Connection, debtor: DemoPerson) -> None:
    """The two months before the suspension were billed and never paid."""
    paused = debtor.enrolments[0].paus_date
    assert paused is not None
    emp_no, rules = await employer_of(connection, debtor), rules_of(HOME)
    for back in (2, 1):
        month = plus_months(first_of(paused), -back)
        base = base_limits(rules, month).limited(fen_from_yuan(WAGES[0]))
        premium = split_wages(base, premium_rates(rules, month))
        with dates.clock_at(at(month, DECLARED_ON)):
            await write_due(connection, "employee", [DueMonth(debtor.person.psn_no, month, "normal", premium, emp_no)])
            await employer_bills.issue(connection, emp_no, month, ACTOR)


async def credit_accounts(url: str, today: date) -> None:
    """The runs of the last months and, after its day, of this one; a run that was done before finds nothing left."""
    connection = await connect(url)
    try:
        for back in range(MONTHS - 1, -1, -1):
            month = plus_months(first_of(today), -back)
            if today >= month.replace(day=CREDITED_ON):
                await crediting.run(connection, HOME, month)
    finally:
        await connection.close()


async def employer_of(connection: Connection, demo: DemoPerson) -> str:
    """The number of the employer where the person works."""
    query = "select emp_no from population.enrolment where psn_no = $1 and insutype = '310'"
    emp_no: str = await connection.fetchval(query, demo.person.psn_no)
    return emp_no


def at(month: date, day: int) -> datetime:
    """A morning of the month, which is not later than now."""
    return min(datetime.combine(month.replace(day=day), time(9, 40)), dates.now())


def table(title: str, headings: Sequence[Heading], rows: Sequence[tuple[Any, ...]]) -> bytes:
    """An xlsx file as a user would send it."""
    file = io.BytesIO()
    write_sheet(file, title, headings, rows)
    return file.getvalue()

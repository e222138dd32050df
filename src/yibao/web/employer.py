"""An employer's page (单位): staff, the monthly declaration with its answers, bills and their payment.

    /employer   the month, bills and arrears, staff; a clerk chooses an employer by ?emp_no=

Tables, the answers to a file and a bill with its persons are in `employer_papers`. An employer's user sees its own.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Request, get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.months import first_of, plus_months
from yibao.population.contributions.windows import Channel, channels
from yibao.population.employees import declarations, employer_bills
from yibao.population.employees.arrears import late_fee
from yibao.population.employees.declarations import Declaration
from yibao.population.employees.employer_bills import Bill
from yibao.population.enrolment import employers
from yibao.population.enrolment.employers import Employer
from yibao.population.rules import rules_of
from yibao.web.access import Access, visitor_required
from yibao.web.campaign import uploaded
from yibao.web.desk_forms import Form, form_of
from yibao.web.employer_scope import ANSWERS, OUTCOMES, STATES, month_of, own_employer, parts_of
from yibao.web.rendering import one_line, page, with_query
from yibao.web.state import services

MOST = 50
MONTHS_BACK = 12
FAMILY_ACCOUNT = "family_account"
CHOOSE = """
select emp_no, uscc, emp_name, enddate from population.employer
where emp_no = $1 or uscc = $1 or emp_name like '%' || $1 || '%' order by emp_no limit $2
"""
ORDERS = """
select distinct o.order_no, o.channel, o.amount, o.status, o.expires_at, o.appears_by
from population.contribution c
join population.payment_line l on l.contribution_id = c.contribution_id and l.status = 'open'
join population.payment_order o on o.order_no = l.order_no
where c.emp_no = $1 and c.status = 'due' order by o.order_no desc
"""
DONE = {"issue": "核定单已出具。", "withdraw": "核定单已撤销，可以重新申报。", "order": "缴费订单已生成。"}


@dataclass(frozen=True, slots=True)
class OpenBill:
    """A bill that is not paid: `days` past its due day and the late fee `fee` fen if it were paid today."""

    bill: Bill
    days: int
    fee: int
    owed: int


@get("/employer", opt={"access": Access.EMPLOYER})
async def employer_page(request: Request[Any, Any, Any]) -> Template:
    """The employer's page, or the choice of one for a clerk."""
    return await employer_shown(request)


@post("/employer/declare", opt={"access": Access.EMPLOYER})
async def declare(request: Request[Any, Any, Any]) -> Redirect | Template:
    """Take a declaration; leads to the answers of its lines."""
    visitor = await visitor_required(request)
    sent = await request.form()
    form, content = form_of(sent), await uploaded(sent)
    name = one_line(getattr(sent.get("file"), "filename", "") or "", 120)
    try:
        rows, digest = await asyncio.to_thread(declarations.read_file, content)
        async with services(request).database.transaction() as connection:
            found = await own_employer(request, connection)
            declaration = Declaration(found.emp_no, month_of(form.text("month")), rows, digest, name)
            answer = await declarations.declare(connection, declaration, visitor.user_name)
    except Refused as refused:
        return await employer_shown(request, "declare", form, refused)
    return Redirect(f"/employer/declarations/{answer.declaration_no}", status_code=303)


@post("/employer/{step:str}", opt={"access": Access.EMPLOYER})
async def employer_step(request: Request[Any, Any, Any]) -> Redirect | Template:
    """`issue` the bill of a month, `withdraw` one, or `order` its payment."""
    visitor = await visitor_required(request)
    step, form = request.path_params["step"], form_of(await request.form())
    if step not in DONE:
        raise HTTPException(status_code=404, detail="没有这个操作")
    try:
        async with services(request).database.transaction() as connection:
            found = await own_employer(request, connection)
            left_out = await _do(connection, step, found, form, visitor.user_name)
    except Refused as refused:
        return await employer_shown(request, step, form, refused)
    if left_out:
        return await employer_shown(request, step, form, Refused(*left_out))
    asked = {"emp_no": request.query_params.get("emp_no", ""), "done": step}
    return Redirect(with_query("/employer", asked), status_code=303)


async def _do(connection: Connection, step: str, found: Employer, form: Form, actor: str) -> Sequence[Refusal]:
    """One step; returns who could not be put on a bill that was issued all the same."""
    if step == "issue":
        return (await employer_bills.issue(connection, found.emp_no, month_of(form.text("month")), actor)).left_out
    bill_no = form.text("bill_no")
    if (await employer_bills.bill(connection, bill_no)).emp_no != found.emp_no:
        raise Refused(Refusal("P715", f"核定单{bill_no}不存在", "请核对核定单号", "bill_no"))
    if step == "withdraw":
        await employer_bills.withdraw(connection, bill_no, actor, form.text("reason"))
    else:
        await employer_bills.order_bill(connection, bill_no, form.text("channel"), dates.today(), actor)
    return ()


async def employer_shown(
    request: Request[Any, Any, Any], step: str = "", form: Form | None = None, refused: Refused | None = None
) -> Template:
    """The page as it stands now; a clerk who has not chosen gets the choice."""
    visitor = await visitor_required(request)
    if visitor.is_clerk and not request.query_params.get("emp_no"):
        return await choice_shown(request)
    today = dates.today()
    async with services(request).database.connection() as connection:
        found = await own_employer(request, connection)
        staff = await employers.staff(connection, found.emp_no, today)
        bills = await employer_bills.bills_of(connection, found.emp_no)
        open_bills = [await _open(connection, one, found, today) for one in bills if one.status in ("issued", "partly")]
        sent = await declarations.declarations_of(connection, found.emp_no, 12)
        orders = await connection.fetch(ORDERS, found.emp_no)
    return await page(
        request,
        "employer.html",
        422 if refused else 200,
        found=found,
        staff=staff,
        bills=bills,
        open_bills=open_bills,
        parts={one.bill_no: parts_of(one) for one in bills},
        sent=sent,
        orders=orders,
        ways=ways_of(found, today),
        months=[plus_months(first_of(today), -back) for back in range(-1, MONTHS_BACK)],
        month=first_of(today),
        step=step,
        typed=form or Form({}),
        refusals=refused.refusals if refused else (),
        notice=DONE.get(request.query_params.get("done", ""), ""),
        states=STATES,
        outcomes=OUTCOMES,
        answers=ANSWERS,
        link=lambda path, **more: with_query(path, {"emp_no": found.emp_no if visitor.is_clerk else ""}, **more),
    )


async def choice_shown(request: Request[Any, Any, Any]) -> Template:
    """Employers whose number, code or name was asked for."""
    words = one_line(request.query_params.get("words", ""), 60)
    async with services(request).database.connection() as connection:
        rows = await connection.fetch(CHOOSE, words, MOST) if words else []
    return await page(request, "employers.html", words=words, rows=rows)


async def _open(connection: Connection, bill: Bill, found: Employer, today: date) -> OpenBill:
    """What is still owed on a bill, with the late fee of today."""
    fee = late_fee(rules_of(found.insu_admdvs), today)
    rows = await employer_bills.persons_of(connection, bill.bill_no)
    owed = [row["personal"] + row["employer"] for row in rows if row["status"] == "due"]
    fees = sum(fee.of(one, bill.due_day, today) for one in owed)
    return OpenBill(bill, max((today - bill.due_day).days, 0), fees, sum(owed))


def ways_of(found: Employer, today: date) -> list[Channel]:
    """How an employer may pay: the city's channels but a relative's account."""
    try:
        known = channels(rules_of(found.insu_admdvs), today).values()
    except Refused:
        return []
    return [one for one in known if one.code not in (FAMILY_ACCOUNT, "village")]


EMPLOYER_PAGES = [employer_page, declare, employer_step]

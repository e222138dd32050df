"""An employer's papers: the table to fill in, the month's roster, the answers to a file, a bill with its persons.

Another employer's declaration or bill does not exist for the visitor.
"""

import io
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import HTTPException
from litestar.response import Template

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refused
from yibao.core.sheets import Heading, write_sheet
from yibao.population.employees import declarations, employer_bills
from yibao.population.employees.employer_bills import Bill
from yibao.population.employees.feedback import write_feedback
from yibao.population.enrolment import employers
from yibao.web.access import Access, visitor_required
from yibao.web.campaign import table_answer
from yibao.web.employer_scope import ANSWERS, OUTCOMES, STATES, home_of, month_of, own_employer, parts_of
from yibao.web.rendering import page
from yibao.web.state import services

OWNER_OF_DECLARATION = """
select emp_no, month, file_name, received_at, actor, outcome, totals from population.declaration
where declaration_no = $1
"""
TEMPLATE = (
    Heading("证件号码", "identity"),
    Heading("姓名"),
    Heading("月工资", "money"),
    Heading("变动类型"),
    Heading("变动原因"),
)


@get("/employer/template.xlsx", opt={"access": Access.EMPLOYER})
async def declaration_template(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The table to fill in, with the staff of today; who is hired is added below."""
    async with services(request).database.connection() as connection:
        found = await own_employer(request, connection)
        staff = await employers.staff(connection, found.emp_no, dates.today())
    file = io.BytesIO()
    write_sheet(file, "月度申报", TEMPLATE, [(one.certno, one.psn_name, None, "", "") for one in staff])
    return table_answer(file, f"declaration-{found.emp_no}.xlsx")


@get("/employer/feedback.xlsx", opt={"access": Access.EMPLOYER})
async def feedback_table(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The roster of a month with what was charged, paid and credited."""
    month = month_of(request.query_params.get("month", ""))
    file = io.BytesIO()
    async with services(request).database.connection() as connection:
        found = await own_employer(request, connection)
        await write_feedback(connection, found.emp_no, month, file)
    return table_answer(file, f"roster-{found.emp_no}-{month:%Y-%m}.xlsx")


@get("/employer/declarations/{number:str}", opt={"access": Access.EMPLOYER})
async def declaration_page(request: Request[Any, Any, Any]) -> Template:
    """The answers to the lines of a file; the refused ones first."""
    visitor = await visitor_required(request)
    number = request.path_params["number"]
    async with services(request).database.connection() as connection:
        row = await connection.fetchrow(OWNER_OF_DECLARATION, number)
        if row is None or not (visitor.is_clerk or row["emp_no"] == visitor.emp_no):
            raise HTTPException(status_code=404, detail="没有这份申报，或它不属于您的单位")
        found = await employers.employer(connection, row["emp_no"])
        lines = await declarations.lines_of(connection, number)
    lines.sort(key=lambda line: line.answer != "refused")
    return await page(
        request,
        "declaration.html",
        found=found,
        declaration=row,
        lines=lines,
        answers=ANSWERS,
        outcomes=OUTCOMES,
        home=home_of(request, found),
        number=number,
    )


@get("/employer/bills/{number:str}", opt={"access": Access.EMPLOYER})
async def bill_page(request: Request[Any, Any, Any]) -> Template:
    """A bill with every person on it."""
    visitor = await visitor_required(request)
    async with services(request).database.connection() as connection:
        bill = await known_bill(connection, request.path_params["number"])
        if bill is None or not (visitor.is_clerk or bill.emp_no == visitor.emp_no):
            raise HTTPException(status_code=404, detail="没有这张核定单，或它不属于您的单位")
        found = await employers.employer(connection, bill.emp_no)
        persons = await employer_bills.persons_of(connection, bill.bill_no)
    return await page(
        request,
        "employer_bill.html",
        found=found,
        bill=bill,
        persons=persons,
        states=STATES,
        parts=parts_of(bill),
        home=home_of(request, found),
    )


async def known_bill(connection: Connection, number: str) -> Bill | None:
    """The bill, or None when there is none of that number."""
    try:
        return await employer_bills.bill(connection, number)
    except Refused:
        return None


PAPER_PAGES = [declaration_template, feedback_table, declaration_page, bill_page]

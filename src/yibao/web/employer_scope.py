"""Whose page of an employer is looked at, and how its papers are named: shared by `employer` and `employer_papers`."""

from datetime import date
from typing import Any

from litestar import Request

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.months import first_of
from yibao.population.employees.employer_bills import Bill
from yibao.population.enrolment import employers
from yibao.population.enrolment.employers import Employer
from yibao.web.access import visitor_required
from yibao.web.rendering import one_line, with_query
from yibao.web.split_bar import Slice, slices

ANSWERS = {
    "accepted": "已受理",
    "corrected": "按上下限受理",
    "unchanged": "与原来相同",
    "refused": "未受理",
    "held": "整表未受理",
}
OUTCOMES = {"accepted": "全部受理", "partly": "部分受理", "refused": "未受理"}
STATES = {"issued": "待缴", "partly": "部分已缴", "paid": "已缴", "withdrawn": "已撤销"}


async def own_employer(request: Request[Any, Any, Any], connection: Connection) -> Employer:
    """The visitor's employer, for a clerk the one asked for; `Refused` P143 when there is none."""
    visitor = await visitor_required(request)
    asked = one_line(request.query_params.get("emp_no", ""), 40)
    return await employers.employer(connection, asked if visitor.is_clerk else visitor.emp_no or "")


def parts_of(bill: Bill) -> tuple[Slice, ...]:
    """Where a bill's money goes; what the account pays for the large-amount premium is taken off its credit. Pure."""
    credit = bill.to_account - bill.account_charge
    pooled = bill.personal + bill.employer - credit - bill.serious
    return slices(
        (
            ("统筹基金", pooled, "basic"),
            ("个人账户", credit, "account"),
            ("大额医疗补助", bill.serious, "serious"),
            ("滞纳金", bill.interest, "hospital"),
        )
    )


def month_of(text: str) -> date:
    """The first day of a month as a form names it (2026-01); this month for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return first_of(dates.today())


def home_of(request: Request[Any, Any, Any], found: Employer) -> str:
    """The way back; a clerk's names the employer."""
    visitor = request.scope["state"].get("visitor")
    return with_query("/employer", {"emp_no": found.emp_no if visitor is not None and visitor.is_clerk else ""})

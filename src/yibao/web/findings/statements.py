"""Deduction statements (扣款通知书): `/deductions` for the bureau, `/institution/deductions` for the institution.

/deductions?month=           the statements of a month; drafts are drawn up, posted and reversed here
/deductions/<number>         one statement; with .xlsx as table, with .pdf on paper
"""

import asyncio
import io
from datetime import date
from importlib.resources import files
from typing import Any

import msgspec
import typst
from litestar import Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from yibao.core import dates
from yibao.core.errors import Refused
from yibao.core.months import plus_months
from yibao.core.sheets import Heading, write_sheet
from yibao.ledger.chart import CHART
from yibao.supervision.casework import queries, statements
from yibao.supervision.casework.moves import OUTCOMES, check_role
from yibao.supervision.casework.statements import Line, Statement
from yibao.web.access import Access, visitor_required
from yibao.web.accounts import INSTITUTION
from yibao.web.campaign import table_answer
from yibao.web.findings.listing import actor_of, advanced, reason_of
from yibao.web.paper import fonts
from yibao.web.rendering import one_line, page, with_query
from yibao.web.state import services
from yibao.web.wording import yuan

HOME, OWN = "/deductions", "/institution/deductions"
STATUSES = {"draft": "待记账", "posted": "已记账", "reversed": "已冲回"}
DONE = {"make": "已出具", "post": "已记账", "reverse": "已冲回，可重新出具"}
TITLES = {account.code: account.title for account in CHART}
HEADINGS = (
    Heading("疑点编号", "identity", 28), Heading("规则"), Heading("规则名称", width=24), Heading("依据", width=30),
    Heading("结算单号", "identity"), Heading("说明", width=60), Heading("结论"), Heading("违规费用", "money"),
    Heading("扣减基金", "money"),
)  # fmt: skip
NAME = "select fixmedins_name from directory.institution where fixmedins_code = $1"


@get(HOME, opt={"access": Access.STATEMENTS})
async def statements_page(request: Request[Any, Any, Any]) -> Template:
    """The statements of a month."""
    await advanced(request)
    return await statements_shown(request)


@get(HOME + "/{document:str}", opt={"access": Access.STATEMENTS})
async def statement_page(request: Request[Any, Any, Any]) -> Template | Response[bytes]:
    """One statement, as page, table or paper."""
    return await document_answer(request)


@get(OWN, opt={"access": Access.INSTITUTION})
async def own_statements(request: Request[Any, Any, Any]) -> Template:
    """The institution's statements that were posted."""
    return await statements_shown(request)


@get(OWN + "/{document:str}", opt={"access": Access.INSTITUTION})
async def own_statement(request: Request[Any, Any, Any]) -> Template | Response[bytes]:
    """One of them, as page, table or paper."""
    return await document_answer(request)


@post(HOME + "/steps/{step:str}", opt={"access": Access.STATEMENTS})
async def statement_step(request: Request[Any, Any, Any]) -> Redirect | Template:
    """`make` the drafts of a month, `post` or `reverse` one statement."""
    step = request.path_params["step"]
    if step not in DONE:
        raise HTTPException(status_code=404, detail="没有这个操作")
    form, actor = await request.form(), actor_of(await visitor_required(request))
    number, month = one_line(str(form.get("number", "")), 40), month_of(str(form.get("month", "")))
    try:
        async with services(request).database.transaction() as connection:
            if step == "make":
                check_role(actor, *statements.POSTERS)
                await statements.make_all(connection, actor, month)
            elif step == "post":
                await statements.post(connection, actor, number)
            else:
                await statements.reverse(connection, actor, number, reason_of(form))
    except Refused as refused:
        return await statements_shown(request, refused, month)
    return Redirect(with_query(HOME, {"month": f"{month:%Y-%m}", "done": step}), status_code=303)


async def statements_shown(
    request: Request[Any, Any, Any], refused: Refused | None = None, month: date | None = None
) -> Template:
    """The list as it stands now."""
    visitor = await visitor_required(request)
    chosen = month or month_of(request.query_params.get("month", ""))
    own = visitor.role == INSTITUTION
    async with services(request).database.connection() as connection:
        rows = await connection.fetch(queries.STATEMENTS, chosen, visitor.fixmedins_code if own else None)
        months = {row["month"] for row in await connection.fetch(queries.MONTHS)}
    last = plus_months(dates.today(), -1)
    return await page(
        request,
        "findings_deductions.html",
        422 if refused else 200,
        rows=[row for row in rows if not own or row["status"] != "draft"],
        month=chosen,
        months=sorted({*months, *(plus_months(last, -back) for back in range(6))}, reverse=True),
        home=OWN if own else HOME,
        statuses=STATUSES,
        may_post=visitor.role in statements.POSTERS,
        refusals=refused.refusals if refused else (),
        notice=f"{DONE[request.query_params['done']]}。" if request.query_params.get("done") in DONE else "",
    )


async def document_answer(request: Request[Any, Any, Any]) -> Template | Response[bytes]:
    """The statement as the end of its name asks; 404 for what is not the visitor's business."""
    visitor = await visitor_required(request)
    name = one_line(request.path_params["document"], 60)
    number, _, kind = name.partition(".")
    own = visitor.role == INSTITUTION
    async with services(request).database.connection() as connection:
        try:
            statement = await statements.statement_of(connection, number)
        except Refused:
            statement = None
        hidden = statement and own and (statement.fixmedins_code, True) != (
            visitor.fixmedins_code, statement.status != "draft")  # fmt: skip
        if statement is None or hidden or kind not in ("", "xlsx", "pdf"):
            raise HTTPException(status_code=404, detail="没有这份扣款通知书，或它不属于您")
        lines = await statements.lines_of(connection, number)
        institution = await connection.fetchval(NAME, statement.fixmedins_code)
    if kind == "xlsx":
        return await asyncio.to_thread(_table, statement, lines, institution)
    if kind == "pdf":
        made = await asyncio.to_thread(statement_pdf, statement, lines, institution)
        return Response(made, media_type="application/pdf", headers={"Cache-Control": "no-store"})
    return await page(
        request,
        "findings_deduction.html",
        statement=statement,
        lines=lines,
        by_rule=by_rule(lines),
        institution=institution,
        home=OWN if own else HOME,
        finding_home="/institution/findings" if own else "/findings",
        opens_findings=visitor.role in ("institution", "reviewer", "second_reviewer"),
        statuses=STATUSES,
        outcomes=OUTCOMES,
        titles=TITLES,
    )


def _table(statement: Statement, lines: list[Line], institution: str) -> Response[bytes]:
    file = io.BytesIO()
    rows = [
        (one.finding_id, one.rule_id, one.rule_name, one.clause, one.setl_id, one.reason, OUTCOMES[one.outcome],
         one.upheld, one.deduct)
        for one in lines
    ]  # fmt: skip
    note = f"{institution} {statement.month:%Y-%m} {statement.statement_no}（{STATUSES[statement.status]}）"
    write_sheet(file, "扣款通知书", HEADINGS, rows, note=note)
    return table_answer(file, f"{statement.statement_no}.xlsx")


def statement_pdf(statement: Statement, lines: list[Line], institution: str) -> bytes:
    """The statement on paper, set by typst from templates/deduction.typ; `Refused` W601 without a Chinese font."""
    collection, family = fonts()
    content = {
        "family": family, "number": statement.statement_no, "institution": institution,
        "code": statement.fixmedins_code, "month": f"{statement.month:%Y年%m月}",
        "stamp": STATUSES[statement.status] if statement.status != "posted" else "",
        "made": f"{statement.made_at:%Y-%m-%d}", "count": str(statement.findings),
        "posted": f"{statement.posted_at:%Y-%m-%d}" if statement.posted_at else "尚未记账",
        "sums": [yuan(statement.upheld), yuan(statement.deduct)],
        "funds": [[TITLES.get(code, code), yuan(amount)] for code, amount in statement.funds.items()],
        "rules": [
            [f"{rule} {name}", clause, f"{count:,}", yuan(upheld), yuan(deduct)]
            for rule, name, clause, count, upheld, deduct in by_rule(lines)
        ],
        "lines": [
            [f"{one.rule_id} {one.rule_name}", one.setl_id, one.reason, OUTCOMES[one.outcome], yuan(one.upheld),
             yuan(one.deduct)]
            for one in lines
        ],
    }  # fmt: skip
    template = files("yibao.web").joinpath("templates", "deduction.typ").read_bytes()
    made = typst.compile(
        template, font_paths=collection, format="pdf", sys_inputs={"statement": msgspec.json.encode(content).decode()}
    )
    assert isinstance(made, bytes)
    return made


def by_rule(lines: list[Line]) -> list[tuple[str, str, str, int, int, int]]:
    """Number, name and clause of each rule with its findings, fees in question and deduction in fen."""
    groups: dict[tuple[str, str, str], list[Line]] = {}
    for one in lines:
        groups.setdefault((one.rule_id, one.rule_name, one.clause), []).append(one)
    return [
        (*rule, len(some), sum(one.upheld for one in some), sum(one.deduct for one in some))
        for rule, some in sorted(groups.items())
    ]


def month_of(text: str) -> date:
    """A month as addresses and forms have it, 2024-06; the last one that is over for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return plus_months(dates.today(), -1)


STATEMENT_PAGES = [statements_page, statement_page, own_statements, own_statement, statement_step]

"""The village collector's page (村级代收), made for a telephone: her list, a tick for money taken, the cash of the day.

    /collector                the list of a village: search, who has not paid, tick and undo
    /collector/hand-in        the bank's slip for the cash of a day
    /collector/list.xlsx      the list to take along; filled in it comes back through the same page

A clerk may work for any village and chooses one first. After every step the browser is led back to the list, so that
reloading repeats nothing.
"""

import io
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from yibao.core import dates
from yibao.core.errors import Refused
from yibao.population.campaign import collecting
from yibao.population.campaign.collecting import Round, Taking
from yibao.population.contributions.channels import village
from yibao.web.access import Access, visitor_required
from yibao.web.accounts import Visitor
from yibao.web.campaign import path_of, table_answer, uploaded
from yibao.web.campaign_scope import Scope, day_of, scope_of
from yibao.web.rendering import one_line, page, with_query
from yibao.web.state import services
from yibao.web.wording import masked_certificate

PAGE_LENGTH = 40
LAST_PAGE = 500
MOST_ROWS = 100_000
TOWN_DIGITS = 9
BELOW = "select code, name from directory.division where parent = $1 order by code"
STEPS = {"tick": "已登记收款", "undo": "已撤销", "assess": "已核定应缴", "hand-in": "已登记上交"}


@get("/collector", opt={"access": Access.COLLECTOR})
async def collector_page(request: Request[Any, Any, Any]) -> Template:
    """The list, the totals and the cash of a day."""
    return await shown(request)


@get("/collector/list.xlsx", opt={"access": Access.COLLECTOR})
async def collector_table(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Who has not paid, with a column to fill in; identity numbers are masked."""
    visitor = await visitor_required(request)
    async with services(request).database.connection() as connection:
        scope = await scope_of(request, connection, visitor)
        asked = Round(scope.year, scope.within, limit=MOST_ROWS)
        rows = (await collecting.people(connection, scope.rules, asked))[0] if is_round(scope) else []
    file = io.BytesIO()
    collecting.write_round(file, f"{scope.year}年度代收清单", rows, certificate=masked_certificate)
    return table_answer(file, f"village-{scope.year}-{scope.within}.xlsx")


@post("/collector/list", opt={"access": Access.COLLECTOR})
async def take_table(request: Request[Any, Any, Any]) -> Template:
    """Tick whom the filled-in table names; every row that could not be taken is answered."""
    visitor = await visitor_required(request)
    content = await uploaded(await request.form())
    packs = services(request).city.packs
    try:
        async with services(request).database.transaction() as connection:
            scope = await scope_of(request, connection, visitor)
            taken, left = await collecting.take_round(
                connection, packs, content, lambda psn_no, amount: taking_of(scope, visitor, psn_no, amount)
            )
    except Refused as refused:
        return await shown(request, refusals=list(refused.refusals))
    return await shown(request, notice=f"已登记收款{len(taken)}人，{len(left)}行未办理。", refusals=left)


@post("/collector/hand-in", opt={"access": Access.COLLECTOR})
async def hand_in(request: Request[Any, Any, Any]) -> Redirect | Template:
    """The cash of a day went to the bank: its slip books it; another sum than was taken is refused."""
    visitor = await visitor_required(request)
    form = await request.form()
    day, amount, slip = (one_line(str(form.get(name, "")), 40) for name in ("day", "amount", "slip"))
    handed = village.HandIn(visitor.user_name, day_of(day), int(amount) if amount.isdecimal() else 0, slip)
    try:
        async with services(request).database.transaction() as connection:
            await village.hand_in(connection, handed, visitor.user_name)
    except Refused as refused:
        return await shown(request, refusals=list(refused.refusals))
    return Redirect(
        f"{with_query('/collector', dict(request.query_params) | {'done': 'hand-in'})}#cash", status_code=303
    )


@post("/collector/{step:str}", opt={"access": Access.COLLECTOR})
async def collector_step(request: Request[Any, Any, Any]) -> Redirect | Template:
    """`tick`, `undo` or `assess` one person."""
    step = request.path_params["step"]
    visitor = await visitor_required(request)
    form = await request.form()
    psn_no, amount = (one_line(str(form.get(name, "")), 40) for name in ("psn_no", "amount"))
    packs = services(request).city.packs
    try:
        async with services(request).database.transaction() as connection:
            scope = await scope_of(request, connection, visitor)
            taking = taking_of(scope, visitor, psn_no, int(amount) if amount.isdecimal() else None)
            if step == "tick":
                await collecting.tick(connection, packs, taking)
            elif step == "undo":
                await collecting.undo(connection, taking)
            elif step == "assess":
                await collecting.assess_due(connection, packs, taking)
            else:
                raise HTTPException(status_code=404, detail="没有这个操作")
    except Refused as refused:
        if refused.refusals[0].code == "P944":  # the list shows from now on what is due
            async with services(request).database.transaction() as connection:
                await collecting.assess_due(connection, packs, taking)
        return await shown(request, refusals=list(refused.refusals))
    done = {**kept(scope), "done": step, "psn_no": psn_no}
    return Redirect(with_query("/collector", done), status_code=303)


async def shown(request: Request[Any, Any, Any], notice: str = "", refusals: list[Any] | None = None) -> Template:
    """The page as it stands now."""
    visitor = await visitor_required(request)
    async with services(request).database.connection() as connection:
        scope = await scope_of(request, connection, visitor)
        number = min(max(int(scope.asked["page"]), 1), LAST_PAGE) if scope.asked.get("page", "").isdecimal() else 1
        asked = Round(
            scope.year,
            scope.within,
            scope.asked.get("words", ""),
            scope.asked.get("show") != "all",
            PAGE_LENGTH + 1,
            (number - 1) * PAGE_LENGTH,
        )
        rows, totals = await collecting.people(connection, scope.rules, asked) if is_round(scope) else ([], None)
        below = await connection.fetch(BELOW, scope.within)
        cash_day = day_of(scope.asked.get("cash_day", ""))
        cash = await collecting.cash_of(connection, visitor.user_name, cash_day)
        owed = await village.owed(connection, visitor.user_name)
        path = await path_of(connection, scope)
    name = next((one.psn_name for one in cash if one.psn_no == scope.asked.get("psn_no")), "")
    return await page(
        request,
        "collector.html",
        422 if refusals and not notice else 200,
        scope=scope,
        path=path,
        rows=rows[:PAGE_LENGTH],
        totals=totals,
        below=below,
        asked=asked,
        today=dates.today(),
        cash=cash,
        cash_day=cash_day,
        owed=owed,
        cash_text=collecting.cash_text(cash),
        notice=notice or _notice(scope, name),
        refusals=refusals or [],
        masked=masked_certificate,
        kept=kept(scope),
        number=number,
        more=len(rows) > PAGE_LENGTH,
        link=with_query,
    )


def is_round(scope: Scope) -> bool:
    """Whether the division is small enough to be gone through: a town or a village."""
    return len(scope.within) >= TOWN_DIGITS


def kept(scope: Scope) -> dict[str, str]:
    """What the list was asked, so that a step leads back to it."""
    return {"within": scope.within, "year": str(scope.year)} | {
        name: scope.asked.get(name, "") for name in ("words", "show", "page")
    }


def taking_of(scope: Scope, visitor: Visitor, psn_no: str, amount: int | None = None) -> Taking:
    """A step on a person of the visitor's own division; `amount` fen that the list showed."""
    return Taking(scope.year, psn_no, visitor.user_name, scope.top, amount)


def _notice(scope: Scope, name: str) -> str:
    done = STEPS.get(scope.asked.get("done", ""), "")
    return f"{done}：{name}" if done and name else done


COLLECTOR_PAGES = [collector_page, collector_table, take_table, hand_in, collector_step]

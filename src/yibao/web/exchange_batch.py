"""One roster of a department: what the comparison found, in counts and lists, and what a clerk decides.

    /exchange/batches/<number>             counts; ?list= opens one of them
    /exchange/batches/<number>/list.xlsx   the same list as a table

A department sees the batches of its own; deciding doubtful lines, applying and setting aside are the clerk's.
"""

import asyncio
import io
from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refused
from yibao.core.sheets import write_sheet
from yibao.population.rosters import comparison, exchange, matching
from yibao.population.rosters import receiving as rosters
from yibao.population.rosters.applying import apply
from yibao.population.rosters.departments import department_of
from yibao.population.rosters.exchange_lists import (
    ANSWER_HEADINGS,
    CHANGE_HEADINGS,
    CHANGES,
    MATCHES,
    answer_row,
    answer_text,
    change_row,
)
from yibao.population.rosters.receiving import Batch
from yibao.settlement.retroactive import note_batch
from yibao.web.access import Access, visitor_required
from yibao.web.campaign import table_answer
from yibao.web.desk_forms import Form, form_of
from yibao.web.exchange import BATCH_STATES, cities_of
from yibao.web.rendering import one_line, page, with_query
from yibao.web.state import services

SHOWN = 200
LINES = {"matched": "已比对到人", "review": "待核实", "unmatched": "未找到登记人员", "faulty": "有错误"}
DIFFERENCES = {
    "begin": "新增身份", "alter": "起止日期变更", "end": "身份结束", "died": "死亡", "conflict": "期间冲突",
    "not_enrolled": "漏保", "broken": "断保",
}  # fmt: skip
SOME_CHANGES = f"{comparison.CHANGES} limit $3"
SOME_LINES = """
select row_no, certno, psn_name, coalesce(tag, '') as tag, match, faults, notes, null as changes
from population.roster_row where batch_no = $1 and match = $2 order by row_no limit $3
"""
EFFECTS = "select count(*) filter (where status = 'open') from settlement.retroactive_effect where reference = $1"
DONE = {
    "accept": "已认定，请重新比对。",
    "refuse": "已否定，请重新比对。",
    "compare": "已重新比对。",
    "apply": "名册已生效：身份、待缴保费和待遇自名册所列日期起变更。",
    "set-aside": "名册已退回。",
}


@get("/exchange/batches/{number:str}", opt={"access": Access.DEPARTMENT})
async def batch_page(request: Request[Any, Any, Any]) -> Template:
    """Counts and one list."""
    return await batch_shown(request)


@get("/exchange/batches/{number:str}/list.xlsx", opt={"access": Access.DEPARTMENT})
async def batch_table(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The whole list that is asked for: differences of one kind, else the answer to every line."""
    chosen = request.query_params.get("list", "")
    file = io.BytesIO()
    async with services(request).database.connection() as connection:
        batch = await own_batch(request, connection)
        if chosen in DIFFERENCES:
            rows = [change_row(one) for one in await comparison.changes_of(connection, batch.batch_no, chosen)]
            title, headings = DIFFERENCES[chosen], list(CHANGE_HEADINGS)
        else:
            rows = [answer_row(one) for one in await comparison.answers(connection, batch.batch_no)]
            title, headings = "名册比对回执", list(ANSWER_HEADINGS)
    await asyncio.to_thread(write_sheet, file, title, headings, rows)
    return table_answer(file, f"{batch.batch_no}-{chosen if chosen in DIFFERENCES else 'answers'}.xlsx")


@post("/exchange/batches/{number:str}/{step:str}", opt={"access": Access.CLERK})
async def batch_step(request: Request[Any, Any, Any]) -> Redirect | Template:
    """`accept` or `refuse` a doubtful line, `compare` anew, `apply`, or `set-aside`."""
    visitor = await visitor_required(request)
    number, step = request.path_params["number"], request.path_params["step"]
    if step not in DONE:
        raise HTTPException(status_code=404, detail="没有这个操作")
    form = form_of(await request.form())
    try:
        async with services(request).database.transaction() as connection:
            batch = await own_batch(request, connection)
            await _do(request, connection, batch, step, form, visitor.user_name)
    except Refused as refused:
        return await batch_shown(request, refused)
    asked = {"list": "review" if step in ("accept", "refuse") else "", "done": step}
    return Redirect(with_query(f"/exchange/batches/{number}", asked), status_code=303)


async def _do(
    request: Request[Any, Any, Any], connection: Connection, batch: Batch, step: str, form: Form, actor: str
) -> None:
    number, city, today = batch.batch_no, services(request).city, dates.today()
    if step == "accept":
        await matching.accept(connection, number, form.number("row_no"), form.text("psn_no"), actor)
    elif step == "refuse":
        await matching.reject(connection, number, form.number("row_no"), actor)
    elif step == "compare":
        await comparison.compare(connection, number)
    elif step == "set-aside":
        await rosters.reject(connection, number, actor, form.text("reason"))
    elif batch.status != "applied":
        many = bool(form.text("many_endings"))
        await apply(connection, city.packs, number, actor, today, many_endings=many)
        await exchange.put_out_changes(connection, number, actor, today)
        await note_batch(city, connection, number, today)


async def own_batch(request: Request[Any, Any, Any], connection: Connection) -> Batch:
    """The batch when the visitor may see it; 404 otherwise."""
    visitor = await visitor_required(request)
    try:
        batch = await rosters.find_batch(connection, one_line(request.path_params["number"], 80))
    except Refused:
        batch = None
    cities = cities_of(visitor, services(request).city.packs, visitor.department or "")
    mine = batch is not None and batch.department == visitor.department and batch.insu_admdvs in cities
    if batch is None or not (visitor.is_clerk or mine):
        raise HTTPException(status_code=404, detail="没有这个名册批次，或它不属于您的部门")
    return batch


async def batch_shown(request: Request[Any, Any, Any], refused: Refused | None = None) -> Template:
    """The page as it stands now."""
    chosen = request.query_params.get("list", "")
    visitor = await visitor_required(request)
    async with services(request).database.connection() as connection:
        batch = await own_batch(request, connection)
        changes, lines = await _lists(connection, batch, chosen)
        doubts = await matching.review_list(connection, batch.batch_no, SHOWN) if visitor.is_clerk else []
        effects = await connection.fetchval(EFFECTS, batch.batch_no)
    report = batch.report or {}
    return await page(
        request,
        "exchange_batch.html",
        422 if refused else 200,
        batch=batch,
        department=department_of(batch.insu_admdvs, batch.department, batch.as_of),
        line_counts=[(title, report.get(name, 0), _list(batch, name)) for name, title in LINES.items()],
        difference_counts=[(title, report.get(name, 0), _list(batch, name)) for name, title in DIFFERENCES.items()],
        most=max((count for count in report.values() if isinstance(count, int)), default=0),
        chosen=chosen,
        titles=LINES | DIFFERENCES,
        changes=changes[:SHOWN],
        lines=lines[:SHOWN],
        more=max(len(changes), len(lines)) > SHOWN,
        doubts=doubts,
        effects=effects,
        notice=DONE.get(request.query_params.get("done", ""), ""),
        refusals=refused.refusals if refused else (),
        states=BATCH_STATES,
        matches=MATCHES,
        change_titles=CHANGES,
        answer_text=answer_text,
        differences=DIFFERENCES,
        link=with_query,
    )


def _list(batch: Batch, name: str) -> str:
    return f"/exchange/batches/{batch.batch_no}?list={name}#list"


async def _lists(
    connection: Connection, batch: Batch, chosen: str
) -> tuple[Sequence[comparison.Change], Sequence[comparison.Answer]]:
    """The beginning of the chosen list: differences, or lines of the file."""
    if chosen in DIFFERENCES:
        rows = await connection.fetch(SOME_CHANGES, batch.batch_no, [chosen], SHOWN + 1)
        return [comparison.Change(**row) for row in rows], []
    match = {"matched": "number", "review": "review", "unmatched": "none", "faulty": "faulty"}.get(chosen)
    if match is None:
        return [], []
    rows = await connection.fetch(SOME_LINES, batch.batch_no, match, SHOWN + 1)
    return [], [comparison.Answer(**row) for row in rows]


BATCH_PAGES = [batch_page, batch_table, batch_step]

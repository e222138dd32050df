"""The campaign board (征缴调度): the bulletin of a day, tasks, weekly supervision.

    /campaign                   figures, curve, ranking; a division leads to the divisions below it
    /campaign/bulletin.xlsx     the same as a table with a chart
    /campaign/supervision       towns that lag, what they answered
    /campaign/tasks             tasks by table, revision of one, its trace

Who sees which division is decided in `campaign_scope`; lists of persons are in `campaign_lists`.
"""

import io
from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refused
from yibao.population.campaign import bulletin as bulletins
from yibao.population.campaign import supervision, tasks
from yibao.population.campaign.counting import snapshot
from yibao.web.access import ROLES, Access, visitor_required
from yibao.web.campaign_chart import curve_of, longest_rate
from yibao.web.campaign_scope import Scope, scope_of
from yibao.web.rendering import one_line, page, with_query
from yibao.web.state import services

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAMES = "select code, name from directory.division where code = any ($1::text[]) order by length(code)"
TEXT = 1000


@get("/campaign", opt={"access": Access.CAMPAIGN})
async def board(request: Request[Any, Any, Any]) -> Template:
    """The bulletin of a day; says so where nothing was counted yet."""
    visitor = await visitor_required(request)
    async with services(request).database.connection() as connection:
        scope = await scope_of(request, connection, visitor)
        level = level_of(scope)
        path = await path_of(connection, scope)
        try:
            found = await bulletins.bulletin(
                connection, scope.rules, scope.year, scope.day, within=scope.within, level=level
            )
        except Refused as refused:
            if refused.refusals[0].code != "P911":
                raise
            found = None
    return await page(
        request,
        "campaign.html",
        scope=scope,
        path=path,
        level=level,
        levels={code: title for code, title in bulletins.LEVELS.items() if code > len_level(scope.within)},
        found=found,
        curve=curve_of(found) if found else None,
        longest=longest_rate(found) if found else 0,
        lists=visitor.role in ROLES[Access.LISTS],
        link=with_query,
    )


@get("/campaign/bulletin.xlsx", opt={"access": Access.CAMPAIGN})
async def bulletin_table(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The bulletin as xlsx; refused (P911) where nothing was counted yet."""
    visitor = await visitor_required(request)
    async with services(request).database.connection() as connection:
        scope = await scope_of(request, connection, visitor)
        found = await bulletins.bulletin(
            connection, scope.rules, scope.year, scope.day, within=scope.within, level=level_of(scope)
        )
    file = io.BytesIO()
    bulletins.write_bulletin(file, found)
    return table_answer(file, f"bulletin-{scope.year}-{found.day}.xlsx")


@post("/campaign/count", opt={"access": Access.CLERK})
async def count(request: Request[Any, Any, Any]) -> Redirect:
    """Count the city up to now."""
    visitor = await visitor_required(request)
    async with services(request).database.transaction() as connection:
        scope = await scope_of(request, connection, visitor)
        await snapshot(connection, scope.rules, scope.year, dates.today())
    return Redirect(with_query("/campaign", scope.place | {"day": ""}), status_code=303)


@get("/campaign/supervision", opt={"access": Access.CAMPAIGN})
async def supervision_list(request: Request[Any, Any, Any]) -> Template:
    """The list of a week."""
    visitor = await visitor_required(request)
    async with services(request).database.connection() as connection:
        scope = await scope_of(request, connection, visitor)
        weeks = await supervision.weeks_of(connection, scope.rules, scope.year)
        week = _week(scope.asked.get("week", ""), weeks)
        cases = await supervision.supervisions(connection, scope.year, week, scope.within) if week else []
    return await page(
        request,
        "supervision.html",
        scope=scope,
        weeks=weeks,
        week=week,
        cases=cases,
        reasons=supervision.REASONS,
        today=dates.today(),
        may_answer=visitor.is_clerk or len(scope.top) in (6, 9),
        link=with_query,
    )


@post("/campaign/supervise", opt={"access": Access.CLERK})
async def supervise(request: Request[Any, Any, Any]) -> Redirect:
    """Write this week's list."""
    visitor = await visitor_required(request)
    async with services(request).database.transaction() as connection:
        scope = await scope_of(request, connection, visitor)
        await supervision.supervise(connection, scope.rules, scope.year, dates.today())
    return Redirect(with_query("/campaign/supervision", scope.place), status_code=303)


@post("/campaign/supervision/{number:int}/{step:str}", opt={"access": Access.CAMPAIGN})
async def supervision_step(request: Request[Any, Any, Any]) -> Redirect:
    """`answer` by the town, `close` by the bureau."""
    number, step = request.path_params["number"], request.path_params["step"]
    visitor = await visitor_required(request)
    form = await request.form()
    async with services(request).database.transaction() as connection:
        scope = await scope_of(request, connection, visitor)
        if step == "answer":
            text = one_line(str(form.get("answer", "")), TEXT)
            await supervision.answer(connection, number, text, visitor.user_name, scope.top)
        elif step == "close" and visitor.is_clerk:
            await supervision.close(connection, number, visitor.user_name, scope.top)
        else:
            raise HTTPException(status_code=404, detail="没有这个操作")
    place = scope.place | {"week": scope.asked.get("week", "")}
    return Redirect(f"{with_query('/campaign/supervision', place)}#case-{number}", status_code=303)


@get("/campaign/tasks", opt={"access": Access.CLERK})
async def task_page(request: Request[Any, Any, Any]) -> Template:
    """Tasks of a division and those below it, and the trace of one of them."""
    return await tasks_shown(request)


@post("/campaign/tasks", opt={"access": Access.CLERK})
async def change_tasks(request: Request[Any, Any, Any]) -> Redirect | Template:
    """A table of tasks, or one unit's new task; refusals are shown beside the form, all at once."""
    visitor = await visitor_required(request)
    form = await request.form()
    reason = one_line(str(form.get("reason", "")), TEXT)
    unit, number = (one_line(str(form.get(name, "")), 20) for name in ("unit", "task"))
    try:
        async with services(request).database.transaction() as connection:
            scope = await scope_of(request, connection, visitor)
            area = scope.rules.area_code[:4]
            if unit:
                wanted = {unit: int(number) if number.isdecimal() else -1}
                revision = tasks.Revision(scope.year, area, wanted, reason, pass_up=bool(form.get("pass_up")))
                await tasks.revise(connection, revision, visitor.user_name)
            else:
                content = await uploaded(form)
                await tasks.import_tasks(connection, scope.year, area, content, visitor.user_name, reason)
    except Refused as refused:
        return await tasks_shown(request, refused)
    return Redirect(with_query("/campaign/tasks", scope.place | {"unit": unit}), status_code=303)


async def tasks_shown(request: Request[Any, Any, Any], refused: Refused | None = None) -> Template:
    """The page of tasks, with why the last change was refused."""
    visitor = await visitor_required(request)
    async with services(request).database.connection() as connection:
        scope = await scope_of(request, connection, visitor)
        units = await tasks.units_of(connection, scope.within)
        known = await tasks.tasks_of(connection, scope.year, scope.within)
        unit = scope.asked.get("unit", "")
        trace = await tasks.history_of(connection, scope.year, unit) if unit in units else []
    shown = [one for one in units.values() if one.unit in known or one.unit == scope.within]
    return await page(
        request,
        "campaign_tasks.html",
        422 if refused else 200,
        scope=scope,
        units=sorted(shown, key=lambda one: (one.kind, one.unit)),
        all_units=units,
        tasks=known,
        unit=unit,
        trace=trace,
        refusals=refused.refusals if refused else (),
        link=with_query,
    )


async def path_of(connection: Connection, scope: Scope) -> list[tuple[str, str]]:
    """Divisions from the visitor's top down to the one looked at: code and name."""
    codes = [scope.within[:digits] for digits in (4, 6, 9, 12) if len(scope.top) <= digits <= len(scope.within)]
    return [(row["code"], row["name"]) for row in await connection.fetch(NAMES, codes)]


def level_of(scope: Scope) -> int:
    """The level asked for, else the one that is ranked from here: towns, or a town's villages."""
    asked = scope.asked.get("level", "")
    wanted = int(asked) if asked.isdecimal() else 0
    if wanted in bulletins.LEVELS and wanted > len_level(scope.within):
        return wanted
    return bulletins.VILLAGE if len(scope.within) >= 9 else bulletins.TOWN


def len_level(code: str) -> int:
    """The level of a division below the villages' own: a village shows itself."""
    return {4: bulletins.CITY, 6: bulletins.COUNTY, 9: bulletins.TOWN, 12: bulletins.TOWN}.get(len(code), 1)


def table_answer(file: io.BytesIO, name: str) -> Response[bytes]:
    """A table to download."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(file.getvalue(), media_type=XLSX, headers=headers)


async def uploaded(form: Any) -> bytes:
    """The bytes of the field `file`; empty when none was chosen, which the reader of tables refuses."""
    file = form.get("file")
    return bytes(await file.read()) if hasattr(file, "read") else b""


def _week(asked: str, weeks: list[date]) -> date | None:
    """The week asked for when it has a list, else the newest."""
    known = {week.isoformat(): week for week in weeks}
    return known.get(asked) or (weeks[0] if weeks else None)


CAMPAIGN_PAGES = [
    board, bulletin_table, count, supervision_list, supervise, supervision_step, task_page, change_tasks,
]  # fmt: skip

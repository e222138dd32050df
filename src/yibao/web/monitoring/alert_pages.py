"""Alerts (预警处置): the open ones by severity; closed with a reason or opened as a finding."""

from typing import Any

from litestar import Request, get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from yibao.core.errors import Refused
from yibao.supervision.monitoring import alerts
from yibao.web.access import Access, visitor_required
from yibao.web.accounts import INSPECTOR
from yibao.web.desk_forms import form_of
from yibao.web.monitoring.check_pages import only
from yibao.web.rendering import page
from yibao.web.state import services

LISTED = 50
SOURCES = {"indicator": "指标", "day": "日序列", "score": "异常分", "live": "实时"}


@get("/board/alerts", opt={"access": Access.MONITORING})
async def alert_list(request: Request[Any, Any, Any]) -> Template:
    """Open alerts, and the newest that were decided."""
    return await alerts_shown(request)


async def alerts_shown(request: Request[Any, Any, Any], refused: Refused | None = None) -> Template:
    """The page, with what was refused on top of it."""
    async with services(request).database.connection() as connection:
        waiting = await alerts.open_alerts(connection, LISTED)
        decided = await alerts.decided_alerts(connection, LISTED)
    return await page(
        request, "board_alerts.html", 422 if refused else 200, waiting=waiting, decided=decided, sources=SOURCES,
        refused=refused, may_decide=(await visitor_required(request)).role == INSPECTOR,
    )  # fmt: skip


@post("/board/alerts/{number:int}/{step:str}", opt={"access": Access.MONITORING})
async def alert_step(request: Request[Any, Any, Any]) -> Redirect | Template:
    """`close` or `finding`, each with a reason; by an inspector: leaders and reviewers only read."""
    number, step = request.path_params["number"], request.path_params["step"]
    visitor, form = await visitor_required(request), form_of(await request.form())
    try:
        only(visitor, INSPECTOR)
        async with services(request).database.transaction() as connection:
            if step == "close":
                await alerts.close(connection, number, form.text("reason"), visitor.user_name)
            elif step == "finding":
                await alerts.open_finding(connection, number, form.text("reason"), visitor.user_name)
            else:
                raise HTTPException(status_code=404, detail="没有这个操作")
    except Refused as refused:
        return await alerts_shown(request, refused)
    return Redirect("/board/alerts", status_code=303)


ALERT_PAGES = [alert_list, alert_step]

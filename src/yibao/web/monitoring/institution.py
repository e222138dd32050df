"""One institution (机构画像): its indicators beside those of its peers, months, days, bills down to the lines."""

from collections import defaultdict
from datetime import date
from typing import Any

from litestar import Request, get
from litestar.exceptions import HTTPException
from litestar.response import Template

from yibao.core.database import Connection
from yibao.settlement.queries import LINES
from yibao.supervision.monitoring import showing
from yibao.supervision.monitoring.alerts import alerts_of, number_text
from yibao.supervision.monitoring.definitions import Definitions, Indicator, city_definitions
from yibao.supervision.monitoring.persons import DIMENSIONS
from yibao.web.access import Access
from yibao.web.monitoring.board import VERDICTS, group_title, month_of
from yibao.web.monitoring.drawing import days_course, months_course, strip_of
from yibao.web.rendering import one_line, page, with_query
from yibao.web.state import services

PLACE = """
select fixmedins_code, fixmedins_name, fixmedins_type, level, admdvs, beds, lng, lat from directory.institution
where fixmedins_code = $1
"""
FOLLOWED = {
    "outpatient_visits": "门急诊人次", "admissions": "入院人次", "discharges": "出院人次",
    "outpatient_pooled": "门诊统筹基金支付",
}  # fmt: skip


async def place_of(connection: Connection, code: str) -> Any:
    """The institution; 404 when there is none."""
    row = await connection.fetchrow(PLACE, code)
    if row is None:
        raise HTTPException(status_code=404, detail="没有这家机构")
    return row


@get("/board/institutions/{code:str}", opt={"access": Access.MONITORING})
async def institution(request: Request[Any, Any, Any]) -> Template:
    """The portrait of a month."""
    code, rules = request.path_params["code"], city_definitions()
    async with services(request).database.connection() as connection:
        place = await place_of(connection, code)
        months = await showing.months_of(connection)
        month = month_of(one_line(request.query_params.get("month", ""), 7), months)
        found = await showing.portrait(connection, code, month, list(FOLLOWED)) if month else None
        alerts = await alerts_of(connection, code)
    names = {one.name: one.title for one in rules.indicators} | DIMENSIONS
    return await page(
        request, "board_institution.html", place=place, months=months, month=month, found=found,
        groups=rows_of(rules, found, month) if found and month else {}, alerts=alerts, titles=names,
        verdicts=VERDICTS, group_title=group_title, rules=rules, followed=FOLLOWED, link=with_query,
        days={name: days_course(rows) for name, rows in found.days.items()} if found else {},
        shown=lambda name, value: number_text(rules[name], value),
    )  # fmt: skip


def rows_of(rules: Definitions, found: showing.Portrait, month: date) -> dict[str, list[dict[str, Any]]]:
    """The rows of the page by group of indicators: number, peers, course."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for indicator in rules.indicators:
        now = found.now.get(indicator.name)
        if now is not None:
            groups[indicator.group].append(_row(indicator, now, found))
    return dict(groups)


def _row(indicator: Indicator, now: Any, found: showing.Portrait) -> dict[str, Any]:
    peers = found.peers.get(indicator.name, [])
    judged = now["verdict"] in ("high", "low", "usual")
    return {
        "indicator": indicator,
        "now": now,
        "value": number_text(indicator, now["value"]),
        "median": number_text(indicator, now["median"]) if judged else "—",
        "usual": f"{number_text(indicator, now['lower'])} 至 {number_text(indicator, now['upper'])}" if judged else "—",
        "strip": strip_of(peers, now["value"], now["median"], now["lower"], now["upper"]) if judged else None,
        "course": months_course(found.course[indicator.name]),
    }


@get("/board/institutions/{code:str}/bills/{setl_id:str}", opt={"access": Access.MONITORING})
async def institution_bill(request: Request[Any, Any, Any]) -> Template:
    """The lines of one bill of the institution, without the person."""
    code, number = request.path_params["code"], request.path_params["setl_id"]
    async with services(request).database.connection() as connection:
        place = await place_of(connection, code)
        bill = await connection.fetchrow(showing.BILL, number, code)
        if bill is None:
            raise HTTPException(status_code=404, detail="该机构没有这张结算单")
        area = city_definitions().area.code
        lines = await connection.fetch(LINES, number, area)
    return await page(request, "board_bill.html", place=place, bill=bill, lines=lines)

"""The board (监测大屏): today's figures live from the gateway, the map of a month, institutions beside their peers.

What is live renews itself every minute in place (static/board.js; without scripts the page loads again) unless
`?pause=1`; the figures of today are read at most every ten seconds by each process.
"""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Request, get
from litestar.response import Template

from yibao.core import dates
from yibao.core.database import Connection
from yibao.supervision.monitoring import live, showing
from yibao.supervision.monitoring.alerts import number_text, open_alerts
from yibao.supervision.monitoring.definitions import Definitions, city_definitions
from yibao.supervision.monitoring.live import Today
from yibao.supervision.monitoring.persons import DIMENSIONS
from yibao.supervision.monitoring.showing import SCORE, Shown
from yibao.web.access import Access
from yibao.web.monitoring.city_map import city_map, legend, outlines_of
from yibao.web.monitoring.drawing import Strip, strip_of
from yibao.web.rendering import one_line, page, with_query
from yibao.web.state import Services, services
from yibao.web.wording import LEVELS

KEPT_SECONDS = 10
REFRESH_SECONDS = 60
KEY = "monitoring today"
TYPES = {"1": "医疗机构", "2": "药店"}
VERDICTS = {
    "high": "偏高", "low": "偏低", "usual": "正常", "few_cases": "量少不判", "few_peers": "同级太少不判",
    "not_judged": "只列不判", "scored": "已评分",
}  # fmt: skip
LISTED = 15
ALERTS = 5


@dataclass(frozen=True, slots=True)
class Group:
    """One peer group drawn on one line."""

    title: str
    members: int
    strip: Strip
    median: str
    usual: str
    outside: list[tuple[str, str, str]]


@get("/board", opt={"access": Access.MONITORING})
async def board(request: Request[Any, Any, Any]) -> Template:
    """Everything on one page; `month` and `indicator` choose what the map shows."""
    shared, rules = services(request), city_definitions()
    asked = {name: one_line(request.query_params.get(name, ""), 40) for name in ("month", "indicator", "pause")}
    async with shared.database.connection() as connection:
        today = await kept_today(shared, connection, dates.today())
        places = await connection.fetch(live.PLACES, f"{rules.area.code[:4]}%")
        months = await showing.months_of(connection)
        month = month_of(asked["month"], months)
        indicator = asked["indicator"] if asked["indicator"] in {one.name for one in rules.indicators} else SCORE
        values = await showing.overview(connection, indicator, month) if month else []
        persons = await connection.fetch(showing.PERSONS, month) if month and indicator == SCORE else []
        alerts = await open_alerts(connection, ALERTS)
    names = {place["fixmedins_code"]: place["fixmedins_name"] for place in places}
    shown = {one.fixmedins_code: one for one in values if one.fixmedins_code in names}
    texts = {code: text_of(rules, indicator, one) for code, one in shown.items()}
    return await page(
        request, "board.html", day=dates.now(), city=live.whole(today.values()), months=months, month=month,
        indicator=indicator, indicators=rules.indicators, asked=asked, rules=rules, shown=shown, names=names,
        texts=texts, map=city_map(outlines_of(rules.area.code), places, shown, texts), legend=legend(),
        groups=groups_of(rules, indicator, values, names), first=first_of(shown), verdicts=VERDICTS, alerts=alerts,
        persons=persons, person_titles=DIMENSIONS, busiest=busiest(today, places), link=with_query,
        every=REFRESH_SECONDS,
    )  # fmt: skip


async def kept_today(shared: Services, connection: Connection, day: date) -> dict[str, Today]:
    """Today's figures, at most ten seconds old."""
    at, known = shared.recent.get(KEY, (0.0, None))
    if known is None or known[0] != day or time.monotonic() - at > KEPT_SECONDS:
        known = (day, await live.today_of(connection, day))
        shared.recent[KEY] = (time.monotonic(), known)
    found: dict[str, Today] = known[1]
    return found


def month_of(asked: str, months: list[date]) -> date | None:
    """The month asked for when it is known, else the newest."""
    return {f"{month:%Y-%m}": month for month in months}.get(asked) or next(iter(months), None)


def text_of(rules: Definitions, indicator: str, one: Shown) -> str:
    """An institution's number in words, for the map and the lists."""
    if indicator == SCORE:
        return f"异常分 {one.value}，未去规模 {one.extra['raw_score']}"
    found = number_text(rules[indicator], one.value)
    if one.verdict not in ("high", "low", "usual"):
        return f"{found}（{VERDICTS[one.verdict]}）"
    return f"{found}，同级中位 {number_text(rules[indicator], one.median)}，{VERDICTS[one.verdict]}"


def first_of(shown: Mapping[str, Shown]) -> list[Shown]:
    """The most conspicuous first: by score, or by how far beyond the usual."""
    judged = [one for one in shown.values() if one.verdict in ("high", "low", "usual", "scored")]
    return sorted(judged, key=lambda one: -(one.value if one.z is None else abs(one.z)))[:LISTED]


def groups_of(rules: Definitions, indicator: str, values: list[Shown], names: Mapping[str, str]) -> list[Group]:
    """Peer groups with enough members, each with its limits and who lies outside."""
    if indicator == SCORE or rules[indicator].judged == "none":
        return []
    members: dict[str, list[Shown]] = defaultdict(list)
    for one in values:
        if one.verdict in ("high", "low", "usual"):
            members[one.peer_group].append(one)
    definition = rules[indicator]
    found = []
    for group, of_group in sorted(members.items()):
        head = max(of_group, key=lambda one: one.peers)
        lower, upper = min(one.lower for one in of_group), max(one.upper for one in of_group)
        if definition.judged == "robust":
            lower, upper = head.lower, head.upper
        outside = sorted((one for one in of_group if one.verdict != "usual"), key=lambda one: -abs(one.z or 0))[:6]
        found.append(
            Group(
                group_title(group), len(of_group),
                strip_of([one.value for one in of_group], None, head.median, lower, upper),
                number_text(definition, head.median),
                f"{number_text(definition, lower)} 至 {number_text(definition, upper)}",
                [
                    (one.fixmedins_code, names.get(one.fixmedins_code, one.fixmedins_code), one.verdict)
                    for one in outside
                ],
            )
        )  # fmt: skip
    return found


def group_title(group: str) -> str:
    """ "1-3-beds" → 三级医疗机构（有床位）."""
    kind, level, beds = [*group.split("-"), "", "", ""][:3]
    title = f"{LEVELS.get(int(level), level) if level.isdecimal() else level}{TYPES.get(kind, kind)}"
    return title + ("（有床位）" if beds == "beds" else "" if kind == "2" else "（无床位）")


def busiest(today: Mapping[str, Today], places: list[Any]) -> list[tuple[Any, Today]]:
    """The institutions of today by payments and people in bed, ten of them."""
    known = {place["fixmedins_code"]: place for place in places}
    rows = [(known[code], one) for code, one in today.items() if code in known]
    return sorted(rows, key=lambda row: (-row[1].in_bed, -row[1].outpatient_pooled, row[0]["fixmedins_code"]))[:10]

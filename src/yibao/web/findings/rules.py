"""`/findings/rules`: how often each rule is right (规则成效), drawn as bars; rules to repair come first."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, get
from litestar.response import Template

from yibao.core import dates
from yibao.core.errors import Refused
from yibao.core.money import BASIS_POINTS, divide_half_up
from yibao.supervision.casework.statistics import RuleFigures, repair_limits, rule_figures
from yibao.web.access import Access
from yibao.web.rendering import page
from yibao.web.state import services

AREA = "select admdvs from directory.institution order by fixmedins_code limit 1"


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a rule's bar: basis points from `start`."""

    title: str
    look: str
    count: int
    start: int
    share: int


@get("/findings/rules", opt={"access": Access.REVIEW})
async def rules_page(request: Request[Any, Any, Any]) -> Template:
    """Every rule with findings."""
    async with services(request).database.connection() as connection:
        admdvs = await connection.fetchval(AREA)
        try:
            figures = await rule_figures(connection, admdvs or "", dates.today())
            threshold, least = repair_limits(admdvs or "", dates.today())
        except Refused:
            figures, threshold, least = [], 0, 0
    figures.sort(key=lambda one: (not one.to_repair, -one.hits, one.rule_id))
    rows = [(one, parts_of(one)) for one in figures]
    return await page(request, "findings_rules.html", rows=rows, threshold=threshold, least=least)


def parts_of(one: RuleFigures) -> list[Part]:
    """Right, in part, wrong and data faults of the decided ones."""
    pieces = (
        ("成立", "basic", one.accepted + one.silent + one.upheld), ("部分成立", "serious", one.partly),
        ("不成立", "account", one.dismissed + one.dropped), ("数据问题", "hospital", one.data_fault),
    )  # fmt: skip
    parts, before = [], 0
    for title, look, count in pieces:
        if count:
            start, end = (divide_half_up(edge * BASIS_POINTS, one.decided) for edge in (before, before + count))
            parts.append(Part(title, look, count, start, end - start))
            before += count
    return parts


RULE_PAGES = [rules_page]

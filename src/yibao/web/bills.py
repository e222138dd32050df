"""Bills: `/bills` the list, `/bills/<setl_id>` one bill on one page, `/bills/<setl_id>.pdf` the same on paper.

A clerk sees every bill; an insured person sees his own, and for anybody else's gets the same answer as for none.
"""

import asyncio
from datetime import date
from typing import Any

from litestar import Request, Response, get
from litestar.response import Template

from yibao.benefits.book import PackBook
from yibao.core.errors import Refused
from yibao.settlement.queries import BillFilter, BillView, find_bill, list_bills
from yibao.web.access import Access, visitor_of
from yibao.web.accounts import Visitor
from yibao.web.check_code import check_code
from yibao.web.paper import bill_pdf
from yibao.web.rendering import not_found, one_line, page, with_query
from yibao.web.state import services
from yibao.web.statement import statement_of

PAGE_LENGTH = 20
LAST_PAGE = 500  # nobody leafs further; searching is meant instead


@get("/bills", opt={"access": Access.BILLS})
async def bill_list(request: Request[Any, Any, Any]) -> Template:
    """The visitor's bills, searched and paged."""
    visitor = await signed_in(request)
    asked = {name: one_line(value, 40) for name, value in request.query_params.items()}
    try:
        wanted, problem = filter_of(asked, visitor), ""
    except ValueError:
        wanted, problem = (
            filter_of(asked | {"from": "", "to": ""}, visitor),
            "日期请按 年-月-日 填写，例如 2026-01-31。",
        )
    number = min(max(int(asked["page"]), 1), LAST_PAGE) if asked.get("page", "").isdecimal() else 1
    async with services(request).database.connection() as connection:
        rows = await list_bills(connection, wanted, PAGE_LENGTH + 1, (number - 1) * PAGE_LENGTH)
    return await page(
        request,
        "bills.html",
        bills=rows[:PAGE_LENGTH],
        filters=wanted,
        filtered=any(asked.values()),
        problem=problem,
        page=number,
        previous_page=with_query("/bills", asked | {"page": str(number - 1)}),
        next_page=with_query("/bills", asked | {"page": str(number + 1)}) if len(rows) > PAGE_LENGTH else "",
    )


def filter_of(asked: dict[str, str], visitor: Visitor) -> BillFilter:
    """What is looked for; an insured person's number cannot be asked away. `ValueError` for a bad day."""
    first, last = (date.fromisoformat(asked[name]) if asked.get(name) else None for name in ("from", "to"))
    setl_id = asked.get("setl_id", "")
    if not visitor.is_clerk:
        return BillFilter(setl_id, visitor.psn_no or "", "", first, last)
    return BillFilter(setl_id, asked.get("psn_no", ""), asked.get("fixmedins_code", ""), first, last)


@get("/bills/{document:str}", opt={"access": Access.BILLS})
async def bill(request: Request[Any, Any, Any]) -> Response[bytes] | Template:
    """One bill, as a page or, with `.pdf` behind its number, on paper."""
    document: str = request.path_params["document"]
    setl_id = document.removesuffix(".pdf")
    view = await visible_bill(request, setl_id)
    statement = statement_of(view, shared_limits(services(request).city.packs, view.bill.insu_admdvs))
    if setl_id == document:
        return await page(request, "bill.html", s=statement)
    code = check_code(services(request).key, statement.bill)
    address = with_query(f"{request.base_url}verify-bill", {"code": code})
    content = await asyncio.to_thread(bill_pdf, statement, code, address)
    headers = {"Content-Disposition": f'inline; filename="{setl_id}.pdf"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/pdf", headers=headers)


def shared_limits(packs: PackBook, insu_admdvs: str) -> dict[str, str]:
    """Titles of the limits that several layers of a pack share; none when the area's pack runs here no more."""
    try:
        pack = packs.pack_of(insu_admdvs)
    except Refused:
        return {}
    shared = {cap.pool: cap.limit.title for layer in pack.layers.values() for cap in layer.caps if cap.pool}
    deductibles = [layer.deductible for layer in pack.layers.values() if layer.deductible]
    return shared | {rule.pool: rule.standard.title for rule in deductibles if rule.pool}


async def visible_bill(request: Request[Any, Any, Any], setl_id: str) -> BillView:
    """The bill when it exists and this visitor may see it; 404 otherwise."""
    visitor = await signed_in(request)
    async with services(request).database.connection() as connection:
        view = await find_bill(connection, one_line(setl_id, 40))
    if view is None or not (visitor.is_clerk or view.bill.psn_no == visitor.psn_no):
        raise not_found()
    return view


async def signed_in(request: Request[Any, Any, Any]) -> Visitor:
    """The visitor; the guard has made sure that there is one."""
    visitor = await visitor_of(request)
    assert visitor is not None
    return visitor

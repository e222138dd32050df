"""A department's exchange page (部门数据交换): rosters sent, lists to fetch, statements of subsidies.

    /exchange                    what was sent and received; a roster is uploaded here; a clerk chooses the department
    /exchange/files/<sequence>   a list for the department; fetched by itself it counts as sent
    /exchange/subsidies.xlsx     whose premium is subsidised by its tags, person by person; for finance in sums

One file is looked at in `exchange_batch`. The interface for programs (`exchange_api`) carries the same numbers: a file
uploaded here takes the department's next one.
"""

import asyncio
import io
import re
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.crypto import sm3_hex
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.rosters import exchange, subsidies
from yibao.population.rosters import receiving as rosters
from yibao.population.rosters.departments import Department, departments_of
from yibao.population.rosters.exchange import Manifest
from yibao.population.rosters.roster_lines import columns_of
from yibao.settlement.retroactive import note_batch
from yibao.web.access import Access, visitor_required
from yibao.web.accounts import Visitor
from yibao.web.campaign import table_answer, uploaded
from yibao.web.desk_forms import Form, form_of
from yibao.web.rendering import one_line, page, with_query
from yibao.web.state import services

LARGEST_BODY = 100 * 1024 * 1024
UNPLAIN = re.compile(r"[^\w\-.（）() ]")
KINDS = {"roster": "名册", "answers": "名册比对回执", "uninsured": "漏保断保清单", "tag_changes": "身份变动清单"}
STATES = {
    "received": "已接收", "quarantined": "未接收", "ready": "待取", "sent": "已取走", "acknowledged": "已确认收到",
}  # fmt: skip
BATCH_STATES = {"staged": "待比对", "compared": "待生效", "applied": "已生效", "rejected": "已退回"}


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose exchange is looked at: the city, the department, and all that the visitor may choose from."""

    admdvs: str
    department: Department
    departments: dict[str, Department]
    cities: dict[str, str]

    @property
    def place(self) -> dict[str, str]:
        """What links of a clerk carry on."""
        return {"city": self.admdvs, "department": self.department.code}


async def desk_of(request: Request[Any, Any, Any]) -> Desk:
    """The visitor's department, for a clerk the one asked for; 404 where no city has it."""
    visitor = await visitor_required(request)
    asked = {name: one_line(request.query_params.get(name, ""), 40) for name in ("city", "department")}
    wanted = asked["department"] if visitor.is_clerk else visitor.department or ""
    cities = cities_of(visitor, services(request).city.packs, wanted)
    if not cities:
        raise HTTPException(status_code=404, detail="没有这个部门，或本市没有部门数据交换")
    admdvs = asked["city"] if asked["city"] in cities else next(iter(cities))
    known = departments_of(admdvs, dates.today())
    mine = known if visitor.is_clerk else {wanted: known[wanted]}
    return Desk(admdvs, known.get(wanted) or next(iter(known.values())), mine, cities)


def cities_of(visitor: Visitor, packs: PackBook, department: str) -> dict[str, str]:
    """Cities with this department (any for ""); a department's user works for one: that of his area, or the first."""
    found: dict[str, str] = {}
    for pack in packs:
        try:
            known = departments_of(pack.area_code, dates.today())
        except Refused:
            continue
        if pack.area_code.startswith((visitor.area or "")[:4]) and (not department or department in known):
            found[pack.area_code] = pack.area_name
            if not visitor.is_clerk:
                break
    return found


@get("/exchange", opt={"access": Access.DEPARTMENT})
async def exchange_page(request: Request[Any, Any, Any]) -> Template:
    """What was sent and received."""
    return await exchange_shown(request)


@post("/exchange/roster", opt={"access": Access.DEPARTMENT}, request_max_body_size=LARGEST_BODY)
async def upload_roster(request: Request[Any, Any, Any]) -> Redirect | Template:
    """Take a roster in under the department's next number; leads to what the comparison found."""
    visitor = await visitor_required(request)
    desk = await desk_of(request)
    sent = await request.form()
    form, content = form_of(sent), await uploaded(sent)
    city, today = services(request).city, dates.today()
    name = UNPLAIN.sub("_", one_line(getattr(sent.get("file"), "filename", "") or "名册", 100))
    try:
        as_of = form.day("as_of")
        async with city.database.transaction() as connection:
            manifest = await _manifest(connection, desk, name, content, form, as_of)
            note = partial(note_batch, city, today=today)
            receipt = await exchange.take_in(connection, city.packs, manifest, content, visitor.user_name, today, note)
    except Refused as refused:
        return await exchange_shown(request, form, refused)
    if receipt.batch_no is None:
        return await exchange_shown(request, form, Refused(*receipt.refusals))
    return Redirect(f"/exchange/batches/{receipt.batch_no}", status_code=303)


async def _manifest(connection: Connection, desk: Desk, name: str, content: bytes, form: Form, as_of: date) -> Manifest:
    """What a department's program would send along; the number is the next one."""
    await connection.execute(exchange.LOCK, f"{desk.admdvs} {desk.department.code}")
    last = await connection.fetchval(exchange.LAST, desk.admdvs, desk.department.code, "in")
    return Manifest(
        admdvs=desk.admdvs,
        department=desk.department.code,
        sequence=last + 1,
        kind="roster",
        file_name=name.lstrip("."),
        sm3=sm3_hex(content),
        mode="full" if form.text("mode") == "full" else "incremental",
        as_of=as_of,
    )


@post("/exchange/acknowledge", opt={"access": Access.DEPARTMENT})
async def acknowledge_file(request: Request[Any, Any, Any]) -> Redirect | Template:
    """The department says that it has a file, with the checksum that the page showed."""
    desk = await desk_of(request)
    form = form_of(await request.form())
    try:
        async with services(request).database.transaction() as connection:
            given = (form.number("sequence"), form.text("digest"))
            await exchange.acknowledge(connection, desk.admdvs, desk.department.code, *given)
    except Refused as refused:
        return await exchange_shown(request, form, refused)
    return Redirect(with_query("/exchange", dict(request.query_params)), status_code=303)


@get("/exchange/files/{sequence:int}", opt={"access": Access.DEPARTMENT})
async def exchange_file(request: Request[Any, Any, Any]) -> Response[bytes]:
    """A list for the department; a clerk who looks at it does not make it sent."""
    visitor = await visitor_required(request)
    desk, sequence = await desk_of(request), request.path_params["sequence"]
    async with services(request).database.transaction() as connection:
        if visitor.is_clerk:
            row = await connection.fetchrow(exchange.CONTENT, desk.admdvs, desk.department.code, sequence)
            if row is None:
                raise Refused(Refusal("P826", f"没有序号{sequence}的文件", "请先查询待取清单", "sequence"))
            name, content = row["file_name"], bytes(row["content"])
        else:
            name, content = await exchange.content_of(connection, desk.admdvs, desk.department.code, sequence)
    headers = {"Content-Disposition": f"attachment; filename*=utf-8''{quote(name)}", "Cache-Control": "no-store"}
    return Response(content, media_type="application/octet-stream", headers=headers)


@get("/exchange/subsidies.xlsx", opt={"access": Access.DEPARTMENT})
async def subsidy_table(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Person by person for the department; a clerk may ask for the sums of all departments (`totals`)."""
    visitor = await visitor_required(request)
    desk, today = await desk_of(request), dates.today()
    year = request.query_params.get("year", "")
    chosen = int(year) if re.fullmatch(r"20[0-9]{2}", year, re.ASCII) else today.year
    totals = visitor.is_clerk and bool(request.query_params.get("totals"))
    department = "" if totals else desk.department.code
    async with services(request).database.transaction() as connection:
        packs = services(request).city.packs
        persons = await subsidies.subsidised(connection, packs, desk.admdvs, chosen, today, department)
    file = io.BytesIO()
    await asyncio.to_thread(subsidies.write_statement, file, desk.admdvs, chosen, today, persons, totals=totals)
    return table_answer(file, f"subsidies-{department or 'all'}-{chosen}.xlsx")


async def exchange_shown(
    request: Request[Any, Any, Any], form: Form | None = None, refused: Refused | None = None
) -> Template:
    """The page as it stands now, with why the last file was not taken."""
    desk = await desk_of(request)
    today = dates.today()
    async with services(request).database.connection() as connection:
        files = await exchange.history(connection, desk.admdvs, desk.department.code)
        batches = await rosters.list_batches(connection, desk.admdvs, desk.department.code)
    return await page(
        request,
        "exchange.html",
        422 if refused else 200,
        desk=desk,
        columns=columns_of(desk.department),
        files=files,
        batches=batches,
        kinds=KINDS,
        states=STATES,
        batch_states=BATCH_STATES,
        today=today,
        years=[today.year + 1, today.year, today.year - 1],
        typed=form or Form({}),
        refusals=refused.refusals if refused else (),
        link=with_query,
    )


EXCHANGE_PAGES = [exchange_page, upload_roster, acknowledge_file, exchange_file, subsidy_table]

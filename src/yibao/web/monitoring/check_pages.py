"""Remote checks of beds (远程查床): the inspector asks and decides, the institution answers from the ward.

Both see the list; an institution only its own checks. The page for the ward is made for a telephone: it opens the
camera, and asks the device for its place (assets/bed_check.js, with the person's consent; it works without).
"""

from decimal import Decimal, InvalidOperation
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from yibao.core import dates
from yibao.core.errors import Refusal, Refused
from yibao.supervision.monitoring import bed_checks, live
from yibao.supervision.monitoring.bed_checks import BedCheck, Spot
from yibao.supervision.monitoring.definitions import city_definitions
from yibao.web.access import Access, visitor_required
from yibao.web.accounts import INSPECTOR, INSTITUTION, Visitor
from yibao.web.desk_forms import Form, form_of
from yibao.web.rendering import page
from yibao.web.state import services

LARGEST_BODY = bed_checks.MOST_FILES * bed_checks.LARGEST_FILE + 1024 * 1024
STATES = {
    "waiting": "待上传", "late": "逾时未传", "answered": "待核", "confirmed": "已确认在床", "finding": "转为疑点",
}  # fmt: skip


@get("/bed-checks", opt={"access": Access.BED_CHECK})
async def check_list(request: Request[Any, Any, Any]) -> Template:
    """The newest checks."""
    return await list_shown(request)


async def list_shown(request: Request[Any, Any, Any], refused: Refused | None = None) -> Template:
    """The page, with what was refused on top of it; for an inspector with the form to ask."""
    visitor, rules = await visitor_required(request), city_definitions()
    async with services(request).database.connection() as connection:
        found = await bed_checks.checks(connection, visitor.fixmedins_code)
        in_bed = await connection.fetch(live.IN_BED) if visitor.role == INSPECTOR else []
        places = await connection.fetch(live.PLACES, f"{rules.area.code[:4]}%") if in_bed else []
    lying = {row["fixmedins_code"]: row["in_bed"] for row in in_bed}
    return await page(
        request, "board_checks.html", 422 if refused else 200, checks=found, now=dates.now(), states=STATES,
        choice=[(place, lying[place["fixmedins_code"]]) for place in places if place["fixmedins_code"] in lying],
        may_ask=visitor.role == INSPECTOR, refused=refused, rules=rules.bed_check,
    )  # fmt: skip


@post("/bed-checks", opt={"access": Access.BED_CHECK})
async def ask(request: Request[Any, Any, Any]) -> Redirect | Template:
    """Ask an institution: a random sample of those in bed, or one stay."""
    visitor, form = await visitor_required(request), form_of(await request.form())
    rules, code = city_definitions().bed_check, form.text("fixmedins_code")
    try:
        only(visitor, INSPECTOR)
        async with services(request).database.transaction() as connection:
            if form.text("mdtrt_id"):
                await bed_checks.ask(connection, rules, code, form.text("mdtrt_id"), visitor.user_name)
            else:
                await bed_checks.draw(connection, rules, code, form.number("count"), visitor.user_name)
    except Refused as refused:
        return await list_shown(request, refused)
    return Redirect("/bed-checks", status_code=303)


@get("/bed-checks/{number:int}", opt={"access": Access.BED_CHECK})
async def check_page(request: Request[Any, Any, Any]) -> Template:
    """One check: for the ward the way to send, for the inspector what was sent."""
    return await check_shown(request)


async def check_shown(request: Request[Any, Any, Any], refused: Refused | None = None) -> Template:
    """The page, with what was refused on top of it."""
    visitor = await visitor_required(request)
    async with services(request).database.connection() as connection:
        check = await _own(connection, request.path_params["number"], visitor)
        photos = await connection.fetch(bed_checks.PHOTOS, check.check_id)
    now = dates.now()
    return await page(
        request, "board_check.html", 422 if refused else 200, check=check, photos=photos, now=now, states=STATES,
        state=check.state_at(now), may_send=visitor.role == INSTITUTION, may_decide=visitor.role == INSPECTOR,
        refused=refused, rules=city_definitions().bed_check, most=bed_checks.MOST_FILES,
        megabytes=bed_checks.LARGEST_FILE >> 20,
    )  # fmt: skip


async def _own(connection: Any, number: int, visitor: Visitor) -> BedCheck:
    """The check; the same 404 for another institution's as for none."""
    try:
        return await bed_checks.one_check(connection, number, visitor.fixmedins_code)
    except Refused as refused:
        raise HTTPException(status_code=404, detail=refused.refusals[0].text) from refused


@post("/bed-checks/{number:int}/{step:str}", opt={"access": Access.BED_CHECK}, request_max_body_size=LARGEST_BODY)
async def check_step(request: Request[Any, Any, Any]) -> Redirect | Template:
    """`answer` by the institution, `confirm` or `finding` by the inspector."""
    number, step = request.path_params["number"], request.path_params["step"]
    visitor, sent = await visitor_required(request), await request.form()
    form = form_of(sent)
    if step not in ("answer", "confirm", "finding"):
        raise HTTPException(status_code=404, detail="没有这个操作")
    try:
        if step == "answer":
            await _answer(request, visitor, number, sent, form)
        else:
            await _decide(request, visitor, number, step, form)
    except Refused as refused:
        if refused.refusals[0].code == "V613":
            raise HTTPException(status_code=404, detail=refused.refusals[0].text) from refused
        return await check_shown(request, refused)
    return Redirect(f"/bed-checks/{number}", status_code=303)


async def _answer(request: Request[Any, Any, Any], visitor: Visitor, number: int, sent: Any, form: Form) -> None:
    only(visitor, INSTITUTION)
    contents = [bytes(await one.read()) for one in sent.getall("file", []) if hasattr(one, "read")]
    files = [content for content in contents if content]
    shared = services(request)
    async with shared.database.transaction() as connection:
        await bed_checks.answer(
            connection, shared.key, number, visitor.fixmedins_code or "", files, spot_of(form), form.text("note"),
            visitor.user_name,
        )  # fmt: skip


async def _decide(request: Request[Any, Any, Any], visitor: Visitor, number: int, step: str, form: Form) -> None:
    only(visitor, INSPECTOR)
    decision = "finding" if step == "finding" else "confirmed"
    async with services(request).database.transaction() as connection:
        await bed_checks.decide(connection, number, decision, form.text("reason"), visitor.user_name)


def spot_of(form: Form) -> Spot:
    """Where the device says it is; anything that is no place on earth counts as unknown."""
    try:
        lng, lat = (Decimal(form.text(name)).quantize(Decimal("0.000001")) for name in ("lng", "lat"))
    except InvalidOperation:
        return Spot(None, None, None, form.text("why_not") or "none")
    if not (abs(lng) <= 180 and abs(lat) <= 90):
        return Spot(None, None, None, "unavailable")
    accuracy = form.text("accuracy")
    return Spot(lng, lat, int(accuracy) if accuracy.isdecimal() and len(accuracy) < 8 else None)


@get("/bed-checks/{number:int}/photos/{place:int}", opt={"access": Access.BED_CHECK})
async def photo(request: Request[Any, Any, Any]) -> Response[bytes]:
    """What was sent, opened for those who may see the check; nobody keeps a copy."""
    visitor, shared = await visitor_required(request), services(request)
    async with shared.database.connection() as connection:
        check = await _own(connection, request.path_params["number"], visitor)
        try:
            media_type, content = await bed_checks.photo(
                connection, shared.key, check.check_id, request.path_params["place"]
            )
        except Refused as refused:
            raise HTTPException(status_code=404, detail=refused.refusals[0].text) from refused
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)


def only(visitor: Visitor, role: str) -> None:
    """Who asks and decides does not answer, and the other way round: `Refused` V620."""
    if visitor.role != role:
        who = {INSPECTOR: "监管人员", INSTITUTION: "机构医保办"}[role]
        raise Refused(Refusal("V620", f"这一步由{who}办理", "请换用对应的账号"))


CHECK_PAGES = [check_list, ask, check_page, check_step, photo]

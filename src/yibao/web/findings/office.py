"""`/institution/findings`: the insurance office of an institution answers its findings, many at once.

/institution/findings               what waits, by rule and deadline, with its lines; accept or appeal
/institution/findings/<number>      one finding with its history
/institution/deductions             its deduction statements (see `statements`)
"""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from yibao.core.errors import Refused
from yibao.supervision.casework import answering
from yibao.supervision.casework.attachments import LARGEST, MOST_FILES
from yibao.web.access import Access, visitor_required
from yibao.web.findings.history import file_answer, finding_shown
from yibao.web.findings.listing import (
    PAGE_LENGTH,
    WORDS,
    actor_of,
    advanced,
    back_to,
    chosen_of,
    notice_of,
    queue_of,
    reason_of,
    uploads_of,
)
from yibao.web.rendering import page, with_query
from yibao.web.state import services

HOME = "/institution/findings"
SHOWN_STATES = ("issued", "appealed", "opinion", "closed")
LARGEST_BODY = (MOST_FILES + 1) * LARGEST
DONE = {"accept": "已认可", "appeal": "已提交申诉"}


@get(HOME, opt={"access": Access.INSTITUTION})
async def office_page(request: Request[Any, Any, Any]) -> Template:
    """What waits for an answer, or what became of it."""
    await advanced(request)
    return await office_shown(request)


@get(HOME + "/{number:str}", opt={"access": Access.INSTITUTION})
async def office_finding(request: Request[Any, Any, Any]) -> Template:
    """One of the institution's findings."""
    return await finding_shown(request, HOME)


@get(HOME + "/files/{number:str}", opt={"access": Access.INSTITUTION})
async def office_file(request: Request[Any, Any, Any]) -> Response[bytes]:
    """A file that the institution sent."""
    return await file_answer(request)


@post(HOME + "/steps/{step:str}", opt={"access": Access.INSTITUTION}, request_max_body_size=LARGEST_BODY)
async def office_step(request: Request[Any, Any, Any]) -> Redirect | Template:
    """`accept` or `appeal` what was checked: all of it, or nothing and why."""
    step = request.path_params["step"]
    if step not in DONE:
        raise HTTPException(status_code=404, detail="没有这个操作")
    form = await request.form()
    actor, chosen, reason = actor_of(await visitor_required(request)), chosen_of(form), reason_of(form)
    try:
        async with services(request).database.transaction() as connection:
            if step == "accept":
                count = await answering.accept(connection, actor, chosen, reason)
            else:
                count = await answering.appeal(connection, actor, chosen, reason, await uploads_of(form))
    except Refused as refused:
        return await office_shown(request, frozenset(chosen), refused, reason)
    path, kept = back_to(HOME, request, done=step, count=str(count))
    return Redirect(with_query(path, kept), status_code=303)


async def office_shown(
    request: Request[Any, Any, Any],
    chosen: frozenset[str] = frozenset(),
    refused: Refused | None = None,
    reason: str = "",
) -> Template:
    """The page as it stands now; after a refusal with what was checked and typed."""
    visitor = await visitor_required(request)
    async with services(request).database.connection() as connection:
        queue = await queue_of(request, connection, SHOWN_STATES, visitor.fixmedins_code or "-", chosen)
    return await page(
        request,
        "findings_office.html",
        422 if refused else 200,
        queue=queue,
        home=HOME,
        shown_states=SHOWN_STATES,
        refusals=refused.refusals if refused else (),
        reason=reason,
        notice=notice_of(request, DONE),
        most=PAGE_LENGTH,
        link=with_query,
        **WORDS,
    )


OFFICE_PAGES = [office_page, office_finding, office_file, office_step]

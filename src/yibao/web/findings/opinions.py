"""`/findings/opinions`: what was drawn to an expert, and the answer."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.response import Redirect, Template

from yibao.core.errors import Refused
from yibao.supervision.casework import queries
from yibao.supervision.casework.experts import give_opinion
from yibao.supervision.casework.queries import Listed
from yibao.web.access import Access, visitor_required
from yibao.web.findings.desk import ruling_of
from yibao.web.findings.history import file_answer, finding_shown
from yibao.web.findings.listing import PAGE_LENGTH, WORDS, actor_of, advanced, chosen_of, reason_of
from yibao.web.rendering import page
from yibao.web.state import services

HOME = "/findings/opinions"


@get(HOME, opt={"access": Access.OPINION})
async def opinions_page(request: Request[Any, Any, Any]) -> Template:
    """Findings that wait for this expert."""
    await advanced(request)
    visitor = await visitor_required(request)
    async with services(request).database.connection() as connection:
        rows = await connection.fetch(queries.ASKED, visitor.user_name, PAGE_LENGTH)
        found = [Listed(**row) for row in rows]
        lines = await queries.evidence_of(connection, [one.finding_id for one in found])
    done = "意见已提交。" if request.query_params.get("done") else ""
    return await page(request, "findings_opinions.html", rows=found, lines=lines, home=HOME, notice=done, **WORDS)


@get(HOME + "/{number:str}", opt={"access": Access.OPINION})
async def opinion_finding(request: Request[Any, Any, Any]) -> Template:
    """One finding drawn to this expert, with the institution's answer and its files."""
    return await finding_shown(request, HOME)


@get(HOME + "/files/{number:str}", opt={"access": Access.OPINION})
async def opinion_file(request: Request[Any, Any, Any]) -> Response[bytes]:
    """A file of the appeal."""
    return await file_answer(request)


@post(HOME, opt={"access": Access.OPINION})
async def opinion(request: Request[Any, Any, Any]) -> Redirect | Template:
    """The expert's answer."""
    form = await request.form()
    actor, chosen, reason = actor_of(await visitor_required(request)), chosen_of(form), reason_of(form)
    try:
        async with services(request).database.transaction() as connection:
            await give_opinion(connection, actor, chosen, ruling_of(form, reason))
    except Refused as refused:
        return await finding_shown(request, HOME, refused, chosen[0] if chosen else "-")
    return Redirect(f"{HOME}?done=1", status_code=303)


OPINION_PAGES = [opinions_page, opinion_finding, opinion_file, opinion]

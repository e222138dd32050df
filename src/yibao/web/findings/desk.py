"""`/findings`: the reviewers' desk, queues by state with their deadlines, and one finding with its history.

/findings                 ?state=, ?rule=, ?institution=, ?within= days; steps for all that is checked
/findings/<number>        one finding: lines, bill, answers, opinions, what happened
/findings/files/<number>  a file of an appeal
"""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.money import fen_from_yuan
from yibao.supervision.casework import decision, experts, review
from yibao.supervision.casework.decision import Ruling
from yibao.supervision.casework.moves import STATES, Actor
from yibao.web.access import Access, visitor_required
from yibao.web.findings.history import VERDICTS, file_answer, finding_shown
from yibao.web.findings.listing import WORDS, actor_of, advanced, back_to, chosen_of, notice_of, queue_of, reason_of
from yibao.web.rendering import one_line, page, with_query
from yibao.web.state import services

HOME = "/findings"
PAGE_LENGTH = 100
DONE = {
    "issue": "已发机构", "drop": "已排除", "decide": "已作出结论", "ask": "已抽取专家并提请评议",
    "reopen": "已转回复审",
}  # fmt: skip


@get(HOME, opt={"access": Access.REVIEW})
async def desk_page(request: Request[Any, Any, Any]) -> Template:
    """One queue."""
    await advanced(request)
    return await desk_shown(request)


@get(HOME + "/{number:str}", opt={"access": Access.REVIEW})
async def desk_finding(request: Request[Any, Any, Any]) -> Template:
    """One finding."""
    return await finding_shown(request, HOME)


@get(HOME + "/files/{number:str}", opt={"access": Access.REVIEW})
async def desk_file(request: Request[Any, Any, Any]) -> Response[bytes]:
    """A file of an appeal."""
    return await file_answer(request)


@post(HOME + "/steps/{step:str}", opt={"access": Access.REVIEW})
async def desk_step(request: Request[Any, Any, Any]) -> Redirect | Template:
    """`issue`, `drop`, `decide`, `ask` or `reopen` what was checked: all of it, or nothing and why."""
    step = request.path_params["step"]
    if step not in DONE:
        raise HTTPException(status_code=404, detail="没有这个操作")
    form = await request.form()
    actor, chosen, reason = actor_of(await visitor_required(request)), chosen_of(form), reason_of(form)
    single = chosen[0] if form.get("single") and len(chosen) == 1 else ""
    try:
        async with services(request).database.transaction() as connection:
            count = await _do(connection, step, actor, chosen, reason, form)
    except Refused as refused:
        if single:
            return await finding_shown(request, HOME, refused, single)
        return await desk_shown(request, frozenset(chosen), refused, reason)
    path, kept = back_to(f"{HOME}/{single}" if single else HOME, request, done=step, count=str(count))
    return Redirect(with_query(path, kept), status_code=303)


async def _do(connection: Connection, step: str, actor: Actor, chosen: tuple[str, ...], reason: str, form: Any) -> int:
    if step == "issue":
        return await review.issue(connection, actor, chosen, reason)
    if step == "drop":
        return await review.drop(connection, actor, chosen, reason)
    if step == "ask":
        count = one_line(str(form.get("experts", "")), 2)
        return await experts.ask(connection, actor, chosen, int(count) if count.isdecimal() else 0, reason)
    if step == "reopen":
        return await decision.reopen(connection, actor, chosen, reason)
    return await decision.decide(connection, actor, chosen, ruling_of(form, reason))


def ruling_of(form: Any, reason: str) -> Ruling:
    """A decision as the form has it: `amount` in yuan or `share` in percent for a part. Refused W701, W702."""
    outcome, amount, share = (one_line(str(form.get(name, "")), 20) for name in ("outcome", "amount", "share"))
    if outcome not in VERDICTS:
        raise Refused(Refusal("W701", "没有选择结论", "请选择成立、部分成立、不成立或数据问题", "outcome"))
    try:
        fen = fen_from_yuan(amount) if amount and outcome == "partly" else None
        points = fen_from_yuan(share) if share and outcome == "partly" else None
    except ValueError as error:
        raise Refused(Refusal("W702", "金额或比例不是数字", "金额按元、比例按百分数填写", "amount")) from error
    return Ruling(outcome, reason, fen, points)  # type: ignore[arg-type]  # one of VERDICTS


async def desk_shown(
    request: Request[Any, Any, Any],
    chosen: frozenset[str] = frozenset(),
    refused: Refused | None = None,
    reason: str = "",
) -> Template:
    """The queue as it stands now; after a refusal with what was checked and typed."""
    states = tuple(STATES)
    visitor = await visitor_required(request)
    usual = states if visitor.role == "reviewer" else ("appealed", *(one for one in states if one != "appealed"))
    async with services(request).database.connection() as connection:
        queue = await queue_of(request, connection, usual, None, chosen, PAGE_LENGTH)
    return await page(
        request,
        "findings_desk.html",
        422 if refused else 200,
        queue=queue,
        home=HOME,
        shown_states=states,
        refusals=refused.refusals if refused else (),
        reason=reason,
        notice=notice_of(request, DONE),
        verdicts=VERDICTS,
        link=with_query,
        **WORDS,
    )


DESK_PAGES = [desk_page, desk_finding, desk_file, desk_step]

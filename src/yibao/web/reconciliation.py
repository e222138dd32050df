"""Money of the channels for the clerk: `/reconciliation` compares a day with a channel's list and shows what is left.

/reconciliation                   a channel's list in, runs and their differences, receipts that belong to no order
/reconciliation/differences.xlsx  the difference list of a run (?run=)
"""

import io
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from yibao.core import dates
from yibao.core.errors import Refused
from yibao.population.contributions import reconciliation as matching
from yibao.population.contributions.refunds import return_receipt
from yibao.population.contributions.windows import Channel, channels
from yibao.population.rules import rules_of
from yibao.web.access import Access, visitor_required
from yibao.web.campaign import table_answer, uploaded
from yibao.web.desk_forms import Form, form_of
from yibao.web.rendering import page, with_query
from yibao.web.state import services

MOST = 200
RUNS = """
select r.run_id, r.channel, r.day, r.ours, r.theirs, r.matched, r.actor, r.at, d.differences
from population.reconciliation r
cross join lateral (
  select count(*) as differences from population.reconciliation_difference where run_id = r.run_id) d
order by r.run_id desc limit 31
"""
DIFFERENCES = """
select kind, serial, order_no, ours, theirs from population.reconciliation_difference
where run_id = $1 order by line_no limit $2
"""
UNALLOCATED = """
select channel, serial, amount, paid_on, reason, entered_at, coalesce(details ->> 'psn_no', '') as psn_no,
       coalesce(details ->> 'order_no', '') as order_no
from population.channel_receipt where status = 'unallocated' order by entered_at limit $1
"""


@get("/reconciliation", opt={"access": Access.CLERK})
async def reconciliation_page(request: Request[Any, Any, Any]) -> Template:
    """What was compared, and what is left to explain."""
    return await reconciliation_shown(request)


@get("/reconciliation/differences.xlsx", opt={"access": Access.CLERK})
async def difference_table(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The difference list of one run; empty for a number that is none."""
    run_id = _run(request)
    file = io.BytesIO()
    async with services(request).database.connection() as connection:
        await matching.write_differences(connection, file, run_id)
    return table_answer(file, f"differences-{run_id}.xlsx")


@post("/reconciliation/{step:str}", opt={"access": Access.CLERK})
async def reconciliation_step(request: Request[Any, Any, Any]) -> Redirect | Template:
    """`compare` a day with a channel's list, or `return` a receipt that belongs to no order."""
    visitor = await visitor_required(request)
    step, sent = request.path_params["step"], await request.form()
    form, content = form_of(sent), await uploaded(sent)
    run = ""
    try:
        async with services(request).database.transaction() as connection:
            if step == "compare":
                channel, day = form.text("channel"), form.day("day")
                found = await matching.reconcile(connection, channel, day, content, visitor.user_name)
                run = str(found.run_id)
            elif step == "return":
                receipt = (form.text("channel"), form.text("serial"))
                await return_receipt(connection, *receipt, visitor.user_name, form.text("reason"))
            else:
                raise HTTPException(status_code=404, detail="没有这个操作")
    except Refused as refused:
        return await reconciliation_shown(request, step, form, refused)
    return Redirect(with_query("/reconciliation", {"done": step, "run": run}), status_code=303)


async def reconciliation_shown(
    request: Request[Any, Any, Any], step: str = "", form: Form | None = None, refused: Refused | None = None
) -> Template:
    """The page as it stands now."""
    run_id = _run(request)
    async with services(request).database.connection() as connection:
        runs = await connection.fetch(RUNS)
        differences = await connection.fetch(DIFFERENCES, run_id, MOST) if run_id else []
        receipts = await connection.fetch(UNALLOCATED, MOST)
    done = {"compare": "对账完成，相符的已记到账。", "return": "已登记退还。"}
    return await page(
        request,
        "reconciliation.html",
        422 if refused else 200,
        runs=runs,
        run=run_id,
        differences=differences,
        receipts=receipts,
        ways=ways_of(request),
        kinds=matching.KINDS,
        today=dates.today(),
        step=step,
        typed=form or Form({}),
        refusals=refused.refusals if refused else (),
        notice=done.get(request.query_params.get("done", ""), ""),
    )


def ways_of(request: Request[Any, Any, Any]) -> dict[str, Channel]:
    """The channels of every city that this installation serves."""
    found: dict[str, Channel] = {}
    for pack in services(request).city.packs:
        try:
            found |= channels(rules_of(pack.area_code), dates.today())
        except Refused:
            continue
    return found


def _run(request: Request[Any, Any, Any]) -> int:
    asked = request.query_params.get("run", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 18 else 0


RECONCILIATION_PAGES = [reconciliation_page, difference_table, reconciliation_step]

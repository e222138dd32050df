"""Reversal (冲正, 2601): undo a message whose reply was lost, whether it arrived or not.

What arrived is undone like a cancellation; what never arrived is remembered, so that the original, should it come
late, is refused. Either way the sender knows afterwards that nothing of that message stands.
"""

import msgspec

from yibao.core.database import Connection
from yibao.core.inbox import REVERSED, Answer, Message, once
from yibao.settlement.cancellation import Render, cancel_case, reopen_for_reversal
from yibao.settlement.services import Services
from yibao.settlement.visits import cancel_visit, lock_visit, refuse

REVERSIBLE = ("2102", "2207", "2304", "2401")
ORIGINAL = "select infno, digest, reference, psn_no from core.inbox where sender = $1 and msgid = $2 for update"
MARK = "update core.inbox set digest = $3, reversed_at = now() where sender = $1 and msgid = $2"
REMEMBER = """
insert into core.inbox (sender, msgid, infno, digest, reply, psn_no, reversed_at)
values ($1, $2, $3, $4, ''::bytea, $5, now())
"""


class ReversalRequest(msgspec.Struct, frozen=True, kw_only=True):
    """`omsgid` and `oinfno` name the message to be undone."""

    psn_no: str
    omsgid: str
    oinfno: str
    fixmedins_code: str
    opter: str = ""


async def reverse(
    services: Services, request: ReversalRequest, message: Message, reply: bytes, render: Render
) -> bytes:
    """Undo the message; raises `Refused` S501 not reversible, S502 other transaction, S503 other person."""

    async def work(connection: Connection) -> Answer:
        await reverse_in(services, connection, request, message, render)
        return Answer(reply, request.omsgid, request.psn_no)

    return await once(services.database, message, work)


async def reverse_in(
    services: Services, connection: Connection, request: ReversalRequest, message: Message, render: Render
) -> None:
    if request.oinfno not in REVERSIBLE:
        raise refuse("S501", f"交易 {request.oinfno} 不能冲正", f"只有{'、'.join(REVERSIBLE)}可以冲正", "oinfno")
    original = await connection.fetchrow(ORIGINAL, request.fixmedins_code, request.omsgid)
    if original is None:
        args = (request.fixmedins_code, request.omsgid, request.oinfno, REVERSED, request.psn_no)
        await connection.execute(REMEMBER, *args)
        return
    if bytes(original["digest"]) == REVERSED:
        return
    if original["infno"] != request.oinfno:
        raise refuse("S502", f"原报文的交易编号是 {original['infno']}，不是 {request.oinfno}", "请核对oinfno", "oinfno")
    if original["psn_no"] not in (None, request.psn_no):
        raise refuse("S503", "原报文不属于该人员", "请核对psn_no", "psn_no")
    await undo(services, connection, request, original["reference"], message, render)
    await connection.execute(MARK, request.fixmedins_code, request.omsgid, REVERSED)


async def undo(
    services: Services,
    connection: Connection,
    request: ReversalRequest,
    reference: str,
    message: Message,
    render: Render,
) -> None:
    """Undo an admission, or a settlement unless it was cancelled already."""
    if request.oinfno == "2401":
        visit = await lock_visit(
            connection, reference, request.psn_no, request.fixmedins_code, "admitted", "discharged"
        )
        await cancel_visit(connection, visit)
        return
    opened = await reopen_for_reversal(connection, reference, request.psn_no, message)
    if opened is not None:
        case, cancel, inner = opened
        cancel = msgspec.structs.replace(cancel, opter=request.opter)
        await cancel_case(services, connection, case, cancel, inner, render)

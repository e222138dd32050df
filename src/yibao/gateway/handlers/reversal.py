"""2601 reversal (冲正): undo 2102, 2207, 2304 or 2401 whose reply was lost, whether it arrived or not."""

from yibao.gateway.bills import render
from yibao.gateway.registry import Call, transaction
from yibao.settlement.reversal import ReversalRequest, reverse


@transaction("2601", settles=True)
async def undo_lost_message(call: Call) -> bytes:
    """2601: afterwards nothing of the named message stands."""
    row = call.nodes["data"]
    request = ReversalRequest(
        psn_no=row["psn_no"],
        omsgid=row["omsgid"],
        oinfno=row["oinfno"],
        fixmedins_code=call.institution,
        opter=call.envelope.opter,
    )
    return await reverse(call.services, request, call.message, call.reply({}), lambda settled: render(call, settled))

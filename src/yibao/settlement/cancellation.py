"""Undoing a settlement: the negative settlement (撤销) and the reversal of a lost reply (冲正).

A cancellation is a settlement of its own with every amount and every accumulator negated, so what was before is
reached by addition alone. Bills of the same person that were computed on top of it would no longer be right, so
the pack says what happens: refuse with the list of what to cancel first, or recompute them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from asyncpg.exceptions import UniqueViolationError

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.inbox import Message, reply_of_twin
from yibao.ledger import Posting
from yibao.ledger.entry import negated
from yibao.settlement.actions import settle_case
from yibao.settlement.case import Case, open_case
from yibao.settlement.model import AMOUNT_COLUMNS, AccountUse, Bill, FundShare, Settled, SettlementRequest
from yibao.settlement.services import Services
from yibao.settlement.visits import in_bed, refuse
from yibao.settlement.writing import Writing, write_cancellation

FIND = "select * from settlement.settlement where setl_id = $1"
CANCELLED_BY = "select setl_id from settlement.settlement where init_setl_id = $1"
POSTINGS = """
select p.account, p.amount, p.party from ledger.entry e join ledger.posting p using (entry_id)
where e.reference = $1 and e.kind = 'settlement' order by p.line_no
"""
MOVEMENTS = (
    "select psn_no, sum(amount)::bigint as amount from population.account_movement where reference = $1 group by 1"
)
LINES_OF = "select coalesce(array_agg(feedetl_sn), '{}') from settlement.fee_line where setl_id = $1"
COMPUTED_AGAIN = """
select s.setl_id from settlement.fee_line was
join settlement.fee_line now using (mdtrt_id, feedetl_sn)
join settlement.settlement s on s.setl_id = now.setl_id
join core.inbox i on i.sender = s.fixmedins_code and i.msgid = s.medins_setl_id
where was.setl_id = $1 and was.cancelled and not now.cancelled and i.infno = any($2::text[]) limit 1
"""
UNDOING = ("2103", "2208", "2305", "2601")
"""Transactions that undo; a bill whose message is one of them was computed again because of it."""
LONGEST_MSGID = 30
LATER = """
select s.* from settlement.settlement s
where s.psn_no = $1 and s.created_at > (select created_at from settlement.settlement where setl_id = $2)
  and s.init_setl_id is null
  and not exists (select 1 from settlement.settlement c where c.init_setl_id = s.setl_id)
order by s.created_at
"""

Render = Callable[[Settled], bytes]


def bill_of(row: Any) -> Bill:
    """A row of settlement.settlement as a bill."""
    values = {name: row[name] for name in Bill.__struct_fields__}
    values["funds"] = msgspec.convert(values["funds"], tuple[FundShare, ...])
    return Bill(**values)


async def find_settlement(
    connection: Connection, setl_id: str, mdtrt_id: str, psn_no: str, fixmedins_code: str
) -> Bill:
    """The settlement to cancel; S301 unknown, S302 other person or visit, S303 other institution, S304, S305."""
    row = await connection.fetchrow(FIND, setl_id)
    if row is None:
        raise refuse("S301", f"结算ID {setl_id} 不存在", "请用5203查询结算信息后核对", "setl_id")
    if row["psn_no"] != psn_no or (mdtrt_id and row["mdtrt_id"] != mdtrt_id):
        raise refuse("S302", f"结算ID {setl_id} 与人员编号或就诊ID不符", "请核对psn_no与mdtrt_id", "setl_id")
    if row["fixmedins_code"] != fixmedins_code:
        raise refuse("S303", f"结算ID {setl_id} 不是本机构的结算", "请由结算机构办理撤销", "setl_id")
    if row["init_setl_id"] is not None:
        raise refuse("S304", f"结算ID {setl_id} 本身是撤销结算，不能再撤销", "如需恢复，请重新结算", "setl_id")
    by = await connection.fetchval(CANCELLED_BY, setl_id)
    if by is not None:
        again = await connection.fetchval(COMPUTED_AGAIN, setl_id, UNDOING)
        if again is not None:
            text = f"结算ID {setl_id} 已因此前结算撤销而重新计算，现为结算ID {again}"
            raise refuse("S305", text, f"如需撤销，请使用结算ID {again}", "setl_id")
        raise refuse("S305", f"结算ID {setl_id} 已由 {by} 撤销", "无需重复撤销", "setl_id")
    return bill_of(row)


async def dependents_of(connection: Connection, bill: Bill, *, again: bool) -> list[Any]:
    """Later bills of the person, not cancelled, that build on this one, directly or through others between them.

    A bill builds on an earlier one when it looked at an accumulator which that one changed, or is of the same visit:
    bills of one stay are cancelled from the last back. With `again` those between are computed again, so whatever
    they looked at may change too.
    """
    changed = {key for key, value in bill.accumulators.items() if value}
    visits, found = {bill.mdtrt_id}, []
    for row in await connection.fetch(LATER, bill.psn_no, bill.setl_id):
        if row["mdtrt_id"] in visits or changed & row["accumulators"].keys():
            found.append(row)
            visits.add(row["mdtrt_id"])
            changed |= {key for key, value in row["accumulators"].items() if again or value}
    return found


def refuse_with_list(bill: Bill, dependents: Sequence[Any]) -> Refused:
    listed = "、".join(
        f"{row['setl_id']}（{row['setl_time']:%Y-%m-%d %H:%M}，{row['fixmedins_code']}）"
        for row in reversed(dependents)
    )
    return Refused(
        Refusal(
            "S306",
            f"结算ID {bill.setl_id} 之后还有 {len(dependents)} 笔同次就诊的或以其累计为基础的结算：{listed}",
            "请按所列顺序先撤销这些结算，再撤销本笔，然后依次重新结算",
            "setl_id",
        )
    )


def negative_of(bill: Bill, case: Case, message: Message, refunds: Sequence[AccountUse], opter: str) -> Bill:
    """The cancelling bill: same facts, amounts and accumulators with opposite sign, an ID of its own."""
    back = sum(use.amount for use in refunds if use.payer == bill.psn_no)
    return msgspec.structs.replace(
        bill,
        setl_id=case.setl_id,
        init_setl_id=bill.setl_id,
        medins_setl_id=message.msgid,
        setl_time=dates.now(),
        refd_setl_flag="1",
        balc=case.own_balance - back,
        opter=opter,
        accumulators={key: -value for key, value in bill.accumulators.items()},
        funds=tuple(msgspec.structs.replace(fund, fund_payamt=-fund.fund_payamt) for fund in bill.funds),
        explanation={"cancels": bill.setl_id},
        **{name: -getattr(bill, name) for name in AMOUNT_COLUMNS},
    )


async def negative_settlement(
    connection: Connection, bill: Bill, case: Case, message: Message, opter: str, render: Render, status: str
) -> bytes:
    """Write the negative of `bill` and put its visit back to `status`; returns the reply."""
    booked = [Posting(r["account"], r["amount"], r["party"]) for r in await connection.fetch(POSTINGS, bill.setl_id)]
    moved = await connection.fetch(MOVEMENTS, bill.setl_id)
    refunds = [AccountUse(payer=row["psn_no"], amount=row["amount"]) for row in moved if row["amount"]]
    negative = negative_of(bill, case, message, refunds, opter)
    reply = render(Settled(bill=negative, person=case.facts.person))
    writing = Writing(negative, case.entry_id, negated(booked), refunds, case.totals, message, reply, "cancellation")
    await write_cancellation(connection, writing, bill.setl_id, status)
    return reply


class CancelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """2103, 2208, 2305: which settlement is to be undone."""

    setl_id: str
    mdtrt_id: str
    psn_no: str
    fixmedins_code: str
    opter: str = ""


async def cancel(services: Services, request: CancelRequest, message: Message, render: Render) -> bytes:
    """Undo a settlement by a negative one, durably and once. Raises `Refused` S301 to S306."""
    try:
        async with services.database.transaction() as connection:
            case = await open_case(connection, request.psn_no, message, request.mdtrt_id, None, lock=True)
            if case.reply is not None:
                return case.reply
            return await cancel_case(services, connection, case, request, message, render)
    except UniqueViolationError as error:
        return await reply_of_twin(services.database, message, error)


async def cancel_case(
    services: Services, connection: Connection, case: Case, request: CancelRequest, message: Message, render: Render
) -> bytes:
    """The negative settlement, after what depends on it was refused or is recomputed as the pack says."""
    bill = await find_settlement(connection, request.setl_id, request.mdtrt_id, request.psn_no, request.fixmedins_code)
    again = services.packs.pack_of(bill.insu_admdvs).cancellation == "recompute"
    dependents = await dependents_of(connection, bill, again=again)
    if not dependents:
        status = status_after(bill, case)
        return await negative_settlement(connection, bill, case, message, request.opter, render, status)
    if not again:
        raise refuse_with_list(bill, dependents)
    if of_visit := [row for row in dependents if row["mdtrt_id"] == bill.mdtrt_id]:
        raise refuse_with_list(bill, of_visit)
    return await recompute(services, connection, bill, [bill_of(row) for row in dependents], message, request, render)


async def recompute(
    services: Services,
    connection: Connection,
    bill: Bill,
    dependents: Sequence[Bill],
    message: Message,
    request: CancelRequest,
    render: Render,
) -> bytes:
    """Undo the later bills from the last back to this one, then settle the later ones again in their order."""
    for number, later in enumerate(reversed(dependents), 1):
        of_later = derived(message, later.fixmedins_code, f"-{number}")
        case = await reopen(connection, later, of_later)
        status = "open" if status_after(later, case) == "cancelled" else status_after(later, case)
        await negative_settlement(connection, later, case, of_later, request.opter, render, status)
    case = await reopen(connection, bill, message)
    reply = await negative_settlement(connection, bill, case, message, request.opter, render, status_after(bill, case))
    for number, later in enumerate(dependents, 1):
        of_later = derived(message, later.fixmedins_code, f"+{number}")
        case = await reopen(connection, later, of_later)
        request_again = same_request(later, await connection.fetchval(LINES_OF, later.setl_id))
        await settle_case(services, connection, case, request_again, of_later, render)
    return reply


def derived(message: Message, sender: str, suffix: str) -> Message:
    """Message identity of a bill that is recomputed because of `message`: longer than any that can be sent."""
    return replace(message, sender=sender, msgid=f"{message.msgid:<{LONGEST_MSGID}}{suffix}")


def same_request(bill: Bill, lines: Sequence[str]) -> SettlementRequest:
    """What was asked when `bill` with `lines` (feedetl_sn) was settled; they are unsettled again and are taken."""
    return SettlementRequest(
        psn_no=bill.psn_no,
        insutype=bill.insutype,
        fixmedins_code=bill.fixmedins_code,
        mdtrtarea_admvs="",
        mdtrt_id=bill.mdtrt_id,
        medfee_sumamt=bill.medfee_sumamt,
        acct_used_flag=bill.acct_used_flag,
        ttp_pay_flag=bill.ttp_pay_flag,
        mid_setl_flag=bill.mid_setl_flag,
        endtime=datetime.combine(bill.enddate, bill.setl_time.time()),
        again=tuple(lines),
        med_type=bill.med_type,
        invono=bill.invono,
        mdtrt_cert_type=bill.mdtrt_cert_type,
        opter=bill.opter,
    )


def status_after(bill: Bill, case: Case) -> str:
    """Where the visit stands when its settlement is undone."""
    if bill.fixmedins_code.startswith("P"):
        return "cancelled"
    now = case.visit["status"] if case.visit else "open"
    if bill.mid_setl_flag == "1" or now in ("admitted", "discharged"):
        return str(now)
    return "discharged" if case.visit and in_bed(case.visit) else "open"


async def reopen(connection: Connection, bill: Bill, message: Message) -> Case:
    """Lock the person of a bill and read afresh."""
    return await open_case(connection, bill.psn_no, message, bill.mdtrt_id, bill.enddate, lock=True)


async def reopen_for_reversal(
    connection: Connection, setl_id: str, psn_no: str, message: Message
) -> tuple[Case, CancelRequest, Message] | None:
    """What undoes the settlement of a message, under a message identity of its own; None when undone already.

    Where the settlement was computed again meanwhile, what stands in its place is undone.
    """
    row = await connection.fetchrow(FIND, setl_id)
    if row is None:
        raise refuse("S301", f"结算ID {setl_id} 不存在", "请用5203查询结算信息后核对", "omsgid")
    inner = derived(message, message.sender, "-0")
    case = await open_case(connection, psn_no, inner, row["mdtrt_id"], row["enddate"], lock=True)
    if await connection.fetchval(CANCELLED_BY, setl_id) is not None:
        setl_id = await connection.fetchval(COMPUTED_AGAIN, setl_id, UNDOING)
        if setl_id is None:
            return None
    code = row["fixmedins_code"]
    return case, CancelRequest(setl_id=setl_id, mdtrt_id=row["mdtrt_id"], psn_no=psn_no, fixmedins_code=code), inner

"""Payment orders (缴费订单): made for contributions that are due, confirmed by a channel, reversed or refunded.

    create_order(connection, NewOrder(…), actor) → Order      created
    report(connection, order_no, actor) → Order               reported: said to be paid, to be confirmed within hours
    confirm(connection, Payment(…), actor) → Order            paid: contribution, enrolment, coverage, ledger at once
    fail(connection, order_no, channel, actor) → Order        the channel could not collect: given up
    reverse(connection, order_no, actor, reason) → Order      the channel takes the payment back
    refund(connection, …)                                     in `refunds`: money goes back by rule

Each is one step in the caller's transaction, under the lock of the order and of its persons; amounts are fen. An order
that was not paid in time expires and its contributions may stand in a new one; when they do not, a message that comes
late about a payment in time still counts. Refusals: P601, P606–P618, P631–P633.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from asyncpg.exceptions import PostgresError

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.money import yuan_text
from yibao.ledger.actions import book
from yibao.ledger.entry import Entry, negated
from yibao.population.contributions.effects import PaidPerson, take_effect, undo_effect
from yibao.population.contributions.payment_booking import FAMILY_ACCOUNT, paid_postings
from yibao.population.contributions.payment_orders import (
    CONTRIBUTIONS,
    LINES,
    NewOrder,
    Order,
    create_order,
    locked,
    not_due,
    order_of,
)
from yibao.population.contributions.windows import channels
from yibao.population.employees.income_parts import parts_of
from yibao.population.rules import rules_of

__all__ = ["NewOrder", "Order", "Payment", "confirm", "create_order", "fail", "report", "reverse", "take_payment"]

EARLY = timedelta(minutes=10)
"""By how much a channel's clock may be ahead of ours."""
VILLAGE, CONFIRM_VILLAGE = "village", {"village", "bank", "tax"}

REPORT = """
update population.payment_order set status = 'reported', reported_at = $2, appears_by = $3 where order_no = $1
"""
RECEIPT = "select order_no, amount, status from population.channel_receipt where channel = $1 and serial = $2"
TAKE_RECEIPT = """
insert into population.channel_receipt (channel, serial, amount, paid_on, order_no, entered_at)
values ($1, $2, $3, $4, $5, $6)
"""
PAY_ORDER = "update population.payment_order set status = 'paid', paid_at = $2 where order_no = $1"
PAY_LINES = "update population.payment_line set status = 'paid' where order_no = $1 and status = 'open'"
PAY = """
update population.contribution set status = 'paid', paid_on = $2, paid_at = $3, order_no = $4
where contribution_id = any ($1)
"""
SET_STATUS = "update population.payment_order set status = $2 where order_no = $1"
END_LINES = "update population.payment_line set status = $2 where order_no = $1 and status in ('open', 'paid')"
UNPAY = """
update population.contribution set status = 'due', paid_on = null, paid_at = null, order_no = null
where contribution_id = any ($1)
"""
RECONCILED = """
select exists (select from population.channel_receipt where order_no = $1 and reconciled is not null)
"""
CANCEL_OF_THE_DEAD = """
update population.contribution c set status = 'cancelled' from population.person p
where c.contribution_id = any ($1) and p.psn_no = c.psn_no and p.die_date is not null
  and (c.insutype = '390' or c.period_from > p.die_date)
"""
"""What `deaths` cancels when it finds it due."""
REOPEN = """
update population.payment_line set status = 'open' where order_no = $1 and status = 'released' and not exists (
  select from population.payment_line mine join population.payment_line other using (contribution_id)
  where mine.order_no = $1 and other.order_no <> $1 and other.status in ('open', 'paid'))
"""
REVERSE_RECEIPTS = "update population.channel_receipt set status = 'reversed' where order_no = $1 and status = 'taken'"
MOVE = "select balance_after from population.move_accounts(array[$1], array[$2::bigint], $3, $4, $5)"
ACCOUNT_REFUSALS = {
    "YB301": ("P631", "付款人的个人账户已冻结", "请换一位共济付款人或其他渠道"),
    "YB302": ("P632", "付款人的个人账户余额不足", "请换一位共济付款人或其他渠道"),
    "YB303": ("P633", "付款人没有个人账户", "只有职工医保参保人可作付款人"),
}


@dataclass(frozen=True, slots=True)
class Payment:
    """What a channel says: this order was paid, `amount` fen, under its own number `serial`, at `paid_at`."""

    channel: str
    order_no: str
    amount: int
    serial: str
    paid_at: datetime


async def report(connection: Connection, order_no: str, actor: str) -> Order:
    """Somebody says that the order was paid; the channel must confirm within its hours. Refused: P611, P613–P615."""
    order = await locked(connection, order_no)
    _refuse(_against_payment(order, dates.now()))
    now = dates.now()
    hours = channels(rules_of(order.insu_admdvs), now.date())[order.channel].hours
    await connection.execute(REPORT, order_no, now, now + timedelta(hours=hours))
    return await order_of(connection, order_no)


async def confirm(connection: Connection, payment: Payment, actor: str) -> Order:
    """The payment takes effect at once; the very same payment again changes nothing.

    Raises `Refused`: P611 unknown order, P612 amount, P613 too late, P614 paid before, P615 no longer to be paid,
    P616 serial or time, P606 a contribution is no longer due, P5xx when a person cannot be enrolled.
    """
    order = await locked(connection, payment.order_no)
    known = await connection.fetchrow(RECEIPT, payment.channel, payment.serial)
    if known is not None and (known["order_no"], known["amount"], known["status"]) == (
        order.order_no,
        payment.amount,
        "taken",
    ):
        return order
    order = await _reopened(connection, order, payment.paid_at)
    _refuse([*_against_confirmation(order, payment, known is not None), *_against_payment(order, payment.paid_at)])
    await connection.execute(
        TAKE_RECEIPT,
        payment.channel,
        payment.serial,
        payment.amount,
        payment.paid_at.date(),
        order.order_no,
        dates.now(),
    )
    return await take_payment(connection, order, payment.channel, payment.paid_at, actor)


async def take_payment(connection: Connection, order: Order, channel: str, paid_at: datetime, actor: str) -> Order:
    """Make the order paid: contributions, journal, enrolments, coverage, events. The receipt is the caller's."""
    lines = await connection.fetch(LINES, order.order_no)
    rows = await connection.fetch(CONTRIBUTIONS, [line["contribution_id"] for line in lines])
    ordered = {line["contribution_id"]: line["amount"] for line in lines}
    _refuse(
        [not_due(row) for row in rows if row["status"] != "due" or row["amount"] != ordered[row["contribution_id"]]]
    )
    await connection.execute(PAY_ORDER, order.order_no, paid_at)
    await connection.execute(PAY_LINES, order.order_no)
    stamp = paid_at.replace(tzinfo=dates.SHANGHAI)
    await connection.execute(PAY, [row["contribution_id"] for row in rows], paid_at.date(), stamp, order.order_no)
    await _move(connection, order, rows, -1)
    await book(connection, _entry("premium", order, channel, rows))
    persons = [
        PaidPerson(row["psn_no"], row["kind"], row["period_from"], row["ground"], row["insutype"]) for row in rows
    ]
    details = {"order_no": order.order_no, "channel": channel}
    await take_effect(connection, persons, paid_at.date(), actor, details)
    return await order_of(connection, order.order_no)


async def fail(connection: Connection, order_no: str, channel: str, actor: str) -> Order:
    """The channel could not collect: an order that lives is given up. Refused: P611 not this channel's, P614, P615."""
    order = await locked(connection, order_no)
    _refuse(_foreign(order, channel))
    if order.status in ("paid", "refunded"):
        _refuse(_against_payment(order, dates.now()))
    return await reverse(connection, order_no, actor, "") if order.status in ("created", "reported") else order


async def reverse(connection: Connection, order_no: str, actor: str, reason: str) -> Order:
    """The channel takes the payment back (冲正): what was paid is due again, the journal shows the negative.

    An order that is not paid is given up. Raises `Refused` P611, P615, P617 (its cash is booked), P618 (refunded),
    P732 (credited to personal accounts).
    """
    order = await locked(connection, order_no)
    if order.status in ("created", "reported"):
        await connection.execute(SET_STATUS, order_no, "reversed" if order.status == "reported" else "expired")
        await connection.execute(END_LINES, order_no, "released")
        return await order_of(connection, order_no)
    await _check_reversible(connection, order)
    lines = await connection.fetch(LINES, order_no)
    psn_nos = [line["psn_no"] for line in lines]
    rows = await connection.fetch(CONTRIBUTIONS, [line["contribution_id"] for line in lines])
    _refuse([_credited(row) for row in rows if row["credited_run"] is not None])
    await connection.execute(SET_STATUS, order_no, "reversed")
    await connection.execute(END_LINES, order_no, "reversed")
    await connection.execute(UNPAY, [row["contribution_id"] for row in rows])
    await connection.execute(CANCEL_OF_THE_DEAD, [row["contribution_id"] for row in rows])
    await _move(connection, order, rows, 1)
    await book(connection, await _reversal(connection, order, rows))
    await connection.execute(REVERSE_RECEIPTS, order_no)
    details = {"order_no": order_no}
    await undo_effect(connection, psn_nos, "payment_reversed", dates.today(), actor, reason, details)
    return await order_of(connection, order_no)


def _refuse(reasons: Sequence[Refusal]) -> None:
    if reasons:
        raise Refused(*reasons)


def _against_confirmation(order: Order, payment: Payment, serial_known: bool) -> list[Refusal]:
    """What is wrong with a channel's message about this order. Pure but for the clock."""
    reasons = _foreign(order, payment.channel)
    if payment.amount != order.amount:
        text = f"缴费金额{yuan_text(payment.amount)}元与订单金额{yuan_text(order.amount)}元不符"
        reasons.append(Refusal("P612", text, "请按订单金额收款，错收的由渠道原路退回", "amount"))
    if serial_known:
        text = f"渠道流水号{payment.serial}已用于另一笔缴费"
        reasons.append(Refusal("P616", text, "请核对流水号", "serial"))
    if payment.paid_at > dates.now() + EARLY:
        reasons.append(Refusal("P616", f"缴费时间{payment.paid_at}晚于当前时间", "请核对缴费时间", "paid_at"))
    return reasons


def _foreign(order: Order, channel: str) -> list[Refusal]:
    """A village's order may also be paid at the bank or the tax bureau; any other only where it was made. Pure."""
    if channel in (CONFIRM_VILLAGE if order.channel == VILLAGE else {order.channel}):
        return []
    return [Refusal("P611", f"订单{order.order_no}不属于渠道{channel}", "请核对订单号", "order_no")]


async def _reopened(connection: Connection, order: Order, paid_at: datetime) -> Order:
    """An expired order that was paid in time lives again, unless another took over one of its contributions."""
    if order.status != "expired" or paid_at > order.expires_at:
        return order
    done = await connection.execute(REOPEN, order.order_no)
    return order if done == "UPDATE 0" else replace(order, status="created")


def _against_payment(order: Order, at: datetime) -> list[Refusal]:
    """Why this order cannot be paid (any more). Pure."""
    if order.status == "paid":
        text = f"订单{order.order_no}已于{order.paid_at}缴费"
        return [Refusal("P614", text, "重复收取的款项由渠道原路退回", "order_no")]
    if order.status in ("reversed", "refunded"):
        state = "冲正" if order.status == "reversed" else "退费"
        return [Refusal("P615", f"订单{order.order_no}已{state}", "请重新生成订单", "order_no")]
    if order.status == "expired" or (order.status == "created" and at > order.expires_at):
        text = f"订单{order.order_no}已于{order.expires_at}过期"
        return [Refusal("P613", text, "请重新生成订单，款项由渠道原路退回", "order_no")]
    return []


async def _check_reversible(connection: Connection, order: Order) -> None:
    if order.status != "paid":
        text = f"订单{order.order_no}不是已缴状态，不能冲正"
        raise Refused(Refusal("P615", text, "请查询订单状态", "order_no"))
    if await connection.fetchval(RECONCILED, order.order_no):
        text = f"订单{order.order_no}的款项已对账入账，不能冲正"
        raise Refused(Refusal("P617", text, "请办理退费", "order_no"))
    lines = await connection.fetch(LINES, order.order_no)
    if any(line["refunded"] for line in lines):
        raise Refused(Refusal("P618", f"订单{order.order_no}已有退费，不能冲正", "请办理其余人员的退费", "order_no"))


def _credited(row: Any) -> Refusal:
    text = f"人员{row['psn_no']}的{row['period_from']:%Y-%m}缴费已划入个人账户，不能冲正"
    return Refusal("P732", text, "请按人按月办理退费，划入的金额一并收回", row["psn_no"])


def _entry(kind: str, order: Order, channel: str, rows: Sequence[Any]) -> Entry:
    parts = [part for row in rows for part in parts_of(row)]
    postings = paid_postings(channel, order.payer, parts)
    return Entry(dates.today(), kind, order.order_no, f"缴费 {len(rows)} 人次", postings)


async def _reversal(connection: Connection, order: Order, rows: Sequence[Any]) -> Entry:
    channel = await connection.fetchval(
        "select channel from population.channel_receipt where order_no = $1 limit 1", order.order_no
    )
    entry = _entry("premium_reversal", order, channel or order.channel, rows)
    return Entry(entry.booked_on, entry.kind, entry.reference, f"冲正{entry.text}", negated(entry.postings))


async def _move(connection: Connection, order: Order, rows: Sequence[Any], sign: int) -> None:
    """Spend (`sign` -1) from, or give back to, the relative's account when that is the channel, person by person."""
    if order.channel != FAMILY_ACCOUNT:
        return
    kind = "premium" if sign < 0 else "premium_reversal"
    try:
        async with connection.transaction():
            for row in rows:
                amount = sign * row["amount"]
                await connection.fetchval(MOVE, order.payer, amount, kind, order.order_no, row["psn_no"])
    except PostgresError as error:
        if str(getattr(error, "sqlstate", "")) not in ACCOUNT_REFUSALS:
            raise
        code, text, advice = ACCOUNT_REFUSALS[str(getattr(error, "sqlstate", ""))]
        raise Refused(Refusal(code, text, advice, "payer")) from error

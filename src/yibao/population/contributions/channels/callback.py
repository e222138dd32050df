"""A channel's message about an order (缴费结果通知), answered once.

    {"msgid": "…", "state": "paid", "order_no": "JF…", "serial": "…", "amount": "380.00",
     "paid_at": "2023-12-01T10:05:00"}
    {"msgid": "…", "state": "reversed", "order_no": "JF…", "serial": "…", "reason": "…"}

`answer(database, channel, body)` gives the reply's bytes: {"code": "0", "order_no": …, "status": …}. A message of the
same msgid and body gets its stored reply; a refused one leaves nothing behind and may be sent again. Refusals: P641
shape, P642 the payment to reverse is not this one, and those of `payments.confirm` and `payments.reverse`.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from yibao.core.crypto import sm3
from yibao.core.database import Connection, Database
from yibao.core.dates import SHANGHAI
from yibao.core.errors import Conflict, Refusal, Refused
from yibao.core.inbox import Answer, Message, once
from yibao.core.money import fen_from_yuan, yuan_from_fen
from yibao.population.contributions.payment_orders import Order
from yibao.population.contributions.payments import Payment, confirm, reverse

ATTEMPTS = 3
INFNO = "premium"
RECEIPT = "select order_no from population.channel_receipt where channel = $1 and serial = $2"
Yuan = msgspec.Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,2})?$")
Short = msgspec.Meta(min_length=1, max_length=64, pattern="^[^\x00-\x1f]*$")


class Notice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The message; amounts in yuan as text, times in Shanghai."""

    msgid: Annotated[str, Short]
    state: Literal["paid", "reversed"]
    order_no: Annotated[str, Short]
    serial: Annotated[str, Short]
    amount: Annotated[str, Yuan] = "0"
    paid_at: datetime | None = None
    reason: str = ""


async def answer(database: Database, channel: str, body: bytes) -> bytes:
    """Carry out one authenticated message; raises `Refused`, `Unavailable`, or `Conflict` after three lost races."""
    notice = read(body)
    message = Message(f"channel:{channel}", notice.msgid, INFNO, sm3(body))

    async def work(connection: Connection) -> Answer:
        order = await _carry_out(connection, channel, notice)
        return Answer(reply(order), order.order_no)

    for attempt in range(ATTEMPTS):
        try:
            return await once(database, message, work)
        except Conflict:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def read(body: bytes) -> Notice:
    """The message in a body; raises `Refused` P641 naming what is wrong."""
    try:
        notice = msgspec.json.decode(body, type=Notice)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Refused(Refusal("P641", f"报文不正确：{error}", "请按接口文档组织报文")) from error
    if notice.state == "paid" and notice.paid_at is None:
        raise Refused(Refusal("P641", "缴费通知缺少缴费时间", "请传送paid_at", "paid_at"))
    return notice


def reply(order: Order) -> bytes:
    """What a channel is answered."""
    facts = {
        "code": "0",
        "order_no": order.order_no,
        "status": order.status,
        "amount": str(yuan_from_fen(order.amount)),
    }
    return msgspec.json.encode(facts)


def local(moment: datetime) -> datetime:
    """A time with a zone as Shanghai's; one without is Shanghai's already."""
    return (moment.astimezone(SHANGHAI) if moment.tzinfo else moment).replace(tzinfo=None, microsecond=0)


async def _carry_out(connection: Connection, channel: str, notice: Notice) -> Order:
    if notice.state == "paid":
        assert notice.paid_at is not None
        paid_at = local(notice.paid_at)
        amount = fen_from_yuan(notice.amount)
        return await confirm(connection, Payment(channel, notice.order_no, amount, notice.serial, paid_at), channel)
    if await connection.fetchval(RECEIPT, channel, notice.serial) != notice.order_no:
        text = f"流水号{notice.serial}不是订单{notice.order_no}的缴费"
        raise Refused(Refusal("P642", text, "请核对订单号和流水号", "serial"))
    return await reverse(connection, notice.order_no, channel, notice.reason or "渠道冲正")

"""Payment orders (缴费订单): made for contributions that are due, confirmed by a channel, reversed or refunded.

    create_order(connection, NewOrder(…), actor) → Order          created
    confirm(connection, Payment(…), actor) → Order                paid: contribution, enrolment, coverage, ledger at once
    reverse(connection, order_no, actor, reason) → Order          the channel takes the payment back
    refund(connection, Refund(…), actor, benefits_used) → int     in `refunds`: money goes back by rule

Each is one step in the caller's transaction; amounts are fen.
"""

from dataclasses import dataclass
from datetime import datetime

from yibao.core.database import Connection


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What to pay together: due contributions, the channel, who pays (`payer`: a person, an employer, a village)."""

    channel: str
    insu_admdvs: str
    contribution_ids: tuple[int, ...]
    payer: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it stands; `status` created, reported, paid, reversed, refunded or expired."""

    order_no: str
    channel: str
    insu_admdvs: str
    amount: int
    status: str
    expires_at: datetime
    payer: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """What a channel says: this order was paid, `amount` fen, under its own number `serial`, at `paid_at`."""

    order_no: str
    amount: int
    serial: str
    paid_at: datetime


async def create_order(connection: Connection, order: NewOrder, actor: str) -> Order:
    """An order over due contributions; raises `Refused` with every reason (P60x)."""
    raise NotImplementedError


async def confirm(connection: Connection, payment: Payment, actor: str) -> Order:
    """The payment takes effect at once; the same payment again changes nothing; raises `Refused` (P61x)."""
    raise NotImplementedError


async def reverse(connection: Connection, order_no: str, actor: str, reason: str) -> Order:
    """The channel takes the payment back: what was paid is due again; raises `Refused` (P61x)."""
    raise NotImplementedError

"""What the tests of payments share."""

from datetime import date, datetime
from typing import Any

from yibao.benefits.book import PackBook
from yibao.population.contributions.payments import Order, Payment, confirm
from yibao.population.contributions.premiums import order_for

DAY, PAID_AT = date(2023, 12, 1), datetime(2023, 12, 1, 10, 5)
BALANCE = "select coalesce(sum(amount), 0)::bigint from ledger.posting where account = $1"


def codes(refused: Any) -> list[str]:
    """The codes of a `pytest.raises(Refused)`."""
    return [refusal.code for refusal in refused.value.refusals]


async def balance(desk: Any, account: str) -> int:
    """Debits less credits of an account, fen."""
    found: int = await desk.fetchval(BALANCE, account)
    return found


async def order(desk: Any, packs: PackBook, *psn_nos: str, channel: str = "tax", day: date = DAY) -> Order:
    """An order of these persons for the year that is collected on `day`."""
    return await order_for(desk, packs, psn_nos, day.year + (day.month > 8), channel, "test", day=day)


def payment(order: Order, serial: str = "S1", at: datetime = PAID_AT, **changed: Any) -> Payment:
    """The right payment of an order, or one that is changed."""
    facts = {"channel": order.channel, "order_no": order.order_no, "amount": order.amount, **changed}
    return Payment(serial=serial, paid_at=at, **facts)


async def paid(desk: Any, packs: PackBook, *psn_nos: str, serial: str = "S1") -> Order:
    """An order of these persons that is paid."""
    return await confirm(desk, payment(await order(desk, packs, *psn_nos), serial), "tax")

"""A village collector hands in the day's cash (村级代收上交).

    owed(connection, collector)                        days with cash that was taken and not yet handed in
    hand_in(connection, HandIn(…), actor)              the bank's slip for one day: equal sums are booked as cash

Her list and her ticks are the campaign's (`campaign.collecting`): a tick is a paid order of the channel village with a
receipt of its own. Until its cash is handed in, the channel owes it. Refusals: P646 nothing owed, P647 another sum.
"""

from dataclasses import dataclass
from datetime import date

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.money import yuan_text
from yibao.population.contributions.reconciliation import Theirs, reconcile_these

CHANNEL = "village"
OWED = """
select r.paid_on, sum(r.amount)::bigint as amount, count(*) as receipts
from population.payment_order o join population.channel_receipt r using (order_no)
where o.actor = $1 and o.channel = 'village' and r.channel = 'village' and r.status = 'taken' and r.reconciled is null
group by r.paid_on order by r.paid_on
"""
OF_DAY = """
select r.serial, r.amount, r.order_no
from population.payment_order o join population.channel_receipt r using (order_no)
where o.actor = $1 and o.channel = 'village' and r.channel = 'village' and r.status = 'taken' and r.reconciled is null
  and r.paid_on = $2
order by r.serial for no key update of r
"""


@dataclass(frozen=True, slots=True)
class Owed:
    """Cash of one day that a collector still holds, fen."""

    day: date
    amount: int
    receipts: int


@dataclass(frozen=True, slots=True)
class HandIn:
    """What a collector brought: the day she took it, the sum in fen, the number of the bank's slip."""

    collector: str
    day: date
    amount: int
    slip: str


async def owed(connection: Connection, collector: str) -> list[Owed]:
    """Days whose cash is not handed in, the oldest first."""
    return [Owed(*row.values()) for row in await connection.fetch(OWED, collector)]


async def hand_in(connection: Connection, slip: HandIn, actor: str) -> int:
    """Book the day's cash; returns the run of the reconciliation. Raises `Refused` P646, P647."""
    rows = await connection.fetch(OF_DAY, slip.collector, slip.day)
    total = sum(row["amount"] for row in rows)
    if not rows:
        text = f"代收人{slip.collector}在{slip.day}没有待上交的代收款"
        raise Refused(Refusal("P646", text, "请核对代收人和日期，或已上交", "day"))
    if total != slip.amount:
        text = f"上交{yuan_text(slip.amount)}元，当日代收{yuan_text(total)}元"
        raise Refused(Refusal("P647", text, "请核对现金和代收登记后再上交", "amount"))
    theirs = [Theirs(row["serial"], row["amount"], row["order_no"] or "") for row in rows]
    found = await reconcile_these(connection, CHANNEL, slip.day, theirs, f"{actor}:{slip.slip}", complete=False)
    return found.run_id

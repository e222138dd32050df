"""What a channel's file did (渠道文件回执): an answer for every row, kept with the file's digest.

known(connection, channel, kind, content)      the answer given before to this very file, or None
keep(connection, channel, kind, …)             keep the answer in the transaction that did the work
keep_unallocated(connection, receipts)         money that fits no order: booked, to be given back
waiting(connection, channel)                   such money that is not given back yet
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from yibao.core import dates
from yibao.core.crypto import sm3
from yibao.core.database import Connection
from yibao.core.errors import Refusal
from yibao.ledger.actions import book
from yibao.ledger.entry import Entry, Posting
from yibao.population.contributions.payment_booking import RECEIVABLE, UNALLOCATED

FIND = "select answer from population.channel_file where channel = $1 and digest = $2 and kind = $3"
KEEP = """
insert into population.channel_file (channel, digest, kind, name, rows, amount, answer, at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
UNALLOCATED_ROWS = """
insert into population.channel_receipt (channel, serial, amount, paid_on, status, reason, details, entered_at)
select $1, serial, amount, paid_on, 'unallocated', reason, details, $2
from unnest($3::text[], $4::bigint[], $5::date[], $6::text[], $7::jsonb[])
  as t (serial, amount, paid_on, reason, details)
"""
WAITING = """
select serial, amount, paid_on, reason, details from population.channel_receipt
where channel = $1 and status = 'unallocated' order by paid_on, serial
"""


class RowAnswer(msgspec.Struct, frozen=True):
    """The answer to one row: `outcome` paid, known (taken before), unallocated or refused; code and text why."""

    row: int
    outcome: str
    serial: str = ""
    order_no: str = ""
    code: str = ""
    text: str = ""


class FileAnswer(msgspec.Struct, frozen=True):
    """The answer to a file; amounts in fen."""

    name: str
    paid: int
    paid_amount: int
    unallocated: int
    unallocated_amount: int
    refused: int
    rows: tuple[RowAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """A sum that a channel reports: its number, fen, its day of account; `row` in the file, `details` as sent."""

    row: int
    serial: str
    amount: int
    paid_on: date
    details: dict[str, Any]


async def known(connection: Connection, channel: str, kind: str, content: bytes) -> FileAnswer | None:
    """The answer given before to this very file."""
    found = await connection.fetchval(FIND, channel, sm3(content), kind)
    return None if found is None else msgspec.convert(found, FileAnswer)


async def keep(connection: Connection, channel: str, kind: str, content: bytes, answer: FileAnswer) -> None:
    """Keep the answer; the same file at the same time elsewhere fails with a unique violation."""
    amount = answer.paid_amount + answer.unallocated_amount
    facts = msgspec.to_builtins(answer)
    await connection.execute(
        KEEP, channel, sm3(content), kind, answer.name, len(answer.rows), amount, facts, dates.now()
    )


async def keep_unallocated(
    connection: Connection, channel: str, receipts: Sequence[tuple[Receipt, Refusal]], reference: str
) -> None:
    """Book money that belongs to no order: the channel owes it, we owe it to somebody."""
    if not receipts:
        return
    await connection.execute(
        UNALLOCATED_ROWS,
        channel,
        dates.now(),
        [receipt.serial for receipt, _ in receipts],
        [receipt.amount for receipt, _ in receipts],
        [receipt.paid_on for receipt, _ in receipts],
        [refusal.code for _, refusal in receipts],
        [{**receipt.details, "text": refusal.text} for receipt, refusal in receipts],
    )
    total = sum(receipt.amount for receipt, _ in receipts)
    postings = (Posting(RECEIVABLE, total, channel), Posting(UNALLOCATED, -total, channel))
    await book(connection, Entry(dates.today(), "unallocated", reference, f"暂收 {len(receipts)} 笔", postings))


async def waiting(connection: Connection, channel: str) -> list[dict[str, Any]]:
    """Money that fits no order, the oldest first; `amount` fen, `reason` a refusal code, `details` as sent."""
    return [dict(row) for row in await connection.fetch(WAITING, channel)]


def answer_of(name: str, rows: Sequence[RowAnswer], paid_amount: int, unallocated_amount: int) -> FileAnswer:
    """The sums of a file over its rows."""
    count = {outcome: sum(row.outcome == outcome for row in rows) for outcome in ("paid", "unallocated", "refused")}
    return FileAnswer(
        name, count["paid"], paid_amount, count["unallocated"], unallocated_amount, count["refused"], tuple(rows)
    )

"""Daily reconciliation with a channel (每日对账): our receipts against the channel's own list.

    reconcile(connection, channel, day, content, actor)     the channel's list as xlsx or csv
    reconcile_these(connection, channel, day, theirs, …)    the same, read already
    write_differences(connection, target, run_id)           the difference list as xlsx

What is equal is booked as cash, once; what is only ours, only theirs, or differs stands in the list until somebody
explains it. A receipt that the channel lists on a later day is found by its serial then. Refusals: C1xx, P651 a serial
twice in the list.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.sheets import Column, Heading, read_sheet, write_sheet
from yibao.ledger.actions import book
from yibao.ledger.entry import Entry, Posting
from yibao.population.contributions.payment_booking import CASH, RECEIVABLE

COLUMNS = (
    Column("serial", "流水号", ("交易流水号", "税票号")),
    Column("amount", "金额", ("缴费金额", "扣款金额", "实缴金额"), kind="money"),
    Column("order_no", "订单号", required=False),
)
OURS = """
select serial, amount, coalesce(order_no, '') as order_no, reconciled from population.channel_receipt
where channel = $1 and (paid_on = $2 and $4 or serial = any ($3)) and status <> 'reversed'
order by serial for no key update
"""
RUN = """
insert into population.reconciliation (channel, day, ours, theirs, matched, actor, at)
values ($1, $2, $3, $4, $5, $6, $7) returning run_id
"""
MARK = "update population.channel_receipt set reconciled = $3 where channel = $1 and serial = any ($2)"
DIFFERENCE = """
insert into population.reconciliation_difference (run_id, line_no, kind, serial, order_no, ours, theirs)
select $1, line_no, kind, serial, order_no, ours, theirs
from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[]) with ordinality
  as t (kind, serial, order_no, ours, theirs, line_no)
"""
LIST = """
select kind, serial, order_no, ours, theirs from population.reconciliation_difference where run_id = $1 order by line_no
"""
KINDS = {"ours_only": "我方有、渠道无", "theirs_only": "渠道有、我方无", "amount_differs": "金额不符"}


@dataclass(frozen=True, slots=True)
class Theirs:
    """One line of the channel's list; fen."""

    serial: str
    amount: int
    order_no: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One receipt that is not the same on both sides; `kind` ours_only, theirs_only, amount_differs; fen."""

    kind: str
    serial: str
    order_no: str
    ours: int | None
    theirs: int | None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What a run found; fen. `matched` is what it booked as cash now."""

    run_id: int
    ours: int
    theirs: int
    matched: int
    differences: tuple[Difference, ...]


async def reconcile(connection: Connection, channel: str, day: date, content: bytes, actor: str) -> Reconciliation:
    """Compare a day with the channel's list; raises `Refused` C1xx with every faulty row, P651."""
    rows = list(read_sheet(content, COLUMNS, ignore_unknown=True))
    faults = [Refusal(f.code, f.text, f.advice, f"第{row.number}行") for row in rows for f in row.faults]
    if faults:
        raise Refused(*faults)
    theirs = [Theirs(row.values["serial"], row.values["amount"], row.values.get("order_no") or "") for row in rows]
    return await reconcile_these(connection, channel, day, theirs, actor)


async def reconcile_these(
    connection: Connection, channel: str, day: date, theirs: Sequence[Theirs], actor: str, *, complete: bool = True
) -> Reconciliation:
    """Compare and book in the caller's transaction; `complete` False when the list is only a part of the day."""
    serials = [one.serial for one in theirs]
    twice = sorted(serial for serial, times in Counter(serials).items() if times > 1)
    if twice:
        raise Refused(*[Refusal("P651", f"流水号{one}在对账单中重复", "请渠道重新提供对账单", one) for one in twice])
    ours = await connection.fetch(OURS, channel, day, serials, complete)
    differences = compare(ours, theirs)
    fresh = _equal(ours, theirs)
    matched = sum(row["amount"] for row in fresh)
    totals = (sum(row["amount"] for row in ours), sum(one.amount for one in theirs), matched)
    run_id: int = await connection.fetchval(RUN, channel, day, *totals, actor, dates.now())
    await connection.execute(MARK, channel, [row["serial"] for row in fresh], run_id)
    await connection.execute(DIFFERENCE, run_id, *_columns(differences))
    if matched:
        postings = (Posting(CASH, matched, channel), Posting(RECEIVABLE, -matched, channel))
        text = f"{channel} {day} 对账到账 {len(fresh)} 笔"
        await book(connection, Entry(dates.today(), "channel_cash", f"{channel}:{day}:{run_id}", text, postings))
    return Reconciliation(run_id, *totals, differences)


def compare(ours: Sequence[Any], theirs: Sequence[Theirs]) -> tuple[Difference, ...]:
    """Everything that is not the same on both sides, by serial. Pure."""
    mine = {row["serial"]: row for row in ours}
    listed = {one.serial: one for one in theirs}
    found = []
    for serial in sorted(mine.keys() | listed.keys()):
        row, one = mine.get(serial), listed.get(serial)
        if one is None and row is not None:
            if row["reconciled"] is None:
                found.append(Difference("ours_only", serial, row["order_no"], row["amount"], None))
        elif row is None and one is not None:
            found.append(Difference("theirs_only", serial, one.order_no, None, one.amount))
        elif row is not None and one is not None and row["amount"] != one.amount:
            found.append(Difference("amount_differs", serial, row["order_no"], row["amount"], one.amount))
    return tuple(found)


async def write_differences(connection: Connection, target: Path | IO[bytes], run_id: int) -> int:
    """The difference list of a run as xlsx; returns the number of rows."""
    headings = (
        Heading("差异", width=18), Heading("流水号", "identity"), Heading("订单号", "identity"),
        Heading("我方金额", "money"), Heading("渠道金额", "money"),
    )  # fmt: skip
    rows = await connection.fetch(LIST, run_id)
    cells = ((KINDS[row["kind"]], row["serial"], row["order_no"], row["ours"], row["theirs"]) for row in rows)
    return write_sheet(target, f"对账差异 {run_id}", headings, cells)


def _equal(ours: Sequence[Any], theirs: Sequence[Theirs]) -> list[Any]:
    """Our receipts that the channel lists with the same sum and that were not booked as cash before."""
    listed = {one.serial: one.amount for one in theirs}
    return [row for row in ours if listed.get(row["serial"]) == row["amount"] and row["reconciled"] is None]


def _columns(differences: Sequence[Difference]) -> tuple[list[Any], ...]:
    return (
        [one.kind for one in differences],
        [one.serial for one in differences],
        [one.order_no for one in differences],
        [one.ours for one in differences],
        [one.theirs for one in differences],
    )

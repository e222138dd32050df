"""A bank collects by batch (银行批量扣款): orders go out, results come in.

    write_batch(connection, target, admdvs)                open orders of the channel; they are reported from now on
    take_results(connection, name, content, actor)         paid ones take effect, failed ones are given up

An order in a batch shows until when its result must be there. What the bank took although the order cannot be paid any
more is kept as unallocated receipt. Refusals of rows: those of `payments.confirm`, C1xx, P645 no such result.
"""

from datetime import datetime, time
from pathlib import Path
from typing import Any

from yibao.core import dates
from yibao.core.crypto import sm3
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.sheets import Column, Heading, Row, read_sheet, write_sheet
from yibao.population.contributions.channels.files import (
    FileAnswer,
    Receipt,
    RowAnswer,
    answer_of,
    keep,
    keep_unallocated,
    known,
)
from yibao.population.contributions.payment_orders import lock_persons
from yibao.population.contributions.payments import Payment, confirm, fail, report

CHANNEL = "bank"
SUCCESS, FAILURE = {"成功", "扣款成功"}, {"失败", "扣款失败"}
COLUMNS = (
    Column("order_no", "订单号"),
    Column("serial", "流水号", ("交易流水号",), required=False),
    Column("amount", "金额", ("扣款金额",), kind="money"),
    Column("paid_on", "交易日期", ("扣款日期",), kind="date"),
    Column("result", "结果", ("扣款结果",)),
    Column("reason", "失败原因", required=False),
)
HEADINGS = (Heading("订单号", "identity"), Heading("付款人"), Heading("金额", "money"), Heading("最迟回盘时间"))
OPEN = """
select order_no, payer, amount from population.payment_order
where channel = 'bank' and status = 'created' and expires_at > $1 and insu_admdvs like $2 order by order_no
"""
SEEN = "select exists (select from population.channel_receipt where channel = $1 and serial = $2)"


async def write_batch(connection: Connection, target: Path, admdvs: str, actor: str) -> tuple[int, int]:
    """Write the open orders of an area as xlsx; returns how many, and their sum in fen."""
    prefix = admdvs[:4] if admdvs.endswith("00") else admdvs
    rows = await connection.fetch(OPEN, dates.now(), f"{prefix}%")
    await lock_persons(connection, [row["order_no"] for row in rows])
    told = [await report(connection, row["order_no"], actor) for row in rows]
    cells = ((order.order_no, order.payer, order.amount, str(order.appears_by)) for order in told)
    write_sheet(target, "居民医保批量扣款", HEADINGS, cells, note=f"{dates.today()}")
    return len(told), sum(order.amount for order in told)


async def take_results(connection: Connection, name: str, content: bytes, actor: str) -> FileAnswer:
    """Carry out the results of a batch, in the caller's transaction; raises `Refused` C1xx for no such table."""
    before = await known(connection, CHANNEL, "in", content)
    if before is not None:
        return before
    answers: list[RowAnswer] = []
    left: list[tuple[Receipt, Refusal]] = []
    paid = 0
    rows = list(read_sheet(content, COLUMNS))
    await lock_persons(connection, [row.values["order_no"] for row in rows if not row.faults])
    for row in rows:
        try:
            async with connection.transaction():
                answers.append(await _take(connection, row, actor))
                paid += row.values["amount"] if answers[-1].outcome == "paid" else 0
        except Refused as refused:
            answers.append(await _keep(connection, row, refused.refusals[0], left))
    await keep_unallocated(connection, CHANNEL, left, f"{CHANNEL}:{sm3(content).hex()}")
    found = answer_of(name, answers, paid, sum(receipt.amount for receipt, _ in left))
    await keep(connection, CHANNEL, "in", content, found)
    return found


async def _take(connection: Connection, row: Row, actor: str) -> RowAnswer:
    """One row: paid, failed (the order is given up), or `Refused`."""
    if row.faults:
        raise Refused(*row.faults)
    values: dict[str, Any] = row.values
    order_no, serial = values["order_no"], values.get("serial") or values["order_no"]
    if values["result"] in FAILURE:
        await fail(connection, order_no, CHANNEL, actor)
        return RowAnswer(row.number, "failed", serial, order_no, "", values.get("reason") or "")
    if values["result"] not in SUCCESS:
        raise Refused(Refusal("P645", f"不认识的扣款结果“{values['result']}”", "请填写成功或失败", "结果"))
    moment = datetime.combine(values["paid_on"], time())
    await confirm(connection, Payment(CHANNEL, order_no, values["amount"], serial, moment), actor)
    return RowAnswer(row.number, "paid", serial, order_no)


async def _keep(connection: Connection, row: Row, refusal: Refusal, left: list[tuple[Receipt, Refusal]]) -> RowAnswer:
    """What the bank has taken stays ours to give back; anything else is only answered."""
    values = row.values
    serial = (values.get("serial") or values.get("order_no") or "") if not row.faults else ""
    taken = not row.faults and values["result"] in SUCCESS and values["amount"] > 0
    fresh = taken and serial not in {receipt.serial for receipt, _ in left}
    if not fresh or await connection.fetchval(SEEN, CHANNEL, serial):
        return RowAnswer(row.number, "refused", serial, "", refusal.code, refusal.text)
    details = {"order_no": values["order_no"]}
    left.append((Receipt(row.number, serial, values["amount"], values["paid_on"], details), refusal))
    return RowAnswer(row.number, "unallocated", serial, "", refusal.code, refusal.text)

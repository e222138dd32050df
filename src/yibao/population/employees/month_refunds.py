"""Giving back a paid month of an employee or flexible worker (职工退费): declared by mistake, paid elsewhere.

    refund_month(connection, psn_no, month, actor, reason) → fen      in the caller's transaction

What a crediting run had put on the personal account is taken back first; the payment's parts are then booked against
what is owed to who paid it: the employer, or the flexible worker. The disbursement pays it out. The month may be
declared again. Refusals: P106, P118, P733 no such paid month, P734 account, P735 benefits of the month were used.
"""

from datetime import date
from typing import Any

from asyncpg.exceptions import PostgresError

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.months import first_of, last_of
from yibao.ledger.actions import book
from yibao.ledger.entry import Entry, Posting
from yibao.population.contributions.effects import undo_effect
from yibao.population.contributions.payment_booking import BALANCES, REFUNDABLE
from yibao.population.contributions.refunds import CLOSE_ORDER, INSERT, NEXT_NUMBER, REFUND_ALL, REFUND_LINE
from yibao.population.employees.income_parts import ACCOUNTS, LARGE_AMOUNT, parts_of
from yibao.population.enrolment import persons

FIND = """
select contribution_id, psn_no, insutype, period_from, emp_no, order_no, personal + employer + interest as amount,
       serious, to_account, account_charge, interest, credited_run
from population.contribution
where psn_no = $1 and insutype = '310' and period_from = $2 and status = 'paid' and category in ('employee', 'flexible')
for no key update
"""
BILLS = "select setl_id from settlement.bills_of($1, $2, $3) limit 1"
MOVE = "select balance_after from population.move_accounts(array[$1], array[$2::bigint], 'contribution_taken_back', $3)"
ACCOUNT_FAULTS = {"YB301": "已冻结", "YB302": "余额不足", "YB303": "不存在"}


async def refund_month(connection: Connection, psn_no: str, month: date, actor: str, reason: str) -> int:
    """Give a month back; returns fen. Raises `Refused`, see the module; then nothing of it is done."""
    month = first_of(month)
    await persons.locked(connection, psn_no)
    row = await connection.fetchrow(FIND, psn_no, month)
    if row is None:
        text = f"人员{psn_no}的{month:%Y-%m}没有已缴的职工医保费"
        raise Refused(Refusal("P733", text, "请核对人员和月份", "month"))
    if await connection.fetchval(BILLS, psn_no, month, last_of(month)):
        text = f"人员{psn_no}在{month:%Y-%m}已享受医保待遇"
        raise Refused(Refusal("P735", text, "已享受当月待遇的不予退费", "month"))
    refund_no = f"TF{dates.today():%Y%m%d}{await connection.fetchval(NEXT_NUMBER):09d}"
    if row["credited_run"] is not None:
        await _take_back(connection, row, refund_no)
    await _give_back(connection, row, refund_no, actor, reason)
    details = {"refund_no": refund_no, "period_from": str(month), "amount": row["amount"]}
    await undo_effect(connection, [psn_no], "refunded", dates.today(), actor, reason, details)
    return int(row["amount"])


async def _take_back(connection: Connection, row: Any, refund_no: str) -> None:
    """The credit leaves the account again, and the premium that it paid comes back from its fund."""
    net = row["to_account"] - row["account_charge"]
    try:
        async with connection.transaction():
            await connection.fetchval(MOVE, row["psn_no"], -net, refund_no)
    except PostgresError as error:
        fault = ACCOUNT_FAULTS.get(str(getattr(error, "sqlstate", "")))
        if fault is None:
            raise
        text = f"人员{row['psn_no']}的个人账户{fault}，不能收回划入的金额"
        raise Refused(Refusal("P734", text, "请先由本人补足或解冻账户", "psn_no")) from error
    postings = (
        Posting(BALANCES, net, row["psn_no"]),
        Posting(LARGE_AMOUNT, row["account_charge"]),
        Posting(ACCOUNTS, -row["to_account"]),
    )
    await book(connection, Entry(dates.today(), "account_uncrediting", refund_no, "收回个人账户划入", postings))


async def _give_back(connection: Connection, row: Any, refund_no: str, actor: str, reason: str) -> None:
    identity = (refund_no, row["order_no"], row["contribution_id"], row["psn_no"], row["amount"], "month")
    await connection.execute(INSERT, *identity, "", actor, reason, dates.now(), "payable")
    await connection.execute(REFUND_LINE, row["order_no"], row["contribution_id"], row["amount"], True)
    await connection.execute(REFUND_ALL, row["contribution_id"])
    await connection.execute(CLOSE_ORDER, row["order_no"])
    incomes = tuple(Posting(part.account, part.amount) for part in parts_of(row))
    owed = Posting(REFUNDABLE, -row["amount"], row["emp_no"] or row["psn_no"])
    await book(connection, Entry(dates.today(), "premium_refund", refund_no, "退还职工医保费", (*incomes, owed)))

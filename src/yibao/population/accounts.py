"""Personal accounts (个人账户): credit, freeze, release, history. Spending happens inside a settlement.

Each public function is one step in the caller's transaction; amounts are fen. Refusals: P301 frozen state,
P303 no account, P304 amount, P305 voucher used before.
"""

from dataclasses import dataclass
from datetime import date, datetime

from asyncpg.exceptions import UniqueViolationError

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.ledger.actions import book
from yibao.ledger.entry import Entry, Posting
from yibao.population.model import Account
from yibao.population.queries import unknown_person

OPEN = """
insert into population.account (psn_no) select psn_no from population.person where psn_no = $1
on conflict (psn_no) do nothing
"""
ACCOUNT = "select psn_no, balance, frozen from population.account where psn_no = $1"
MOVE = "select balance_after from population.move_accounts(array[$1], array[$2::bigint], $3, $4)"
SET_FROZEN = "update population.account set frozen = $2 where psn_no = $1 and frozen <> $2 returning balance"
NOTE = "insert into core.audit_event (actor, action, subject, details) values ($1, $2, $3, $4)"
HISTORY = """
select at, amount, balance_after, kind, reference, coalesce(beneficiary, '') as beneficiary
from population.account_movement where psn_no = $1 order by movement_id desc limit $2
"""


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of the history; `amount` fen, negative spent; `beneficiary` a relative who was treated."""

    at: datetime
    amount: int
    balance_after: int
    kind: str
    reference: str
    beneficiary: str


async def account_of(connection: Connection, psn_no: str) -> Account | None:
    """Balance and state, or None when the person has no account."""
    row = await connection.fetchrow(ACCOUNT, psn_no)
    return None if row is None else Account(**row)


async def history(connection: Connection, psn_no: str, limit: int = 100) -> list[Movement]:
    """The newest movements first."""
    return [Movement(**row) for row in await connection.fetch(HISTORY, psn_no, limit)]


async def credit(
    connection: Connection, psn_no: str, amount: int, reference: str, on: date, *, kind: str = "credit"
) -> int:
    """Put `amount` fen on the account (划入), opening it when there is none, and book it; returns the balance.

    `reference` names the voucher. Raises `Refused` P106, P304 or P305; after P305 the transaction is void.
    """
    if amount <= 0:
        raise Refused(Refusal("P304", "划入金额必须大于零", "请核对划入金额", "amount"))
    await connection.execute(OPEN, psn_no)
    if await account_of(connection, psn_no) is None:
        raise Refused(unknown_person(psn_no))
    balance: int = await connection.fetchval(MOVE, psn_no, amount, kind, reference)
    try:
        await book(connection, credit_entry(psn_no, amount, reference, on, kind))
    except UniqueViolationError as error:
        advice = "请核对凭证号，避免重复划入"
        raise Refused(Refusal("P305", f"凭证{reference}已经入账", advice, "reference")) from error
    return balance


def credit_entry(psn_no: str, amount: int, reference: str, on: date, kind: str) -> Entry:
    """The journal entry of a credit: the fund owes the person `amount` more."""
    return Entry(
        on,
        kind,
        reference,
        f"个人账户划入 {psn_no}",
        (
            Posting("personal_account.contributions", amount),
            Posting("personal_account.balances", -amount, psn_no),
        ),
    )


async def freeze(connection: Connection, psn_no: str, actor: str, reason: str) -> None:
    """Stop spending (冻结); money coming back is still taken. Raises `Refused` P301 or P303."""
    await _set_frozen(connection, psn_no, True, actor, reason)


async def release(connection: Connection, psn_no: str, actor: str, reason: str) -> None:
    """Allow spending again (解冻). Raises `Refused` P301 or P303."""
    await _set_frozen(connection, psn_no, False, actor, reason)


async def _set_frozen(connection: Connection, psn_no: str, frozen: bool, actor: str, reason: str) -> None:
    if await connection.fetchval(SET_FROZEN, psn_no, frozen) is None:
        if await account_of(connection, psn_no) is None:
            raise Refused(Refusal("P303", f"人员{psn_no}没有个人账户", "请核对人员编号", "psn_no"))
        state = "已经冻结" if frozen else "没有冻结"
        raise Refused(Refusal("P301", f"人员{psn_no}的个人账户{state}", "无需重复操作", "psn_no"))
    action = "account.freeze" if frozen else "account.release"
    await connection.execute(NOTE, actor, action, psn_no, {"reason": reason})

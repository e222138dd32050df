"""What happens by itself when a term ends (到期推进): daily by `yibao audit advance`, and when pages look.

Silence of the institution means accepted; opinions that are not given by the end of their term are waited for no
longer. `close_cancelled` closes what concerns a settlement that was cancelled meanwhile.
"""

from dataclasses import dataclass
from datetime import date

from yibao.core import dates
from yibao.core.database import Connection
from yibao.supervision.casework.moves import SYSTEM, Move, carry
from yibao.supervision.casework.terms import due

AT_ONCE = 2_000
OVERDUE = """
select f.finding_id, f.amount, f.due_on, i.admdvs
from supervision.finding f join directory.institution i using (fixmedins_code)
where f.state = $1 and f.due_on < $2 order by f.due_on, f.finding_id limit $3 for update of f skip locked
"""
CANCELLED = """
select f.finding_id from supervision.finding f
where f.state <> 'closed' and exists (select from settlement.settlement c where c.init_setl_id = f.setl_id)
order by f.finding_id limit $1 for update of f skip locked
"""
GIVE_UP = """
delete from supervision.opinion where finding_id = any($1::text[]) and given_at is null
"""


@dataclass(frozen=True, slots=True)
class Advanced:
    """How many were taken as accepted, came back from experts, or were closed with their cancelled bill."""

    silent: int
    returned: int
    cancelled: int = 0


async def advance(connection: Connection, today: date) -> Advanced:
    """Carry out what ended before `today`, in the caller's transaction."""
    return Advanced(await _silent(connection, today), await _returned(connection, today))


async def _silent(connection: Connection, today: date) -> int:
    count = 0
    while rows := await connection.fetch(OVERDUE, "issued", today, AT_ONCE):
        moves = [
            Move(row["finding_id"], "silent", "closed", today, "silent", upheld=row["amount"],
                 reason=f"答复期限{row['due_on']}已过，未答复")
            for row in rows
        ]  # fmt: skip
        count += await carry(connection, moves, SYSTEM)
    return count


async def _returned(connection: Connection, today: date) -> int:
    count = 0
    while rows := await connection.fetch(OVERDUE, "opinion", today, AT_ONCE):
        moves = [
            Move(row["finding_id"], "opinion_overdue", "appealed", due(row["admdvs"], "second_review_days", today),
                 reason=f"评议期限{row['due_on']}已过")
            for row in rows
        ]  # fmt: skip
        await connection.execute(GIVE_UP, [row["finding_id"] for row in rows])
        count += await carry(connection, moves, SYSTEM)
    return count


async def close_cancelled(connection: Connection) -> int:
    """Close the open findings of settlements that were cancelled; how many."""
    count, today = 0, dates.today()
    while rows := await connection.fetch(CANCELLED, AT_ONCE):
        moves = [
            Move(row["finding_id"], "bill_cancelled", "closed", today, "bill_cancelled", reason="所涉结算已撤销")
            for row in rows
        ]
        count += await carry(connection, moves, SYSTEM)
    return count

"""Second review (复审): the decision on an appeal, by somebody who did not review first.

Refusals beside those of `moves`: V403 reviewed first, V405 the amount is none of a part, V458 already in a statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal
from yibao.core.money import BASIS_POINTS, share_of
from yibao.supervision.casework.moves import (
    Actor,
    Found,
    Move,
    carry,
    check_reason,
    check_role,
    locked,
    refuse_all,
    wrong_state,
)
from yibao.supervision.casework.statements import LOCK, throw_away_drafts
from yibao.supervision.casework.terms import due

DECIDER = "second_reviewer"
IN_STATEMENT = """
select l.finding_id, l.statement_no from supervision.deduction_line l
join supervision.deduction_statement s using (statement_no)
where l.finding_id = any($1::text[]) and l.live and s.status = 'posted'
"""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision. `partly` (部分成立) says how much stays: `amount` fen, or `share` basis points of each finding."""

    outcome: Literal["upheld", "partly", "dismissed", "data_fault"]
    reason: str
    amount: int | None = None
    share: int | None = None

    def upheld(self, one: Found) -> int:
        """Insured fees that stay in question, fen."""
        if self.outcome == "partly":
            return self.amount if self.amount is not None else share_of(one.amount, self.share or 0)
        return one.amount if self.outcome == "upheld" else 0


async def decide(connection: Connection, actor: Actor, ids: Sequence[str], ruling: Ruling) -> int:
    """Close appealed findings; how many. Refused V401–V406, V409."""
    check_role(actor, DECIDER)
    check_reason(ruling.reason)
    found, today = await locked(connection, ids), dates.today()
    refuse_all(
        wrong_state(one, "appealed") or first_reviewer_fault(one, actor) or part_fault(one, ruling) for one in found
    )
    moves = [
        Move(one.finding_id, ruling.outcome, "closed", today, ruling.outcome, upheld=ruling.upheld(one),
             decided_by=actor.user_name, reason=ruling.reason, details={"upheld": ruling.upheld(one)})
        for one in found
    ]  # fmt: skip
    return await carry(connection, moves, actor.user_name)


async def reopen(connection: Connection, actor: Actor, ids: Sequence[str], reason: str) -> int:
    """Take closed findings up again, as long as no posted statement has them; how many.

    To the second review; one that was dropped to the first, because the institution was never heard. A draft that has
    one of them is thrown away. Refused V401–V406, V409, V433, V458.
    """
    check_role(actor, DECIDER)
    check_reason(reason)
    await connection.execute(LOCK)
    found, today = await locked(connection, ids), dates.today()
    posted = {row["finding_id"]: row["statement_no"] for row in await connection.fetch(IN_STATEMENT, list(ids))}
    refuse_all(
        wrong_state(one, "closed") or first_reviewer_fault(one, actor) or _cancelled(one) or _posted(one, posted)
        for one in found
    )
    await throw_away_drafts(connection, [one.finding_id for one in found])
    return await carry(connection, [_taken_up(one, reason, today) for one in found], actor.user_name)


def _taken_up(one: Found, reason: str, today: date) -> Move:
    if one.outcome == "dropped":
        return Move(one.finding_id, "reopened", "new", due(one.admdvs, "first_review_days", today), reason=reason)
    return Move(one.finding_id, "reopened", "appealed", due(one.admdvs, "second_review_days", today), reason=reason)


def _cancelled(one: Found) -> Refusal | None:
    if one.outcome != "bill_cancelled":
        return None
    return Refusal("V433", f"疑点{one.finding_id}所涉结算已撤销", "不再处理", one.finding_id)


def first_reviewer_fault(one: Found, actor: Actor) -> Refusal | None:
    """V403 when the actor reviewed this finding first (回避)."""
    if actor.user_name not in one.reviewers:
        return None
    text = f"疑点{one.finding_id}由您初审，不能由您复审"
    return Refusal("V403", text, "请交由未参与初审的人员办理", one.finding_id)


def part_fault(one: Found, ruling: Ruling) -> Refusal | None:
    """V405 when a part is nothing or all of the amount."""
    whole = ruling.share is not None and not 0 < ruling.share < BASIS_POINTS
    if ruling.outcome != "partly" or (not whole and 0 < ruling.upheld(one) < one.amount):
        return None
    text = f"疑点{one.finding_id}部分成立的金额应大于零、小于涉及金额"
    return Refusal("V405", text, "全部成立或不成立请选相应结论", one.finding_id)


def _posted(one: Found, posted: dict[str, str]) -> Refusal | None:
    if one.finding_id not in posted:
        return None
    text = f"疑点{one.finding_id}已列入扣款通知书{posted[one.finding_id]}"
    return Refusal("V458", text, "请先冲回该通知书", one.finding_id)

"""Steps of findings: who may, from which state, and how many at once are carried out by one statement.

    found = await locked(connection, ids)             rows under lock, in the order of their ids
    refuse_all(fault(one) for one in found)           one coded refusal per row; any refuses all
    await carry(connection, [Move(…) …], actor)       states and history in one statement

Refusals: V401 unknown finding, V402 wrong state, V404 no reason, V406 not this role's step, V409 none or too many.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused

State = Literal["new", "issued", "appealed", "opinion", "closed"]
STATES: dict[str, str] = {
    "new": "待初审", "issued": "待机构答复", "appealed": "待复审", "opinion": "专家评议", "closed": "已结案",
}  # fmt: skip
OUTCOMES: dict[str, str] = {
    "dropped": "初审排除", "accepted": "机构认可", "silent": "逾期视为认可", "upheld": "成立", "partly": "部分成立",
    "dismissed": "不成立", "data_fault": "数据问题，已更正不扣款", "bill_cancelled": "结算已撤销",
}  # fmt: skip
DEDUCTED = ("accepted", "silent", "upheld", "partly")
"""Outcomes that end in a deduction."""
SYSTEM = "yibao"
MOST = 2_000
LOCK = """
select f.finding_id, f.rule_id, f.fixmedins_code, f.setl_id, f.amount, f.state, f.outcome, f.due_on, f.round,
       f.reviewed_by, f.decided_by, i.admdvs, i.uscc,
       array(select s.actor from supervision.finding_step s
             where s.finding_id = f.finding_id and s.kind in ('issued', 'dropped')) as reviewers
from supervision.finding f join directory.institution i using (fixmedins_code)
where f.finding_id = any($1::text[]) order by f.finding_id for update of f
"""
CARRY = """
with step as (
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::date[], $6::bigint[], $7::text[], $8::text[],
                       $9::text[], $10::jsonb[])
    as s (finding_id, kind, state, outcome, due_on, upheld, reviewed_by, decided_by, reason, details)
), moved as (
  update supervision.finding f
  set state = s.state, outcome = s.outcome, due_on = s.due_on, upheld = s.upheld,
      reviewed_by = coalesce(s.reviewed_by, f.reviewed_by), decided_by = s.decided_by,
      closed_at = case when s.state = 'closed' then $12::timestamp end,
      round = f.round + (s.kind = 'asked')::int
  from step s where f.finding_id = s.finding_id
  returning f.finding_id
)
insert into supervision.finding_step (finding_id, at, kind, actor, reason, details)
select s.finding_id, $12, s.kind, $11, s.reason, s.details from step s join moved using (finding_id)
"""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `role` as in the accounts of the pages; `fixmedins_code` of an institution's office."""

    user_name: str
    role: str
    fixmedins_code: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A finding under lock; `amount` insured fees at stake in fen; `admdvs` and `uscc` of its institution.

    `reviewers`: everybody who ever issued or dropped it.
    """

    finding_id: str
    rule_id: str
    fixmedins_code: str
    setl_id: str
    amount: int
    state: State
    outcome: str | None
    due_on: date
    round: int
    reviewed_by: str | None
    decided_by: str | None
    admdvs: str
    uscc: str
    reviewers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """One step: where the finding stands after it. `upheld` in fen."""

    finding_id: str
    kind: str
    state: State
    due_on: date
    outcome: str | None = None
    upheld: int = 0
    reviewed_by: str | None = None
    decided_by: str | None = None
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)


async def locked(connection: Connection, ids: Sequence[str], of: str | None = None) -> list[Found]:
    """The findings under lock; `of` an institution, to whom other ones do not exist. Refused V401, V409."""
    wanted = sorted(set(ids))
    if not wanted or len(wanted) > MOST:
        raise Refused(Refusal("V409", "没有选中疑点" if not wanted else f"一次最多办理{MOST}条", "请重新选择"))
    rows = [Found(**row) for row in await connection.fetch(LOCK, wanted)]
    known = {one.finding_id for one in rows if of is None or one.fixmedins_code == of}
    refuse_all(
        Refusal("V401", f"没有疑点{one}", "请刷新页面后重新选择", one) if one not in known else None for one in wanted
    )
    return rows


def check_role(actor: Actor, *roles: str) -> None:
    """Refused V406 for anybody else."""
    if actor.role not in roles:
        raise Refused(Refusal("V406", "您的岗位不办理这一步", "请交由负责该环节的人员办理"))


def check_reason(reason: str) -> None:
    """Refused V404 without a reason."""
    if not reason.strip():
        raise Refused(Refusal("V404", "没有填写理由", "请写明理由后再提交", "reason"))


def wrong_state(one: Found, *states: State) -> Refusal | None:
    """V402 unless the finding is in one of these states."""
    if one.state in states:
        return None
    text = f"疑点{one.finding_id}现为“{STATES[one.state]}”，不能办理这一步"
    return Refusal("V402", text, "它可能已由他人办理，请刷新页面", one.finding_id)


def refuse_all(faults: Iterable[Refusal | None]) -> None:
    """Raise `Refused` with every fault there is: one row refuses the whole batch."""
    found = [one for one in faults if one is not None]
    if found:
        raise Refused(*found)


async def carry(connection: Connection, moves: Sequence[Move], actor: str, at: datetime | None = None) -> int:
    """Write states and history of all moves in one statement; how many."""
    if moves:
        columns = ("finding_id", "kind", "state", "outcome", "due_on", "upheld", "reviewed_by", "decided_by", "reason")
        values = [[getattr(move, name) for move in moves] for name in columns]
        await connection.execute(CARRY, *values, [move.details for move in moves], actor, at or dates.now())
    return len(moves)

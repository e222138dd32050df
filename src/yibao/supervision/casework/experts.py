"""Expert opinion (专家评议): one to three experts drawn at random without conflicts of interest, and what they say.

The draw can be repeated by anybody: experts without conflict are put in the order of SHA-256(seed, finding, user name)
and the first are taken; seed and candidates stand in the finding's history.

Refusals beside those of `moves`: V403 reviewed first, V405 amount, V421 too few experts, V422 not asked or answered.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.supervision.casework.decision import DECIDER, Ruling, first_reviewer_fault, part_fault
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
from yibao.supervision.casework.terms import due

EXPERT = "expert"
MOST_EXPERTS = 3
ALL = """
select e.user_name, coalesce(e.fixmedins_code, '') as fixmedins_code, coalesce(nullif(e.uscc, ''), i.uscc, '') as uscc
from supervision.expert e left join directory.institution i using (fixmedins_code) where e.active
"""
SAVE = """
insert into supervision.expert (user_name, expert_name, specialty, fixmedins_code, uscc, active)
values ($1, $2, $3, $4, $5, $6)
on conflict (user_name) do update
  set expert_name = $2, specialty = $3, fixmedins_code = $4, uscc = $5, active = $6
"""
DRAWN = """
insert into supervision.opinion (finding_id, round, user_name, drawn_at)
select f, r, u, $4 from unnest($1::text[], $2::smallint[], $3::text[]) as d (f, r, u)
"""
ANSWER = """
update supervision.opinion o set verdict = $3, amount = a.amount, text = $4, given_at = $5
from unnest($1::text[], $6::bigint[]) as a (finding_id, amount)
where o.finding_id = a.finding_id and o.user_name = $2 and o.given_at is null
returning o.finding_id
"""
ASKED = """
select finding_id from supervision.opinion where finding_id = any($1::text[]) and user_name = $2 and given_at is null
"""
OPEN = """
select distinct finding_id from supervision.opinion where finding_id = any($1::text[]) and given_at is null
"""


@dataclass(frozen=True, slots=True)
class Expert:
    """An expert of the register: where they work (`fixmedins_code`), and their employer's `uscc`."""

    user_name: str
    expert_name: str = ""
    specialty: str = ""
    fixmedins_code: str = ""
    uscc: str = ""
    active: bool = True


async def save_expert(connection: Connection, expert: Expert) -> None:
    """Enter an expert into the register, or change the entry."""
    place = expert.fixmedins_code or None
    await connection.execute(
        SAVE, expert.user_name, expert.expert_name, expert.specialty, place, expert.uscc, expert.active
    )


async def ask(
    connection: Connection, actor: Actor, ids: Sequence[str], count: int, reason: str = "", seed: str = ""
) -> int:
    """Draw `count` experts for each appealed finding; how many findings. Refused V401–V406, V409, V421."""
    check_role(actor, DECIDER)
    if not 1 <= count <= MOST_EXPERTS:
        raise Refused(Refusal("V421", f"评议专家应为1至{MOST_EXPERTS}人", "请重新选择人数", "count"))
    found, now = await locked(connection, ids), dates.now()
    refuse_all(wrong_state(one, "appealed") or first_reviewer_fault(one, actor) for one in found)
    experts = [Expert(**row) for row in await connection.fetch(ALL)]
    seed = seed or secrets.token_hex(16)
    free = {one.finding_id: candidates(experts, one, actor.user_name) for one in found}
    refuse_all(_too_few(one, free[one.finding_id], count) for one in found)
    drawn = {key: draw(seed, key, names, count) for key, names in free.items()}
    moves = [
        Move(one.finding_id, "asked", "opinion", due(one.admdvs, "opinion_days", now.date()), reason=reason,
             details={"seed": seed, "candidates": free[one.finding_id], "drawn": drawn[one.finding_id]})
        for one in found
    ]  # fmt: skip
    rows = [(one.finding_id, one.round + 1, name) for one in found for name in drawn[one.finding_id]]
    await connection.execute(DRAWN, *(list(column) for column in zip(*rows, strict=True)), now)
    return await carry(connection, moves, actor.user_name)


def candidates(experts: Sequence[Expert], one: Found, asking: str) -> list[str]:
    """User names without conflict of interest: not of this institution or its owner, no reviewer of the finding."""
    involved = {asking, one.decided_by, *one.reviewers}
    return sorted(
        expert.user_name for expert in experts
        if expert.user_name not in involved and expert.fixmedins_code != one.fixmedins_code
        and not (one.uscc and expert.uscc == one.uscc)
    )  # fmt: skip


def draw(seed: str, finding_id: str, names: Sequence[str], count: int) -> list[str]:
    """The first `count` names in the order of their digests under the seed."""
    return sorted(names, key=lambda name: hashlib.sha256(f"{seed}\x1f{finding_id}\x1f{name}".encode()).digest())[:count]


async def give_opinion(connection: Connection, actor: Actor, ids: Sequence[str], ruling: Ruling) -> int:
    """An expert's answer on findings drawn to them; the last answer sends a finding back. Refused V401–V409, V422."""
    check_role(actor, EXPERT)
    check_reason(ruling.reason)
    found, now = await locked(connection, ids), dates.now()
    asked = {row["finding_id"] for row in await connection.fetch(ASKED, list(ids), actor.user_name)}
    refuse_all(_not_asked(one, asked) or wrong_state(one, "opinion") or part_fault(one, ruling) for one in found)
    names = [one.finding_id for one in found]
    amounts = [ruling.upheld(one) for one in found]
    await connection.fetch(ANSWER, names, actor.user_name, ruling.outcome, ruling.reason, now, amounts)
    waiting = {row["finding_id"] for row in await connection.fetch(OPEN, names)}
    moves = [
        Move(one.finding_id, "opinion", "opinion" if one.finding_id in waiting else "appealed",
             one.due_on if one.finding_id in waiting else due(one.admdvs, "second_review_days", now.date()),
             reason=ruling.reason, details={"verdict": ruling.outcome, "amount": ruling.upheld(one)})
        for one in found
    ]  # fmt: skip
    return await carry(connection, moves, actor.user_name)


def _too_few(one: Found, names: Sequence[str], count: int) -> Refusal | None:
    if len(names) >= count:
        return None
    text = f"疑点{one.finding_id}没有利益冲突的专家只有{len(names)}人，不足{count}人"
    return Refusal("V421", text, "请减少人数，或先补充专家库", one.finding_id)


def _not_asked(one: Found, asked: set[str]) -> Refusal | None:
    if one.finding_id in asked:
        return None
    return Refusal("V422", f"疑点{one.finding_id}没有请您评议，或您已评议", "请刷新页面", one.finding_id)

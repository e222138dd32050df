"""First review (初审): a finding is issued to its institution, or dropped with a reason."""

from collections.abc import Sequence

from yibao.core import dates
from yibao.core.database import Connection
from yibao.supervision.casework.moves import (
    Actor,
    Move,
    carry,
    check_reason,
    check_role,
    locked,
    refuse_all,
    wrong_state,
)
from yibao.supervision.casework.terms import due

REVIEWERS = ("reviewer", "second_reviewer")


async def issue(connection: Connection, actor: Actor, ids: Sequence[str], reason: str = "") -> int:
    """To the institutions, whose term to answer begins; how many. Refused V401, V402, V406, V409, V440."""
    check_role(actor, *REVIEWERS)
    found, today = await locked(connection, ids), dates.today()
    refuse_all(wrong_state(one, "new") for one in found)
    moves = [
        Move(one.finding_id, "issued", "issued", due(one.admdvs, "answer_days", today),
             reviewed_by=actor.user_name, reason=reason)
        for one in found
    ]  # fmt: skip
    return await carry(connection, moves, actor.user_name)


async def drop(connection: Connection, actor: Actor, ids: Sequence[str], reason: str) -> int:
    """Closed without being issued; how many. Refused V401, V402, V404, V406, V409."""
    check_role(actor, *REVIEWERS)
    check_reason(reason)
    found, today = await locked(connection, ids), dates.today()
    refuse_all(wrong_state(one, "new") for one in found)
    moves = [
        Move(one.finding_id, "dropped", "closed", today, "dropped", reviewed_by=actor.user_name, reason=reason)
        for one in found
    ]
    return await carry(connection, moves, actor.user_name)

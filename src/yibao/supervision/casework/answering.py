"""The institution's answer (答复): it accepts a finding, or appeals with a text and files (申诉) before the term ends.

Refusals beside those of `moves`: V408 the term is over, V411–V413 files.
"""

from collections.abc import Sequence
from datetime import date

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal
from yibao.supervision.casework.attachments import Upload, attach
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

OFFICE = "institution"


async def accept(connection: Connection, actor: Actor, ids: Sequence[str], reason: str = "") -> int:
    """The finding is right: closed with its whole amount; how many."""
    found = await _own(connection, actor, ids)
    today = dates.today()
    moves = [
        Move(one.finding_id, "accepted", "closed", today, "accepted", upheld=one.amount, reason=reason) for one in found
    ]
    return await carry(connection, moves, actor.user_name)


async def appeal(
    connection: Connection, actor: Actor, ids: Sequence[str], reason: str, files: Sequence[Upload] = ()
) -> int:
    """The finding is contested: to the second review; the files are kept once for all of them. How many."""
    check_reason(reason)
    found = await _own(connection, actor, ids)
    numbers = await attach(connection, actor, files, [one.finding_id for one in found])
    today, details = dates.today(), {"files": numbers} if numbers else {}
    moves = [
        Move(one.finding_id, "appealed", "appealed", due(one.admdvs, "second_review_days", today), reason=reason,
             details=details)
        for one in found
    ]  # fmt: skip
    return await carry(connection, moves, actor.user_name)


async def _own(connection: Connection, actor: Actor, ids: Sequence[str]) -> list[Found]:
    """The institution's own findings that wait for its answer."""
    check_role(actor, OFFICE)
    found, today = await locked(connection, ids, actor.fixmedins_code or "-"), dates.today()
    refuse_all(wrong_state(one, "issued") or _late(one, today) for one in found)
    return found


def _late(one: Found, today: date) -> Refusal | None:
    if one.due_on >= today:
        return None
    text = f"疑点{one.finding_id}的答复期限{one.due_on}已过，视为认可"
    return Refusal("V408", text, "如有异议请联系医保经办机构", one.finding_id)

"""The idempotent inbox: a message that changed something leaves its reply, in the same transaction.

Whoever sends the same msgid again gets the stored reply byte for byte; the same msgid with another body is refused.
`stored_reply` looks, `store_reply` writes; both run on the connection (and so in the transaction) of the action.
"""

from dataclasses import dataclass

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused

SEEN = "select digest, reply, reversed_at from core.inbox where sender = $1 and msgid = $2"
STORE = """
insert into core.inbox (sender, msgid, infno, digest, reply, reference, psn_no)
values ($1, $2, $3, $4, $5, $6, $7)
"""


@dataclass(frozen=True, slots=True)
class Message:
    """Identity of one request: who sent it, its msgid, its transaction number, SM3 digest of its input."""

    sender: str
    msgid: str
    infno: str
    digest: bytes


def check_same_body(message: Message, stored_digest: bytes) -> None:
    """Raise `Refused` G041 when a known msgid comes with another body."""
    if stored_digest != message.digest:
        raise Refused(
            Refusal(
                "G041",
                f"报文ID {message.msgid} 已用于另一笔内容不同的交易",
                "请为新的交易生成新的msgid；若是重发，请原样重发",
                "msgid",
            )
        )


async def stored_reply(connection: Connection, message: Message) -> bytes | None:
    """The reply given before to this very message, or None when it is new."""
    row = await connection.fetchrow(SEEN, message.sender, message.msgid)
    if row is None:
        return None
    check_same_body(message, row["digest"])
    return bytes(row["reply"])


async def store_reply(
    connection: Connection,
    message: Message,
    reply: bytes,
    *,
    reference: str | None = None,
    psn_no: str | None = None,
) -> None:
    """Keep `reply` for repetitions; a concurrent twin fails with a unique violation and is answered from here."""
    await connection.execute(
        STORE, message.sender, message.msgid, message.infno, message.digest, reply, reference, psn_no
    )

"""The idempotent inbox: a message that changed something leaves its reply, in the same transaction.

Whoever sends the same msgid again gets the stored reply byte for byte; the same msgid with another body is refused.
`once` wraps an action that way. `stored_reply` looks and `store_reply` writes, on the connection (and so in the
transaction) of an action that saves a round trip by doing it itself.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from asyncpg.exceptions import UniqueViolationError

from yibao.core.database import Connection, Database
from yibao.core.errors import Conflict, Refusal, Refused

REVERSED = bytes(32)
"""Digest of a message that 2601 reversed, whether it ever arrived or not: no body has it."""

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
    """Raise `Refused` G041 when a known msgid comes with another body, G042 when it was reversed."""
    if stored_digest == REVERSED:
        raise Refused(
            Refusal("G042", f"报文ID {message.msgid} 已被冲正，不能再执行", "如需办理，请用新的msgid重新发送", "msgid")
        )
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


@dataclass(frozen=True, slots=True)
class Answer:
    """What an action answers: the reply to keep, and which document and person it is about."""

    reply: bytes
    reference: str | None = None
    psn_no: str | None = None


async def once(database: Database, message: Message, work: Callable[[Connection], Awaitable[Answer]]) -> bytes:
    """Run `work` in one transaction unless this message was answered before; returns the reply either way."""
    try:
        async with database.transaction() as connection:
            known = await stored_reply(connection, message)
            if known is not None:
                return known
            answer = await work(connection)
            await store_reply(connection, message, answer.reply, reference=answer.reference, psn_no=answer.psn_no)
            return answer.reply
    except UniqueViolationError as error:
        return await reply_of_twin(database, message, error)


async def reply_of_twin(database: Database, message: Message, error: Exception) -> bytes:
    """A concurrent repetition of the same message won: answer with what it stored, else the race was another."""
    async with database.connection() as connection:
        reply = await stored_reply(connection, message)
    if reply is None:
        raise Conflict(str(error)) from error
    return reply

"""Access of a channel to the callback (渠道接入): its secret, sealed; the signature of its messages.

A message carries x-channel-timestamp (Unix seconds) and x-channel-signature, the lower-case hex HMAC-SM3 of
timestamp, a line feed and the body under the channel's secret. Repetitions are harmless: the inbox answers them.
"""

import hmac
import secrets
import time
from collections.abc import Mapping

from yibao.core.crypto import seal, unseal
from yibao.core.database import Connection

PURPOSE = "payment channel"
WINDOW_SECONDS = 600
TIMESTAMP, SIGNATURE = "x-channel-timestamp", "x-channel-signature"
READ = "select secret_sealed from population.payment_channel where channel = $1 and status = 'active'"
WRITE = """
insert into population.payment_channel (channel, title, secret_sealed) values ($1, $2, $3)
on conflict (channel) do update set title = excluded.title, secret_sealed = excluded.secret_sealed, status = 'active'
"""
REVOKE = "update population.payment_channel set status = 'revoked' where channel = $1 and status = 'active' returning 1"


class Unauthorized(Exception):
    """The message is refused before it is read; the text goes out with HTTP 401."""


async def grant(connection: Connection, master_key: bytes, channel: str, title: str = "") -> str:
    """Give a channel a new secret, which is returned once and kept sealed; the old one ends."""
    secret = secrets.token_hex(24)
    await connection.execute(WRITE, channel, title, seal(secret.encode(), master_key, PURPOSE))
    return secret


async def revoke(connection: Connection, channel: str) -> bool:
    """End a channel's access; False when it had none."""
    return await connection.fetchval(REVOKE, channel) is not None


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """x-channel-signature of a message."""
    return hmac.new(secret.encode(), timestamp.encode() + b"\n" + body, "sm3").hexdigest()


async def admit(
    connection: Connection, master_key: bytes, channel: str, headers: Mapping[str, str], body: bytes
) -> None:
    """Raise `Unauthorized` unless the message is the channel's and of now (ten minutes either way)."""
    timestamp, signature = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) == 10):
        raise Unauthorized("缺少签名请求头或时间戳不是Unix秒数")
    if abs(time.time() - int(timestamp)) > WINDOW_SECONDS:
        raise Unauthorized("请求时间戳已过期，与平台时间相差不得超过10分钟")
    sealed = await connection.fetchval(READ, channel) if "\x00" not in channel else None
    if sealed is None:
        raise Unauthorized("渠道不存在或已停用")
    secret = unseal(bytes(sealed), master_key, PURPOSE).decode()
    if not hmac.compare_digest(sign(secret, timestamp, body).encode(), signature.lower().encode()):
        raise Unauthorized("签名不一致")

"""Credentials of departments for the exchange interface, and the signature that they make.

    x-exchange-key         access key
    x-exchange-time        Unix seconds, within five minutes of ours
    x-exchange-signature   lower-case hex HMAC-SM3, under the secret, of the lines
                           method, path with query, x-exchange-time, hex SM3 of the body, joined by "\\n"

A message that comes twice does no harm: files are numbered, reading changes nothing.
"""

import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from yibao.core.crypto import seal, sm3_hex, unseal
from yibao.core.database import Connection

PURPOSE = "exchange key"
WINDOW_SECONDS = 300
HEADERS = ("x-exchange-key", "x-exchange-time", "x-exchange-signature")
READ = """
select insu_admdvs, department, secret_sealed from population.exchange_key where access_key = $1 and status = 'active'
"""
WRITE = """
insert into population.exchange_key (access_key, insu_admdvs, department, secret_sealed) values ($1, $2, $3, $4)
"""
REVOKE = """
update population.exchange_key set status = 'revoked' where access_key = $1 and status = 'active' returning access_key
"""


class Unauthorized(Exception):
    """The message is refused before it is read; the text is for the sender."""


@dataclass(frozen=True, slots=True)
class ExchangeKey:
    """A department's credential; the secret never shows in a representation."""

    access_key: str
    admdvs: str
    department: str
    secret: str = field(repr=False)


async def create_key(connection: Connection, master_key: bytes, admdvs: str, department: str) -> ExchangeKey:
    """A new access key with its secret, which is kept sealed and can be shown only now."""
    key = ExchangeKey(secrets.token_hex(12), admdvs, department, secrets.token_hex(24))
    sealed = seal(key.secret.encode(), master_key, PURPOSE)
    await connection.execute(WRITE, key.access_key, admdvs, department, sealed)
    return key


async def revoke_key(connection: Connection, access_key: str) -> bool:
    """End a credential; False when there is no active one."""
    return await connection.fetchval(REVOKE, access_key) is not None


def sign(secret: str, method: str, target: str, timestamp: str, body: bytes) -> str:
    """The signature of a message; `target` is the path with its query as sent."""
    text = "\n".join((method.upper(), target, timestamp, sm3_hex(body)))
    return hmac.new(secret.encode(), text.encode(), "sm3").hexdigest()


async def claimed_key(connection: Connection, master_key: bytes, headers: Mapping[str, str]) -> ExchangeKey:
    """The credential that a message claims, known from its headers alone; raises `Unauthorized`.

    So a body of a hundred megabytes is read only for somebody we know; `check_signature` comes after it.
    """
    access_key, timestamp, signature = (headers.get(name, "") for name in HEADERS)
    if not (access_key and signature and timestamp.isascii() and timestamp.isdigit() and "\x00" not in access_key):
        raise Unauthorized("缺少签名请求头")
    if abs(time.time() - int(timestamp[:12])) > WINDOW_SECONDS:
        raise Unauthorized("请求时间与平台时间相差超过5分钟")
    row = await connection.fetchrow(READ, access_key)
    if row is None:
        raise Unauthorized("凭证不存在或已停用")
    secret = unseal(row["secret_sealed"], master_key, PURPOSE).decode()
    return ExchangeKey(access_key, row["insu_admdvs"], row["department"], secret)


def check_signature(key: ExchangeKey, headers: Mapping[str, str], method: str, target: str, body: bytes) -> None:
    """Raise `Unauthorized` unless the owner of `key` signed this message."""
    _, timestamp, signature = (headers.get(name, "") for name in HEADERS)
    expected = sign(key.secret, method, target, timestamp, body)
    if not hmac.compare_digest(expected.encode(), signature.lower().encode()):
        raise Unauthorized("签名不一致")

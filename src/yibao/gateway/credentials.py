"""Credentials of institutions (接入凭证): an access key and a secret, sealed under the master key.

The access key is what a program sends as x-tif-paasid or _api_access_key; one institution may have several, a
revoked one stays for the record. `require_digest` demands the SM3 digest of `input` in cainfo of every message.
"""

from dataclasses import dataclass, field
from typing import Any

from yibao.core.crypto import seal, unseal
from yibao.core.database import Connection

PURPOSE = "gateway credential"
READ = """
select fixmedins_code, secret_sealed, require_digest from gateway.credential
where access_key = $1 and status = 'active'
"""
WRITE = """
insert into gateway.credential (access_key, fixmedins_code, secret_sealed, require_digest)
values ($1, $2, $3, $4)
on conflict (access_key) do update set fixmedins_code = excluded.fixmedins_code,
  secret_sealed = excluded.secret_sealed, require_digest = excluded.require_digest, status = 'active'
"""
REVOKE = """
update gateway.credential set status = 'revoked' where access_key = $1 and status = 'active' returning access_key
"""
LIST = """
select fixmedins_code, access_key, status, require_digest, created_at from gateway.credential
order by fixmedins_code, created_at
"""


@dataclass(frozen=True, slots=True)
class Credential:
    """An active credential with its secret in the clear; the secret never shows in a representation."""

    access_key: str
    fixmedins_code: str
    secret: str = field(repr=False)
    require_digest: bool = False


async def read_credential(connection: Connection, master_key: bytes, access_key: str) -> Credential | None:
    """The active credential of an access key, or None; raises `Unsealable` under another master key."""
    if "\x00" in access_key:
        return None
    row = await connection.fetchrow(READ, access_key)
    if row is None:
        return None
    secret = unseal(row["secret_sealed"], master_key, PURPOSE).decode()
    return Credential(access_key, row["fixmedins_code"], secret, row["require_digest"])


async def write_credential(connection: Connection, master_key: bytes, credential: Credential) -> None:
    """Create a credential or give it a new secret."""
    sealed = seal(credential.secret.encode(), master_key, PURPOSE)
    await connection.execute(WRITE, credential.access_key, credential.fixmedins_code, sealed, credential.require_digest)


async def revoke_credential(connection: Connection, access_key: str) -> bool:
    """End a credential; programs that use it are refused within 30 seconds. False when there is no active one."""
    return await connection.fetchval(REVOKE, access_key) is not None


async def list_credentials(connection: Connection) -> list[dict[str, Any]]:
    """Every credential without its secret, by institution."""
    return [dict(row) for row in await connection.fetch(LIST)]

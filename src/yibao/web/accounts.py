"""Users of the pages: a name, a role, an argon2 hash; an insured person is bound to one psn_no.

find_visitor      who is signed in
check_password    who is signing in
save_demo_users   the users of the demo city; their passwords differ per installation (see `demo_password`)
"""

import asyncio
import base64
import hashlib
import hmac
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from yibao.core.database import Connection, Database

CLERK, INSURED = "clerk", "insured"
"""Roles: 经办人员, 参保人."""
FIND = "select user_name, title, role, psn_no from web.account where user_name = $1"
SAVE = """
insert into web.account (user_name, title, role, psn_no, password_hash) values ($1, $2, $3, $4, $5)
on conflict (user_name) do update set title = $2, role = $3, psn_no = $4, password_hash = $5
"""

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's second choice for argon2id
_nobody = _hasher.hash("nobody has this password")


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in user; `psn_no` is set for an insured person (参保人) only."""

    user_name: str
    title: str
    role: str
    psn_no: str | None

    @property
    def is_clerk(self) -> bool:
        """Sees every bill; everybody else only what is theirs."""
        return self.role == CLERK


async def find_visitor(database: Database, user_name: str) -> Visitor | None:
    """The user of this name, or None when there is none (any more)."""
    async with database.connection() as connection:
        row = await connection.fetchrow(FIND, user_name)
    return Visitor(*row.values()) if row else None


async def check_password(database: Database, user_name: str, password: str) -> Visitor | None:
    """The user when name and password fit; an unknown name costs the same time as a wrong password."""
    async with database.connection() as connection:
        stored = await connection.fetchval("select password_hash from web.account where user_name = $1", user_name)
    fits = await asyncio.to_thread(_verify, stored or _nobody, password)
    return await find_visitor(database, user_name) if stored and fits else None


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def demo_password(key: bytes, user_name: str) -> str:
    """Password of a demo user: derived from the installation's master key, so `yibao demo` can show it again."""
    digest = hmac.new(key, f"demo password of {user_name}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower().rstrip("=")


async def save_demo_users(connection: Connection, key: bytes, insured: str | None = None) -> dict[str, str]:
    """Make (or renew) the demo users "clerk" and, for the person `insured`, "insured"; returns name → password."""
    users: list[tuple[str, str, str, str | None]] = [("clerk", "演示经办员", CLERK, None)]
    users += [("insured", "演示参保人", INSURED, insured)] if insured else []
    for name, title, role, psn_no in users:
        hashed = await asyncio.to_thread(_hasher.hash, demo_password(key, name))
        await connection.execute(SAVE, name, title, role, psn_no, hashed)
    return {name: demo_password(key, name) for name, *_ in users}


async def has_demo_users(database: Database) -> bool:
    """Whether the demo was loaded."""
    async with database.connection() as connection:
        return bool(await connection.fetchval("select exists (select 1 from web.account where user_name = 'clerk')"))


async def demo_users(connection: Connection, key: bytes) -> list[dict[str, str]]:
    """The demo users that exist, with their passwords, as `yibao demo` shows them."""
    rows = await connection.fetch(
        "select user_name, title, role, coalesce(psn_no, '') as psn_no from web.account"
        " where user_name in ('clerk', 'insured') order by user_name"
    )
    return [{**dict(row), "password": demo_password(key, row["user_name"])} for row in rows]

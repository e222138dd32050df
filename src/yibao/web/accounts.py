"""Users of the pages: a name, a role, an argon2 hash, and what the role is bound to.

An insured person is bound to one psn_no, an employer's clerk to one emp_no, a collector to a division (and all
below it), a department to its code, an institution's insurance office to the institution; clerks, leaders and those
who supervise see the whole city.

find_visitor      who is signed in
check_password    who is signing in
save_demo_users   the users of the demo city; their passwords differ per installation (see `demo_password`)
"""

import asyncio
import base64
import hashlib
import hmac
from dataclasses import astuple, dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from yibao.core.database import Connection, Database

CLERK, INSURED, EMPLOYER = "clerk", "insured", "employer"
COLLECTOR, DEPARTMENT, LEADER = "collector", "department", "leader"
"""Roles: 经办人员, 参保人, 单位经办人, 征缴员, 部门, 领导."""
INSTITUTION, REVIEWER, SECOND_REVIEWER = "institution", "reviewer", "second_reviewer"
EXPERT, INSPECTOR = "expert", "inspector"
"""Roles of supervision: 定点机构医保办, 初审人员, 复审人员, 评审专家, 监管人员."""
START_PAGES = {
    CLERK: "/work",
    INSURED: "/me",
    EMPLOYER: "/employer",
    COLLECTOR: "/collector",
    DEPARTMENT: "/exchange",
    LEADER: "/campaign",
    INSTITUTION: "/institution/findings",
    REVIEWER: "/findings",
    SECOND_REVIEWER: "/findings",
    EXPERT: "/findings/opinions",
    INSPECTOR: "/board",
}
"""Where a user arrives who signs in without having asked for a page."""
FIND = """
select user_name, title, role, psn_no, emp_no, area, department, fixmedins_code from web.account where user_name = $1
"""
SAVE = """
insert into web.account (user_name, title, role, psn_no, emp_no, area, department, fixmedins_code, password_hash)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (user_name) do update
  set title = $2, role = $3, psn_no = $4, emp_no = $5, area = $6, department = $7, fixmedins_code = $8,
      password_hash = $9
"""

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's second choice for argon2id
_nobody = _hasher.hash("nobody has this password")


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in user; `psn_no`, `emp_no`, `area` (division code), `department` or
    `fixmedins_code` as the role demands."""

    user_name: str
    title: str
    role: str
    psn_no: str | None = None
    emp_no: str | None = None
    area: str | None = None
    department: str | None = None
    fixmedins_code: str | None = None

    @property
    def is_clerk(self) -> bool:
        """Sees every bill; everybody else only what is theirs."""
        return self.role == CLERK

    @property
    def start_page(self) -> str:
        """Where this user's work begins."""
        return START_PAGES[self.role]


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


async def save_user(connection: Connection, visitor: Visitor, password: str) -> None:
    """Make a user or renew one of the same name, with this password."""
    hashed = await asyncio.to_thread(_hasher.hash, password)
    await connection.execute(SAVE, *astuple(visitor), hashed)


async def save_demo_users(connection: Connection, key: bytes, *others: Visitor) -> dict[str, str]:
    """Make (or renew) the demo user "clerk" and `others`; returns name → password."""
    users = (Visitor("clerk", "演示经办员", CLERK), *others)
    for user in users:
        await save_user(connection, user, demo_password(key, user.user_name))
    return {user.user_name: demo_password(key, user.user_name) for user in users}


async def has_demo_users(database: Database) -> bool:
    """Whether the demo was loaded."""
    async with database.connection() as connection:
        return bool(await connection.fetchval("select exists (select 1 from web.account where user_name = 'clerk')"))


async def demo_users(connection: Connection, key: bytes) -> list[dict[str, str]]:
    """The demo users that exist, with their passwords, as `yibao demo` shows them."""
    rows = await connection.fetch(
        "select user_name, title, role, coalesce(psn_no, '') as psn_no from web.account"
        " where title like '演示%' order by user_name"
    )
    return [{**dict(row), "password": demo_password(key, row["user_name"])} for row in rows]

"""`yibao user`: who may sign in to the pages, in which role, bound to whom or what.

    yibao user create zhang 张经办 --role clerk
    yibao user create wang 王单位 --role employer --bound-to E340600000001
    yibao user create li 李书记 --role collector --bound-to 340621101201
    yibao user create minzheng 民政局 --role department --bound-to civil_affairs --city 340600
    yibao user create yibaoban 一院医保办 --role institution --bound-to H34060010001
    yibao user create shen 审核员 --role reviewer (second_reviewer, expert, inspector)
    yibao user list; yibao user remove zhang

The password is asked for, or made and printed once with `--generate`. What a user is bound to must exist: a psn_no, an
emp_no, a division code, a department of the area's rosters.
"""

import secrets
from typing import Annotated, Any

import typer

from yibao.core import dates
from yibao.core.commands import run_in_transaction
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.options import HomeOption
from yibao.population.rosters.departments import department_of
from yibao.web.accounts import (
    COLLECTOR,
    DEPARTMENT,
    EMPLOYER,
    INSTITUTION,
    INSURED,
    START_PAGES,
    Visitor,
    save_user,
)

user_app = typer.Typer(help="Users of the pages and their roles.", no_args_is_help=True)

SHORTEST_PASSWORD = 10
BOUND = {
    INSURED: "psn_no",
    EMPLOYER: "emp_no",
    COLLECTOR: "area",
    DEPARTMENT: "department",
    INSTITUTION: "fixmedins_code",
}
"""What each role is bound to; clerks and leaders see the whole city."""
KNOWN = {
    INSURED: "select exists (select from population.person where psn_no = $1)",
    EMPLOYER: "select exists (select from population.employer where emp_no = $1)",
    COLLECTOR: "select exists (select from directory.division where code = $1)",
    INSTITUTION: "select exists (select from directory.institution where fixmedins_code = $1)",
}
LIST = """
select user_name, title, role, coalesce(psn_no, emp_no, area, department, fixmedins_code, '') as bound_to, created_at
from web.account order by user_name
"""
REMOVE = "delete from web.account where user_name = $1 returning user_name"
NOTE = "insert into core.audit_event (actor, action, subject, details) values ('yibao user', $1, $2, $3)"


@user_app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the user types to sign in.")],
    title: Annotated[str, typer.Argument(metavar="TITLE", help="Name and post as pages show it.")],
    role: Annotated[
        str, typer.Option(help="clerk, insured, employer, reviewer …: an unknown role is answered with all of them.")
    ],
    bound_to: Annotated[str, typer.Option(help="psn_no, emp_no, division code or department, as the role needs.")] = "",
    city: Annotated[str, typer.Option(help="Area code of a department's city.")] = "",
    generate: Annotated[bool, typer.Option("--generate", help="Make a password and print it once.")] = False,
    home: HomeOption = None,
) -> None:
    """Make a user, or renew the one of this name."""
    password = secrets.token_urlsafe(12) if generate else typer.prompt("password", hide_input=True, err=True)

    async def work(connection: Connection) -> dict[str, Any]:
        reasons = await _against(connection, role, bound_to, password)
        if role == DEPARTMENT:
            department_of(city, bound_to, dates.today())  # refuses an unknown city or department
        if reasons:
            raise Refused(*reasons)
        bound = {BOUND[role]: bound_to} if role in BOUND else {}
        if role == DEPARTMENT:
            bound["area"] = city
        await save_user(connection, Visitor(name, title, role, **bound), password)
        await connection.execute(NOTE, "user.create", name, {"role": role, "bound_to": bound_to})
        return {"user_name": name, "role": role} | ({"password": password} if generate else {})

    run_in_transaction(work, home)


@user_app.command()
def remove(name: Annotated[str, typer.Argument(metavar="NAME")], home: HomeOption = None) -> None:
    """Take a user away; whoever is signed in under the name is out at once."""

    async def work(connection: Connection) -> dict[str, str]:
        if await connection.fetchval(REMOVE, name) is None:
            raise Refused(Refusal("W611", f"没有用户{name}", "用 yibao user list 查看用户", "user_name"))
        await connection.execute(NOTE, "user.remove", name, {})
        return {"removed": name}

    run_in_transaction(work, home)


@user_app.command("list")
def list_command(home: HomeOption = None) -> None:
    """Every user with role and what it is bound to."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        return [dict(row) for row in await connection.fetch(LIST)]

    run_in_transaction(work, home)


async def _against(connection: Connection, role: str, bound_to: str, password: str) -> list[Refusal]:
    """What speaks against such a user."""
    reasons = []
    if role not in START_PAGES:
        reasons.append(Refusal("W612", f"没有角色{role}", f"角色为{'、'.join(START_PAGES)}之一", "role"))
    elif role in BOUND and not bound_to:
        reasons.append(Refusal("W613", f"角色{role}必须绑定{BOUND[role]}", "请用 --bound-to 填写", "bound_to"))
    elif role not in BOUND and bound_to:
        reasons.append(Refusal("W613", f"角色{role}不绑定对象", "请去掉 --bound-to", "bound_to"))
    elif role in KNOWN and not await connection.fetchval(KNOWN[role], bound_to):
        reasons.append(Refusal("W614", f"{BOUND[role]} {bound_to}不存在", "请核对后重新填写", "bound_to"))
    if len(password) < SHORTEST_PASSWORD:
        reasons.append(Refusal("W615", f"密码少于{SHORTEST_PASSWORD}个字符", "请换一个更长的密码", "password"))
    return reasons

"""Who may open which page.

Every route declares `opt={"access": Access.…}`; the guard refuses a route that declares nothing, so a forgotten
declaration closes a page instead of opening it. Whose rows a user may see is decided in the page, per row.

    visitor_of(request)   the signed-in user of this request, or None
    guard                 run by Litestar before every page
"""

from enum import Enum
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from yibao.web import accounts
from yibao.web.accounts import Visitor, find_visitor
from yibao.web.state import services


class Access(Enum):
    """Who may open a page."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"  # everybody with a login
    BILLS = "bills"  # clerks, and insured persons for what is theirs
    CLERK = "clerk"  # 经办人员
    INSURED = "insured"  # 参保人
    EMPLOYER = "employer"  # 单位经办人
    COLLECTOR = "collector"  # 征缴员, and clerks for any area
    DEPARTMENT = "department"  # 部门, and clerks for any department
    CAMPAIGN = "campaign"  # figures of the collection: clerks, leaders, collectors for what is theirs
    LISTS = "lists"  # who is not insured: clerks, collectors and departments for what is theirs
    INSTITUTION = "institution"  # 定点机构医保办, for its own institution
    REVIEW = "review"  # findings: first and second reviewers; who may decide what is decided in the action
    OPINION = "opinion"  # experts, for what was drawn to them
    STATEMENTS = "statements"  # deduction statements: reviewers, clerks, leaders
    MONITORING = "monitoring"  # board, map, indicators: inspectors, reviewers, leaders
    BED_CHECK = "bed check"  # remote check of beds: inspectors ask, institutions answer
    OWN_SIGNATURE = "own signature"  # an interface that checks its own credentials


ROLES = {
    Access.BILLS: {accounts.CLERK, accounts.INSURED},
    Access.CLERK: {accounts.CLERK},
    Access.INSURED: {accounts.INSURED},
    Access.EMPLOYER: {accounts.EMPLOYER, accounts.CLERK},
    Access.COLLECTOR: {accounts.COLLECTOR, accounts.CLERK},
    Access.DEPARTMENT: {accounts.DEPARTMENT, accounts.CLERK},
    Access.CAMPAIGN: {accounts.CLERK, accounts.LEADER, accounts.COLLECTOR},
    Access.LISTS: {accounts.CLERK, accounts.COLLECTOR, accounts.DEPARTMENT},
    Access.INSTITUTION: {accounts.INSTITUTION},
    Access.REVIEW: {accounts.REVIEWER, accounts.SECOND_REVIEWER},
    Access.OPINION: {accounts.EXPERT},
    Access.STATEMENTS: {accounts.REVIEWER, accounts.SECOND_REVIEWER, accounts.CLERK, accounts.LEADER},
    Access.MONITORING: {accounts.INSPECTOR, accounts.REVIEWER, accounts.SECOND_REVIEWER, accounts.LEADER},
    Access.BED_CHECK: {accounts.INSPECTOR, accounts.INSTITUTION},
}
"""The roles that a page is open to."""


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse who may not open the page: 401 without a login, 403 with the wrong role."""
    access = handler.opt.get("access")
    if access is Access.PUBLIC:
        return
    visitor = await visitor_of(connection)
    if visitor is None:
        raise NotAuthorizedException("请先登录")
    if access is Access.SIGNED_IN or (isinstance(access, Access) and visitor.role in ROLES.get(access, ())):
        return
    raise PermissionDeniedException("您的账号没有打开此页的权限")


async def visitor_required(connection: ASGIConnection[Any, Any, Any, Any]) -> Visitor:
    """The signed-in user, in a handler that the guard opened."""
    visitor = await visitor_of(connection)
    if visitor is None:
        raise NotAuthorizedException("请先登录")
    return visitor


async def visitor_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Visitor | None:
    """The user whose name the session cookie carries, read afresh: a removed user is out at once."""
    session: dict[str, Any] | None = connection.scope.get("session")  # type: ignore[assignment]
    name = session.get("user") if session else None
    if not name:
        return None
    known = connection.scope["state"]
    if "visitor" not in known:
        known["visitor"] = await find_visitor(services(connection).database, str(name))
    found: Visitor | None = known["visitor"]
    return found

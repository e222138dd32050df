"""Who may open which page.

Every route declares `opt={"access": Access.…}`; the guard refuses a route that declares nothing, so a forgotten
declaration closes a page instead of opening it. Whose bill a person may see is decided in `bills`, per row.

    visitor_of(request)   the signed-in user of this request, or None
    guard                 run by Litestar before every page
"""

from enum import Enum
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from yibao.web.accounts import Visitor, find_visitor
from yibao.web.state import services


class Access(Enum):
    """Who may open a page."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"  # clerks, and insured persons for what is theirs
    CLERK = "clerk"  # 经办人员
    OWN_SIGNATURE = "own signature"  # the hospital interface checks its own credentials


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse who may not open the page: 401 without a login, 403 with the wrong role."""
    access = handler.opt.get("access")
    if access is Access.PUBLIC:
        return
    visitor = await visitor_of(connection)
    if visitor is None:
        raise NotAuthorizedException("请先登录")
    if access is Access.SIGNED_IN or (access is Access.CLERK and visitor.is_clerk):
        return
    raise PermissionDeniedException("您的账号没有打开此页的权限")


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

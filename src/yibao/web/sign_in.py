"""Signing in and out: a name and a password, then an encrypted, HttpOnly session cookie for eight hours."""

from typing import Any

from litestar import Request, get, post
from litestar.response import Redirect, Response, Template

from yibao.core.errors import Unavailable
from yibao.web.access import Access, visitor_of
from yibao.web.accounts import check_password, has_demo_users
from yibao.web.rendering import is_local_path, one_line, page
from yibao.web.state import services

LONGEST = 200  # characters of a name or password that are looked at


@get("/login", opt={"access": Access.PUBLIC})
async def login_form(request: Request[Any, Any, Any]) -> Template | Redirect:
    """The form; who is signed in already goes on."""
    target = request.query_params.get("next", "")
    visitor = await visitor_of(request)
    if visitor:
        return Redirect(target if is_local_path(target) else visitor.start_page, status_code=303)
    return await _form(request, 200, target)


@post("/login", opt={"access": Access.PUBLIC})
async def login(request: Request[Any, Any, Any]) -> Response[Any]:
    """Check name and password; a wrong one shows the form again with the reason."""
    form = await request.form()
    name, password = (one_line(str(form.get(key, "")), LONGEST) for key in ("user_name", "password"))
    target = str(form.get("next", ""))
    shared = services(request)
    address = f"{request.client.host if request.client else ''} {name}"
    if not shared.logins.allows(address):
        return await _form(request, 429, target, name, "尝试次数过多，请一分钟后再试。")
    visitor = await check_password(shared.database, name, password)
    if visitor is None:
        return await _form(request, 401, target, name, "用户名或密码不对，请核对后再试。")
    shared.logins.forgive(address)
    request.set_session({"user": visitor.user_name})
    return Redirect(target if is_local_path(target) else visitor.start_page, status_code=303)


@post("/logout", opt={"access": Access.PUBLIC})
async def logout(request: Request[Any, Any, Any]) -> Redirect:
    """Forget the session."""
    request.clear_session()
    return Redirect("/", status_code=303)


async def _form(
    request: Request[Any, Any, Any], status_code: int, target: str, name: str = "", problem: str = ""
) -> Template:
    try:
        demo = await has_demo_users(services(request).database)
    except Unavailable:
        demo = False
    return await page(request, "login.html", status_code, next=target, user_name=name, problem=problem, has_demo=demo)

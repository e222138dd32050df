"""What a person sees when a page cannot be given: what happened and what to do, never a trace."""

import logging
import secrets
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from yibao.core.errors import Refused, Unavailable
from yibao.web.rendering import filled

log = logging.getLogger("yibao.web")
HEADINGS = {
    403: "无权打开", 404: "没有找到", 405: "不支持的操作", 429: "过于频繁", 503: "暂时不能使用",
}  # fmt: skip
TEXTS = {404: "没有您要找的页面，请核对地址。", 405: "请从页面上的按钮或链接操作。"}


def show_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """401 leads to the login and back; everything else is a page with the reason."""
    if error.status_code == 401:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return Redirect(f"/login?next={quote(here, safe='')}", status_code=303)
    text = TEXTS.get(error.status_code, "") if error.detail.isascii() else error.detail
    heading = HEADINGS.get(error.status_code, "请求有误")
    return message(request, error.status_code, heading, text or "请返回上一页，核对后再试。")


def show_unavailable(request: Request[Any, Any, Any], error: Unavailable) -> Response[Any]:
    """A database that is away is a clean refusal, never a 500."""
    return message(request, 503, HEADINGS[503], "系统暂时没有应答，您的资料没有改变。", "请稍后再试。")


def show_refused(request: Request[Any, Any, Any], error: Refused) -> Response[Any]:
    """Coded reasons: what, and what to do."""
    first = error.refusals[0]
    return message(request, 422, "未能办理", first.text, first.advice, first.code)


def show_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A number to report; the log has the trace under it."""
    number = secrets.token_hex(4)
    log.error("unexpected %s on %s", number, request.url.path, exc_info=error)
    return message(request, 500, "系统出了差错", f"差错编号 {number}。", "请把编号告诉经办机构，稍后再试。")


def message(
    request: Request[Any, Any, Any], status_code: int, heading: str, text: str, advice: str = "", code: str = ""
) -> Response[Any]:
    """A page with one message: what happened and what to do."""
    code = code or f"HTTP {status_code}"
    return filled(request, "message.html", status_code, heading=heading, text=text, advice=advice, code=code)

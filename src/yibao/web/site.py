"""What belongs to no area: is the process well, the style sheet, the size of type."""

from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.datastructures import Cookie, State
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from yibao.web.access import Access
from yibao.web.rendering import LARGE_TYPE, asset, is_local_path, stylesheet_name

A_YEAR = 365 * 24 * 3600
SCRIPTS = ("bed_check.js", "board.js")
"""Of two pages; both work without."""


@get("/healthz", media_type=MediaType.TEXT, opt={"access": Access.PUBLIC})
async def healthz() -> str:
    """The process answers; says nothing about the database."""
    return "ok"


@get("/readyz", opt={"access": Access.PUBLIC})
async def readyz(state: State) -> Response[dict[str, str]]:
    """200 while requests can be served, 503 with the reason otherwise."""
    reason = await state.services.database.ready()
    if reason is None:
        return Response({"status": "ready"})
    return Response({"status": "unavailable", "reason": reason}, status_code=503)


@get("/assets/{name:str}", opt={"access": Access.PUBLIC})
async def assets(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The style sheet under the name of its content, the mark, the scripts."""
    name = request.path_params["name"]
    known = {stylesheet_name(): ("yibao.css", "text/css"), "mark.svg": ("mark.svg", "image/svg+xml")}
    known |= {one: (one, "text/javascript") for one in SCRIPTS}
    if name not in known:
        raise NotFoundException("没有这个文件")
    file, media_type = known[name]
    age = A_YEAR if file.endswith(".css") else 86_400
    return Response(asset(file), media_type=media_type, headers={"Cache-Control": f"public, max-age={age}"})


@get("/display/{size:str}", opt={"access": Access.PUBLIC})
async def display(request: Request[Any, Any, Any]) -> Redirect:
    """Choose the large type (大字版) or the normal one, and go back to where one was."""
    target = request.query_params.get("next", "/")
    cookie = Cookie(key=LARGE_TYPE, value="large", max_age=A_YEAR, samesite="lax", httponly=True)
    if request.path_params["size"] != "large":
        cookie = Cookie(key=LARGE_TYPE, value="", max_age=0, samesite="lax", httponly=True)
    return Redirect(target if is_local_path(target) else "/", status_code=303, cookies=[cookie])

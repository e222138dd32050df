"""What payment channels call: POST /channels/{code}/callback, signed by the channel (see docs/contributions.md).

The answer is JSON: HTTP 200 {"code": "0", …} when carried out (also before), 422 {"code": "P612", "message": …} when
refused, 401 without a valid signature, 503 when nothing was done and the same message may be sent again.
"""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.exceptions import ClientException
from litestar.params import FromPath

from yibao.core.errors import Conflict, Refused, Unavailable
from yibao.population.contributions.channels.access import Unauthorized, admit
from yibao.population.contributions.channels.callback import answer
from yibao.web.access import Access
from yibao.web.state import services

LARGEST_BODY = 64 * 1024
OPEN_TO_SIGNATURES = {"access": Access.OWN_SIGNATURE, "skip_session": True, "exclude_from_csrf": True}


@post("/channels/{code:str}/callback", opt=OPEN_TO_SIGNATURES, request_max_body_size=LARGEST_BODY, status_code=200)
async def channel_callback(request: Request[Any, Any, Any], code: FromPath[str]) -> Response[bytes]:
    """One message of a channel; whatever happens, the answer is JSON and nothing is half done."""
    database, key = services(request).database, services(request).key
    try:
        body = await request.body()
        async with database.connection() as connection:
            await admit(connection, key, code, request.headers, body)
        return _json(200, await answer(database, code, body))
    except Unauthorized as error:
        return _told(401, "401", str(error))
    except Refused as error:
        first = error.refusals[0]
        reasons = [
            {"code": one.code, "text": one.text, "advice": one.advice, "place": one.place} for one in error.refusals
        ]
        return _told(422, first.code, first.text, reasons)
    except (Unavailable, Conflict):
        return _told(503, "503", "系统暂不可用，请稍后原样重发")
    except ClientException as error:
        return _told(error.status_code, str(error.status_code), "报文过大或不能读取")


def _told(status: int, code: str, message: str, reasons: list[dict[str, str]] | None = None) -> Response[bytes]:
    return _json(status, msgspec.json.encode({"code": code, "message": message, "reasons": reasons or []}))


def _json(status: int, content: bytes) -> Response[bytes]:
    return Response(content, status_code=status, media_type="application/json")

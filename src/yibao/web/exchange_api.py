"""The exchange for departments whose systems speak HTTP (see docs/rosters.md); signed by the department.

    POST /exchange/{department}/inbox?sequence=…&file_name=…&as_of=…&mode=…   a roster, the body is the file
    GET  /exchange/{department}/outbox                                        manifests of what waits
    GET  /exchange/{department}/outbox/{sequence}                             one file
    POST /exchange/{department}/outbox/{sequence}/acknowledgement?sm3=…       it is there

Answers are JSON: 200 {"code": "0", …}, 422 with the coded reasons, 401 without a valid signature, 503 when nothing was
done and the same message may be sent again. Quarantined and waiting files answer 422: the sender has to act.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get, post
from litestar.exceptions import ClientException
from litestar.params import FromPath, FromQuery

from yibao.core import dates
from yibao.core.crypto import sm3_hex
from yibao.core.database import Connection
from yibao.core.errors import Conflict, Refusal, Refused, Unavailable
from yibao.population.rosters.exchange import Manifest, acknowledge, content_of, take_in, waiting_for
from yibao.population.rosters.exchange_keys import ExchangeKey, Unauthorized, check_signature, claimed_key
from yibao.settlement.retroactive import note_batch
from yibao.web.access import Access
from yibao.web.state import services

LARGEST_BODY = 100 * 1024 * 1024
SIGNED = {"access": Access.OWN_SIGNATURE, "skip_session": True, "exclude_from_csrf": True}
Work = Callable[[Connection, ExchangeKey, bytes], Awaitable[Response[bytes]]]


@post("/exchange/{department:str}/inbox", opt=SIGNED, request_max_body_size=LARGEST_BODY, status_code=200)
async def put_roster(request: Request[Any, Any, Any], department: FromPath[str]) -> Response[bytes]:
    """A roster with its manifest in the query."""

    async def work(connection: Connection, key: ExchangeKey, body: bytes) -> Response[bytes]:
        told = {**request.query_params, "admdvs": key.admdvs, "department": department, "sm3": sm3_hex(body)}
        manifest = _manifest({"kind": "roster", **told})
        city = services(request).city
        note = partial(note_batch, city, today=dates.today())
        receipt = await take_in(connection, city.packs, manifest, body, key.access_key, dates.today(), note)
        if receipt.refusals:
            return _refused(receipt.refusals, receipt.status)
        answer = {"status": receipt.status, "batch_no": receipt.batch_no, "batch_status": receipt.batch_status}
        return _json(200, {"code": "0", "sequence": receipt.sequence, **answer})

    return await _signed(request, department, work)


@get("/exchange/{department:str}/outbox", opt=SIGNED)
async def list_waiting(
    request: Request[Any, Any, Any], department: FromPath[str], after: FromQuery[int] = 0
) -> Response[bytes]:
    """Manifests of the files that the department has not acknowledged."""

    async def work(connection: Connection, key: ExchangeKey, body: bytes) -> Response[bytes]:
        files = [
            {"sequence": one.sequence, "kind": one.kind, "file_name": one.file_name, "sm3": one.digest,
             "rows": one.row_count, "batch_no": one.batch_no}
            for one in await waiting_for(connection, key.admdvs, department, after)
        ]  # fmt: skip
        return _json(200, {"code": "0", "files": files})

    return await _signed(request, department, work)


@get("/exchange/{department:str}/outbox/{sequence:int}", opt=SIGNED)
async def get_file(
    request: Request[Any, Any, Any], department: FromPath[str], sequence: FromPath[int]
) -> Response[bytes]:
    """One file as it was put out."""

    async def work(connection: Connection, key: ExchangeKey, body: bytes) -> Response[bytes]:
        name, content = await content_of(connection, key.admdvs, department, sequence)
        headers = {
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "x-exchange-sm3": sm3_hex(content),
        }
        return Response(content, media_type="application/octet-stream", headers=headers)

    return await _signed(request, department, work)


@post("/exchange/{department:str}/outbox/{sequence:int}/acknowledgement", opt=SIGNED, status_code=200)
async def acknowledge_file(
    request: Request[Any, Any, Any], department: FromPath[str], sequence: FromPath[int]
) -> Response[bytes]:
    """The department has the file with this SM3."""

    async def work(connection: Connection, key: ExchangeKey, body: bytes) -> Response[bytes]:
        digest = str(request.query_params.get("sm3", ""))
        await acknowledge(connection, key.admdvs, department, sequence, digest)
        return _json(200, {"code": "0", "sequence": sequence})

    return await _signed(request, department, work)


EXCHANGE_API = [put_roster, list_waiting, get_file, acknowledge_file]


async def _signed(request: Request[Any, Any, Any], department: str, work: Work) -> Response[bytes]:
    """Check the signature, do the work in one transaction, tell every refusal as JSON."""
    shared = services(request)
    try:
        async with shared.database.connection() as connection:
            key = await claimed_key(connection, shared.key, request.headers)
        body = await request.body()
        target = request.scope["raw_path"].decode() + (f"?{request.url.query}" if request.url.query else "")
        check_signature(key, request.headers, request.method, target, body)
        if key.department != department:
            raise Unauthorized("凭证不属于该部门")
        async with shared.database.transaction() as connection:
            return await work(connection, key, body)
    except Unauthorized as error:
        return _json(401, {"code": "401", "message": str(error), "reasons": []})
    except Refused as error:
        return _refused(error.refusals, "refused")
    except (Unavailable, Conflict):
        return _json(503, {"code": "503", "message": "系统暂不可用，请稍后原样重发", "reasons": []})
    except ClientException as error:
        return _json(
            error.status_code, {"code": str(error.status_code), "message": "文件过大或不能读取", "reasons": []}
        )


def _manifest(told: dict[str, Any]) -> Manifest:
    try:
        return msgspec.convert(told, Manifest, strict=False)
    except msgspec.ValidationError as error:
        raise Refused(Refusal("P821", f"清单不正确：{error}", "请核对sequence、file_name、as_of、mode")) from error


def _refused(refusals: tuple[Refusal, ...], status: str) -> Response[bytes]:
    reasons = [{"code": one.code, "text": one.text, "advice": one.advice, "place": one.place} for one in refusals]
    first = refusals[0]
    return _json(422, {"code": first.code, "message": first.text, "status": status, "reasons": reasons})


def _json(status: int, content: dict[str, Any]) -> Response[bytes]:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")

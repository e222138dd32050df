"""The gateway as an ASGI application: body → signature → envelope → validation → handler → reply.

Addresses: POST /fsi/api/rsfComIfsService/callService, /CSB, /CSB/hsa-fsi-<infno>, /fsi/<infno>, and any address
below /fsi/api for programs that call service by service; the number stands in the body or at the end of the address.
A refusal of signature answers HTTP 401 {"code":401,"message":…}; everything else HTTP 200 with the envelope, infcode
-1 for a failure, because programs understand nothing else. `web.app` mounts it beside the pages.
"""

import logging
import os
import re
import secrets
import traceback
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from asyncpg.exceptions import DataError
from litestar.types import Receive, Send

from yibao.core.config import ConfigurationError
from yibao.core.crypto import sm3_hex
from yibao.core.database import Connection
from yibao.core.errors import Conflict, Refused, Unavailable
from yibao.core.inbox import Answer as Answered
from yibao.core.inbox import once
from yibao.gateway import envelope as wire
from yibao.gateway.credentials import Credential
from yibao.gateway.envelope import Envelope, MalformedMessage
from yibao.gateway.faults import Fault, from_refusal
from yibao.gateway.handlers import HANDLERS
from yibao.gateway.interface.catalogue import transactions
from yibao.gateway.registry import Answer, Call, FileReply, Handler
from yibao.gateway.signature import Gatekeeper, Unauthorized
from yibao.gateway.validate import set_strictness, validator_of
from yibao.settlement.services import Services
from yibao.supervision.counter.review import Counter
from yibao.supervision.counter.rulebooks import Rulebooks, rulebook_in_force
from yibao.supervision.knowledge.store import knowledge_version

log = logging.getLogger("yibao.gateway")
LARGEST_BODY = 16 * 1024 * 1024
IN_URL = re.compile(r"(?:hsa-fsi-)?(\d{4,6}[A-Za-z]?)")
NOT_IN_A_NAME = re.compile(r'[\x00-\x1f\x7f"\\/]')  # would end the header, its quotes, or leave the folder
JSON_TYPE = b"application/json;charset=utf-8"
ATTEMPTS = 3
UNAVAILABLE = Fault("G051", "系统暂不可用", advice="请稍后用同一msgid原样重发")


class TooLarge(Exception):
    """The body is over the limit."""


class Gateway:
    """The national interface of one process."""

    def __init__(
        self, services: Services, master_key: bytes, *, largest_body: int = LARGEST_BODY, counter: Counter | None = None
    ) -> None:
        """Every fee line that comes is shown to the `counter` of supervision, by default with the rules in force.

        The environment may set YIBAO_SIGNATURE_WINDOW (minutes) and YIBAO_DICTIONARIES (see `set_strictness`)."""
        self.counter = counter or Counter(services.directory, Rulebooks(rulebook_in_force, knowledge_version))
        self.services = replace(services, review=self.counter)
        self.gatekeeper = Gatekeeper(services.database, master_key, signature_window())
        self.largest_body = largest_body
        set_strictness(os.environ.get("YIBAO_DICTIONARIES", "strict"))

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return None
        if scope["method"] != "POST":
            return await _send(send, 405, wire.encode({"code": 405, "message": "请使用POST方法"}))
        status, answer = await self._guarded(scope, receive)
        if isinstance(answer, FileReply):
            return await _send_file(send, answer)
        return await _send(send, status, answer)

    async def _guarded(self, scope: Any, receive: Receive) -> tuple[int, bytes | FileReply]:
        """Every way a message can end, as HTTP status and body; nothing gets out as an exception."""
        received = wire.received_now()
        context: dict[str, str] = {}
        try:
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            credential = await self.gatekeeper.admit(headers)
            body = await _read(receive, self.largest_body)
            return 200, await self.answer(credential, body, infno_of(scope["path"]), received, context)
        except Unauthorized as error:
            return 401, wire.encode({"code": 401, "message": str(error)})
        except TooLarge:
            limit = f"报文超过{self.largest_body // 1024}KB"
            faults: Sequence[Fault] = [Fault("G001", limit, advice="请分批上传")]
        except MalformedMessage as error:
            faults = error.faults
        except Refused as error:
            faults = [from_refusal(refusal) for refusal in error.refusals]
        except (Unavailable, Conflict):
            faults = [UNAVAILABLE]
        except Exception as error:
            faults = [unexpected(error, context)]
        return 200, wire.reply(None, faults, area=context.get("area", ""), received=received)

    async def answer(
        self, credential: Credential, body: bytes, infno_in_url: str, received: str, context: dict[str, str]
    ) -> bytes | FileReply:
        """The reply to one authenticated message; raises for every failure."""
        envelope = wire.parse(body, infno_in_url)
        context |= {"area": envelope.mdtrtarea_admvs, "infno": envelope.infno, "msgid": envelope.msgid}
        check_sender(envelope, credential)
        handler = handler_of(envelope.infno)
        nodes, faults = validator_of(envelope.infno).check(envelope.input())
        if faults:
            raise MalformedMessage(*faults)
        return await self._carry_out(handler, Call(envelope, nodes, self.services, received, self.counter))

    async def _carry_out(self, handler: Handler, call: Call) -> bytes | FileReply:
        """Run the handler; a lost race is tried again, since by then the stored reply or the lock is there."""
        for attempt in range(ATTEMPTS):
            try:
                if handler.writes:
                    return await self._write(handler, call)
                return _finished(await handler.run(call), call)
            except Conflict:
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    async def _write(self, handler: Handler, call: Call) -> bytes:
        """One transaction: the stored reply of a repetition, or the work and its reply together."""

        async def work(connection: Connection) -> Answered:
            call.open_connection = connection
            finished = _finished(await handler.run(call), call)
            assert isinstance(finished, bytes)
            return Answered(finished, call.reference, call.psn_no)

        return await once(self.services.database, call.message, work)


def signature_window() -> int:
    """Seconds by which the clocks of program and platform may differ."""
    minutes = os.environ.get("YIBAO_SIGNATURE_WINDOW", "30")
    if not minutes.isdigit() or not 1 <= int(minutes) <= 1440:
        raise ConfigurationError(f"YIBAO_SIGNATURE_WINDOW: minutes from 1 to 1440, not {minutes!r}")
    return int(minutes) * 60


def _finished(answer: Answer, call: Call) -> bytes | FileReply:
    return call.reply(answer) if isinstance(answer, (dict, list)) else answer


def infno_of(path: str) -> str:
    """The transaction number at the end of an address, or empty."""
    found = IN_URL.fullmatch(path.rstrip("/").rpartition("/")[2])
    return found[1].upper() if found else ""


def check_sender(envelope: Envelope, credential: Credential) -> None:
    """The message must come from the institution of the credential and carry the digest it has asked for."""
    faults = []
    if envelope.fixmedins_code != credential.fixmedins_code:
        text = f"{envelope.fixmedins_code}不是接入凭证所属机构"
        advice = "请核对机构编号与接入凭证"
        faults.append(Fault("G006", text, field="fixmedins_code", label="定点医药机构编号", advice=advice))
    if credential.require_digest and envelope.cainfo.lower() != sm3_hex(envelope.raw_input):
        advice = "cainfo应为input原文的SM3摘要(十六进制)"
        faults.append(Fault("G007", "报文摘要不一致", field="cainfo", label="数字签名信息", advice=advice))
    if faults:
        raise MalformedMessage(*faults)


def handler_of(infno: str) -> Handler:
    """The handler of a number; raises G011 for an unknown number, G012 for a known one not offered."""
    handler = HANDLERS.get(infno)
    if handler is not None:
        return handler
    known = transactions().get(infno)
    if known is None:
        raise MalformedMessage(
            Fault("G011", f"交易[{infno}]不存在", field="infno", label="交易编号", advice="请核对交易编号")
        )
    text = f"交易[{infno}]{known.name}暂未开放"
    raise MalformedMessage(Fault("G012", text, field="infno", label="交易编号", advice="可用的交易见接口文档"))


def unexpected(error: Exception, context: dict[str, str]) -> Fault:
    """A number to report; the log line has the place in the program, never contents of the message."""
    number = secrets.token_hex(6)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "yibao/" in frame.filename]
    places = " < ".join(f"{f.filename.rpartition('yibao/')[2]}:{f.lineno}" for f in reversed(frames[-6:]))
    what = f"{type(error).__module__}.{type(error).__qualname__}"
    infno, msgid = context.get("infno", "?"), context.get("msgid", "?")
    log.error("unexpected %s infno=%a msgid=%a %s at %s", number, infno, msgid, what, places)
    if isinstance(error, DataError):
        return Fault("G024", "报文中有平台无法保存的数值或字符", advice=f"请核对报文，或凭编号{number}联系医保经办机构")
    return Fault("G052", f"系统处理异常，编号{number}", advice="请凭编号联系医保经办机构，可用同一msgid重发")


async def _read(receive: Receive, limit: int) -> bytes:
    """The whole body; raises `TooLarge`."""
    parts: list[bytes] = []
    size = 0
    while True:
        event: Any = await receive()
        if event["type"] != "http.request":
            return b"".join(parts)
        part = event.get("body", b"")
        size += len(part)
        if size > limit:
            raise TooLarge
        parts.append(part)
        if not event.get("more_body"):
            return b"".join(parts)


async def _send(send: Send, status: int, body: Any, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
    kind = [] if headers else [(b"content-type", JSON_TYPE)]
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*kind, *headers, length]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _send_file(send: Send, file: FileReply) -> None:
    name = NOT_IN_A_NAME.sub("_", file.filename)
    disposition = f'attachment; filename="{name}"'.encode("latin-1", "replace")
    headers = [(b"content-type", b"application/octet-stream"), (b"content-disposition", disposition)]
    await _send(send, 200, file.content, headers)

"""The envelope (报文): reads what programs really send, writes the reply.

`parse(body, infno_in_url)` → `Envelope`, or raises `Refused` with every fault of the envelope. `input` stays raw
bytes: its digest (SM3) identifies the message and is what cainfo may carry. `reply` builds the answer.
Tolerated: byte order mark, numbers as text and text as numbers, the words null/NULL for empty, `input` as JSON text,
other spellings of keys (mdtrtarea_admdvs, devNo), keys the specification does not have. Source: docs/gateway.md.
"""

import itertools
import secrets
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from yibao.core.crypto import sm3
from yibao.core.dates import SHANGHAI
from yibao.gateway.faults import Fault, err_msg

BOM = b"\xef\xbb\xbf"
MOST_FAULTS = 1000
"""Faults listed in one reply; err_msg counts all."""
EMPTY_WORDS = ("null", "NULL", "Null")
SPELLINGS = {
    "mdtrtareaadmvs": "mdtrtarea_admvs",
    "mdtrtareaadmdvs": "mdtrtarea_admvs",
    "insuplcadmdvs": "insuplc_admdvs",
    "insuplcadmvs": "insuplc_admdvs",
}
FIELDS = {  # name: (label, most characters, required); lengths of notes in client code where those are wider
    "infno": ("交易编号", 10, True),
    "msgid": ("发送方报文ID", 30, True),
    "mdtrtarea_admvs": ("就医地医保区划", 6, True),
    "insuplc_admdvs": ("参保地医保区划", 6, False),
    "recer_sys_code": ("接收方系统代码", 10, True),
    "infver": ("接口版本号", 6, True),
    "opter_type": ("经办人类别", 3, True),
    "opter": ("经办人", 30, True),
    "opter_name": ("经办人姓名", 50, True),
    "inf_time": ("交易时间", 19, True),
    "fixmedins_code": ("定点医药机构编号", 12, True),
    "fixmedins_name": ("定点医药机构名称", 200, False),
    "sign_no": ("交易签到流水号", 30, False),
    "cainfo": ("数字签名信息", 1024, False),
    "signtype": ("签名类型", 10, False),
}
BY_SPELLING = {name.replace("_", ""): name for name in FIELDS} | SPELLINGS

_outer = msgspec.json.Decoder(dict[str, msgspec.Raw])
_scalar = msgspec.json.Decoder(float_hook=Decimal)
_inner = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")
_serial = itertools.count(secrets.randbelow(10**10))


class MalformedMessage(Exception):
    """The body cannot be read as a message; carries its faults."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(err_msg(faults))
        self.faults = faults


class Envelope(msgspec.Struct, frozen=True):
    """Common fields of a request as text, and `raw_input`, the bytes of the input object as they were sent."""

    infno: str
    msgid: str
    mdtrtarea_admvs: str
    insuplc_admdvs: str
    recer_sys_code: str
    infver: str
    opter_type: str
    opter: str
    opter_name: str
    inf_time: str
    fixmedins_code: str
    fixmedins_name: str
    sign_no: str
    cainfo: str
    signtype: str
    raw_input: bytes

    @property
    def digest(self) -> bytes:
        """SM3 over transaction number and raw input: what makes two messages the same."""
        return sm3(self.infno.encode() + b"\n" + self.raw_input)

    def input(self) -> dict[str, Any]:
        """The input object, numbers with a point as Decimal; raises `MalformedMessage` G003."""
        if b"\\u0000" in self.raw_input:
            raise MalformedMessage(Fault("G003", "含有不可见字符\\u0000", "input", advice="请去除后重新上传"))
        try:
            return _inner.decode(self.raw_input)
        except (msgspec.DecodeError, ValueError, RecursionError):
            advice = "请将交易节点放在input对象中"
            raise MalformedMessage(Fault("G003", "应为JSON对象", "input", advice=advice)) from None


def parse(body: bytes, infno_in_url: str = "") -> Envelope:
    """The envelope of `body`; raises `MalformedMessage` with every fault found."""
    outer = _outer_of(body)
    known = {BY_SPELLING.get(key.replace("_", "").lower(), key): raw for key, raw in outer.items()}
    faults: list[Fault] = []
    fields = {name: _field(name, known.get(name), faults) for name in FIELDS if name != "infno"}
    fields["infno"] = _infno(known.get("infno"), infno_in_url, faults)
    raw_input = _input_of(outer, faults)
    if faults:
        raise MalformedMessage(*faults)
    return Envelope(raw_input=raw_input, **fields)


def _outer_of(body: bytes) -> dict[str, msgspec.Raw]:
    try:
        return _outer.decode(body.removeprefix(BOM))
    except (msgspec.DecodeError, ValueError, RecursionError):
        advice = "请以UTF-8编码的JSON对象发送报文"
        raise MalformedMessage(Fault("G002", "报文不是JSON对象", advice=advice)) from None


def text_of(raw: bytes) -> str | None:
    """The text of a scalar however it was written; None for an object, a list or broken text."""
    try:
        value = _scalar.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    if isinstance(value, dict | list | bool):
        return None
    text = "" if value is None else str(value).strip()
    return "" if text in EMPTY_WORDS else text


def _field(name: str, raw: msgspec.Raw | None, faults: list[Fault]) -> str:
    label, limit, required = FIELDS[name]
    text = "" if raw is None else text_of(bytes(raw))
    if text is None or "\x00" in text:
        faults.append(Fault("G004", "应为文本", field=name, label=label, rule="类型", advice="请按字符型传送"))
    elif len(text) > limit:
        rule = f"超长：{len(text)}个字符，最多{limit}"
        faults.append(Fault("G004", rule, field=name, label=label, rule="长度", advice="请缩短后重新上传"))
    elif required and not text:
        faults.append(Fault("G004", "不能为空", field=name, label=label, rule="必填", advice="请填写后重新上传"))
    return text or ""


def _infno(raw: msgspec.Raw | None, in_url: str, faults: list[Fault]) -> str:
    """The transaction number of the body; the one of the address stands in when the body has none."""
    if raw is None and in_url:
        return in_url
    infno = _field("infno", raw, faults)
    if in_url and infno and infno.upper() != in_url.upper():
        text = f"报文为{infno}，请求地址为{in_url}"
        faults.append(Fault("G005", text, field="infno", label="交易编号", advice="请使报文与请求地址一致"))
    return infno.upper()


def _input_of(outer: dict[str, msgspec.Raw], faults: list[Fault]) -> bytes:
    """The bytes of the input object; JSON text inside a string is unwrapped."""
    raw = bytes(outer.get("input", b""))
    if raw[:1] == b'"':
        raw = (text_of(raw) or "").encode(errors="replace").removeprefix(BOM).strip()
    if raw[:1] != b"{":
        faults.append(Fault("G003", "应为JSON对象", "input", advice="请将交易节点放在input对象中"))
    return raw


def received_now() -> str:
    """The time a message came or leaves: yyyyMMddHHmmssSSS in Shanghai."""
    return datetime.now(SHANGHAI).strftime("%Y%m%d%H%M%S%f")[:17]


def reference_number(area: str, moment: str) -> str:
    """inf_refmsgid: area 6 + yyyyMMddHHmmss + serial 10."""
    return f"{(area or '0').zfill(6)[:6]}{moment[:14]}{next(_serial) % 10**10:010d}"


def reply(
    output: Any, faults: Sequence[Fault] = (), *, area: str = "", received: str = "", warn_msg: str = ""
) -> bytes:
    """A reply in its envelope: success with `output`, or failure (infcode -1) with every fault in output.faults.

    `output` may be `msgspec.Raw`, a node encoded before.
    """
    now = received_now()
    return encode(
        {
            "infcode": -1 if faults else 0,
            "inf_refmsgid": reference_number(area, now),
            "refmsg_time": received or now,
            "respond_time": now,
            "err_msg": err_msg(faults) if faults else "",
            "warn_msg": warn_msg,
            "output": {"faults": faults[:MOST_FAULTS]} if faults else output,
        }
    )


def encode(value: Any) -> bytes:
    """JSON with decimal numbers written as they are (12.50), never through binary floating point."""
    return _encoder.encode(value)

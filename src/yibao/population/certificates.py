"""The certificate of insurance (参保凭证) that moves between areas: a JSON file that carries its own checksum (SM3).

data = certificate_file(certificate)     bytes to hand over
certificate = read_certificate(data)     raises `Refused` E104, E107
"""

from datetime import date
from itertools import pairwise

import msgspec

from yibao.core.crypto import sm3_hex
from yibao.core.errors import Refusal, Refused
from yibao.population.waiting import month_of


class Period(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An unbroken run of insurance; both days inclusive, `months` within it."""

    begndate: date
    enddate: date
    months: int


class Certificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who was insured where, when, for how many months, and what his personal account holds (fen)."""

    transfer_no: str
    psn_cert_type: str
    certno: str
    psn_name: str
    insutype: str
    from_admdvs: str
    to_admdvs: str
    issued_on: date
    periods: tuple[Period, ...]
    months: int
    balance: int


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    certificate: msgspec.Raw
    digest: str


def certificate_file(certificate: Certificate) -> bytes:
    """The file: the certificate and the SM3 of its bytes."""
    raw = msgspec.json.encode(certificate)
    return msgspec.json.encode(_File(msgspec.Raw(raw), sm3_hex(raw)))


def read_certificate(data: bytes) -> Certificate:
    """The certificate of a file. Raises `Refused`: E107 unreadable or contradicting itself, E104 changed."""
    try:
        file = msgspec.json.decode(data, type=_File)
        certificate = msgspec.json.decode(file.certificate, type=Certificate)
    except msgspec.MsgspecError as error:
        text = f"参保凭证文件无法读取：{error}"
        raise Refused(Refusal("E107", text, "请转出地重新出具参保凭证", "file")) from error
    if sm3_hex(bytes(file.certificate)) != file.digest:
        raise Refused(Refusal("E104", "参保凭证校验码不符，内容已被改动", "请转出地重新出具参保凭证", "digest"))
    fault = contradiction(certificate)
    if fault:
        raise Refused(Refusal("E107", f"参保凭证内容有误：{fault}", "请转出地核对后重新出具", "certificate"))
    return certificate


def contradiction(certificate: Certificate) -> str:
    """What in a certificate contradicts itself; "" when nothing does. Pure."""
    ordered = sorted(certificate.periods, key=lambda one: one.begndate)
    for period in ordered:
        if period.enddate < period.begndate or period.enddate > certificate.issued_on:
            return f"参保时段{period.begndate}至{period.enddate}起止日期有误"
        if not 0 <= period.months <= month_of(period.enddate) - month_of(period.begndate) + 1:
            return f"参保时段{period.begndate}至{period.enddate}不可能有{period.months}个月"
    for earlier, later in pairwise(ordered):
        if later.begndate <= earlier.enddate:
            return f"参保时段{later.begndate}与{earlier.enddate}重叠"
    if certificate.months != sum(period.months for period in ordered):
        return "缴费月数与各时段之和不符"
    return "个人账户余额为负" if certificate.balance < 0 else ""

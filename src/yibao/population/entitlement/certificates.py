"""The certificate of insurance (参保凭证) that moves between areas: a file that carries its own checksum (SM3).

    data = certificate_file(certificate)      JSON, for programs
    data = certificate_sheet(certificate)     xlsx, for people: one line per period
    certificate = read_certificate(data)      either of both; raises `Refused` C1xx, E104, E107

The checksum is that of the JSON, so that both files of a certificate carry the same.
"""

from datetime import date
from io import BytesIO
from itertools import pairwise

import msgspec

from yibao.core.crypto import sm3_hex
from yibao.core.errors import Refusal, Refused
from yibao.core.months import month_of
from yibao.core.sheets import Column, Heading, read_sheet, write_sheet


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


ZIP_MARK = b"PK"
TEXTS = {
    "transfer_no": "转移编号",
    "psn_cert_type": "证件类型",
    "certno": "证件号码",
    "psn_name": "姓名",
    "insutype": "险种",
    "from_admdvs": "转出地",
    "to_admdvs": "转入地",
}
COLUMNS = (
    *(Column(name, title, kind="identity" if name == "certno" else "text") for name, title in TEXTS.items()),
    Column("issued_on", "出具日期", kind="date"),
    Column("begndate", "参保开始日期", kind="date"),
    Column("enddate", "参保结束日期", kind="date"),
    Column("months", "缴费月数", kind="integer"),
    Column("balance", "个人账户余额", kind="money"),
    Column("digest", "校验码"),
)
HEAD = (*TEXTS, "issued_on", "balance", "digest")
"""What stands alike in every line."""


def certificate_file(certificate: Certificate) -> bytes:
    """The file: the certificate and the SM3 of its bytes."""
    raw = msgspec.json.encode(certificate)
    return msgspec.json.encode(_File(msgspec.Raw(raw), sm3_hex(raw)))


def certificate_sheet(certificate: Certificate) -> bytes:
    """The same as an xlsx table; amounts in yuan, the checksum in every line."""
    digest = sm3_hex(msgspec.json.encode(certificate))
    texts = [getattr(certificate, name) for name in TEXTS]
    rows = [
        (*texts, certificate.issued_on, one.begndate, one.enddate, one.months, certificate.balance, digest)
        for one in certificate.periods
    ]
    file = BytesIO()
    write_sheet(file, "参保凭证", [Heading(column.title, column.kind) for column in COLUMNS], rows)
    return file.getvalue()


def read_certificate(data: bytes) -> Certificate:
    """The certificate of a file. Raises `Refused`: E107 unreadable or contradicting itself, E104 changed."""
    certificate, content, digest = _from_sheet(data) if data.startswith(ZIP_MARK) else _from_json(data)
    if sm3_hex(content) != digest:
        raise Refused(Refusal("E104", "参保凭证校验码不符，内容已被改动", "请转出地重新出具参保凭证", "digest"))
    fault = contradiction(certificate)
    if fault:
        raise Refused(Refusal("E107", f"参保凭证内容有误：{fault}", "请转出地核对后重新出具", "certificate"))
    return certificate


def _from_json(data: bytes) -> tuple[Certificate, bytes, str]:
    """Certificate, the bytes that its checksum is of, and the checksum."""
    try:
        file = msgspec.json.decode(data, type=_File)
        return msgspec.json.decode(file.certificate, type=Certificate), bytes(file.certificate), file.digest
    except msgspec.MsgspecError as error:
        raise _unreadable(str(error)) from error


def _from_sheet(data: bytes) -> tuple[Certificate, bytes, str]:
    rows = list(read_sheet(data, COLUMNS))
    faults = [fault for row in rows for fault in row.faults]
    if faults:
        raise Refused(*faults)
    first = rows[0].values
    if any(row.values[name] != first[name] for row in rows for name in HEAD):
        raise _unreadable("各行的人员、转移编号、余额或校验码不一致")
    periods = tuple(Period(row.values["begndate"], row.values["enddate"], row.values["months"]) for row in rows)
    certificate = Certificate(
        **{name: first[name] for name in TEXTS},
        issued_on=first["issued_on"],
        periods=periods,
        months=sum(period.months for period in periods),
        balance=first["balance"],
    )
    return certificate, msgspec.json.encode(certificate), first["digest"]


def _unreadable(why: str) -> Refused:
    return Refused(Refusal("E107", f"参保凭证文件无法读取：{why}", "请转出地重新出具参保凭证", "file"))


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

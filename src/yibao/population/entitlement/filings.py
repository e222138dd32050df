"""Filings (备案): 2501 transfer, 2503 chronic disease, 2505 fixed institution, 2507 accident, out of area; withdrawal.

`file` locks the person, checks everything at once and draws the number; `withdraw` refuses what is in use.
Refusals: P501 dates, P502 overlap, P503 unknown disease, P504 unknown institution, P505 not enrolled,
P511 no such filing, P512 withdrawn before, P513 in use, P514 another kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.model import Filing
from yibao.population.queries import filing as find_filing
from yibao.population.queries import merged_person, unknown_person

KIND_TITLES = {
    "transfer": "转院备案",
    "chronic": "门诊慢特病备案",
    "two_diseases": "门诊两病备案",
    "fixed_institution": "定点备案",
    "accident": "意外伤害备案",
    "out_of_area": "异地就医备案",
}
DISEASE_TABLE = {"chronic": "opsp_disease", "two_diseases": "two_diseases"}
ONE_AT_A_TIME = {"chronic", "two_diseases", "out_of_area", "fixed_institution"}
"""Kinds of which a person has one per disease (or one at all) at any time; transfers and accidents may be several."""

LOCK = "select psn_no, merged_into from population.person where psn_no = $1 for no key update"
OVERLAPPING = """
select to_jsonb(f) from population.filing f
where f.psn_no = $1 and f.kind = $2 and f.dise_code = $3 and f.status = 'active'
  and f.begndate <= coalesce($5, 'infinity'::date) and coalesce(f.enddate, 'infinity'::date) >= $4
"""
KNOWN_DISEASE = """
select exists (select from directory.code_entry where table_name = $1 and code = $2
               and valid_from <= $3 and coalesce(valid_to, 'infinity'::date) >= $3)
"""
KNOWN_INSTITUTION = "select exists (select from directory.institution where fixmedins_code = $1)"
ENROLLED = """
select exists (select from population.enrolment where psn_no = $1 and ($2 = '' or insutype = $2)
               and begndate <= $3 and coalesce(enddate, 'infinity'::date) >= $3)
"""
INSERT = """
insert into population.filing (trt_dcla_detl_sn, psn_no, kind, insutype, dise_code, fixmedins_code, begndate, enddate,
  details)
values (nextval('population.filing_no')::text, $1, $2, $3, $4, $5, $6, $7, $8) returning trt_dcla_detl_sn
"""
WITHDRAW = """
update population.filing set status = 'withdrawn', withdrawn_at = now(), withdrawn_reason = $2
where trt_dcla_detl_sn = $1
"""


@dataclass(frozen=True, slots=True)
class FilingRequest:
    """A filing to be made; `details` keeps the fields of the message as sent.

    `fixmedins_code` is checked when it lies in the directory's own area, that is when `local` is true.
    """

    psn_no: str
    kind: str
    begndate: date
    enddate: date | None = None
    insutype: str = ""
    dise_code: str = ""
    fixmedins_code: str = ""
    local: bool = True
    details: dict[str, Any] = field(default_factory=dict)


async def file(connection: Connection, request: FilingRequest) -> str:
    """Make the filing in the caller's transaction; returns trt_dcla_detl_sn or raises `Refused` with every reason."""
    await _lock(connection, request.psn_no)
    reasons = [*check_dates(request), *await _unknown_names(connection, request), *await _overlaps(connection, request)]
    if reasons:
        raise Refused(*reasons)
    number: str = await connection.fetchval(
        INSERT,
        request.psn_no,
        request.kind,
        request.insutype,
        request.dise_code,
        request.fixmedins_code,
        request.begndate,
        request.enddate,
        request.details,
    )
    return number


async def withdraw(
    connection: Connection, trt_dcla_detl_sn: str, psn_no: str, kind: str, reason: str, used_by: Sequence[str] = ()
) -> None:
    """Withdraw a filing (2502, 2504, 2506); `used_by` are the visits (mdtrt_id) not cancelled that rest on it."""
    await _lock(connection, psn_no)
    found = await find_filing(connection, trt_dcla_detl_sn)
    refusal = _against_withdrawal(found, trt_dcla_detl_sn, psn_no, kind, used_by)
    if refusal is not None:
        raise Refused(refusal)
    await connection.execute(WITHDRAW, trt_dcla_detl_sn, reason)


async def _lock(connection: Connection, psn_no: str) -> None:
    person = await connection.fetchrow(LOCK, psn_no)
    if person is None:
        raise Refused(unknown_person(psn_no))
    if person["merged_into"]:
        raise Refused(merged_person(psn_no, person["merged_into"]))


def check_dates(request: FilingRequest) -> list[Refusal]:
    """The end must not lie before the beginning. Pure."""
    if request.enddate is not None and request.enddate < request.begndate:
        return [
            Refusal("P501", f"结束日期{request.enddate}早于开始日期{request.begndate}", "请核对备案日期", "enddate")
        ]
    return []


def _against_withdrawal(
    found: Filing | None, number: str, psn_no: str, kind: str, used_by: Sequence[str]
) -> Refusal | None:
    place = "trt_dcla_detl_sn"
    if found is None or found.psn_no != psn_no:
        return Refusal("P511", f"该人员没有流水号为{number}的备案", "请核对待遇申报明细流水号和人员编号", place)
    if found.kind != kind:
        return Refusal(
            "P514", f"{number}是{KIND_TITLES[found.kind]}，不是{KIND_TITLES[kind]}", "请使用对应的撤销交易", place
        )
    if found.status == "withdrawn":
        return Refusal("P512", f"备案{number}已经撤销", "无需重复撤销", place)
    if used_by:
        return Refusal("P513", f"备案{number}已被就诊{'、'.join(used_by)}使用", "请先撤销这些就诊的结算和登记", place)
    return None


async def _unknown_names(connection: Connection, request: FilingRequest) -> list[Refusal]:
    reasons = []
    if not await connection.fetchval(ENROLLED, request.psn_no, request.insutype, request.begndate):
        reasons.append(Refusal("P505", f"该人员在{request.begndate}没有参保", "请核对险种和开始日期", "insutype"))
    table = DISEASE_TABLE.get(request.kind)
    if table and not await connection.fetchval(KNOWN_DISEASE, table, request.dise_code, request.begndate):
        reasons.append(
            Refusal("P503", f"病种{request.dise_code}不在目录中", "请用1309下载病种目录后核对", "opsp_dise_code")
        )
    code = request.fixmedins_code
    if request.local and code and not await connection.fetchval(KNOWN_INSTITUTION, code):
        reasons.append(Refusal("P504", f"机构{code}不是定点医药机构", "请用1201核对机构编号", "fixmedins_code"))
    return reasons


async def _overlaps(connection: Connection, request: FilingRequest) -> list[Refusal]:
    if request.kind not in ONE_AT_A_TIME:
        return []
    rows = await connection.fetch(
        OVERLAPPING, request.psn_no, request.kind, request.dise_code, request.begndate, request.enddate
    )
    others = [msgspec.convert(row[0], Filing) for row in rows]
    same = [other for other in others if _same_purpose(other, request)]
    title = KIND_TITLES[request.kind]
    return [
        Refusal(
            "P502", f"与已有的{title}{other.trt_dcla_detl_sn}日期重叠", "请先撤销原备案，或调整起止日期", "begndate"
        )
        for other in same
    ]


def _same_purpose(other: Filing, request: FilingRequest) -> bool:
    """Fixed institutions are one per kind of business and order number (biz_appy_type, fix_srt_no)."""
    if request.kind != "fixed_institution":
        return True
    keys = ("biz_appy_type", "fix_srt_no")
    return all(other.details.get(key) == request.details.get(key) for key in keys)

"""Visits and stays before the money: open, diagnose, change, discharge, and undo.

Every function is one transaction's work on the caller's connection; each checks the status that it needs and raises
`Refused` with what to do otherwise. The status goes open → settled (outpatient) and
admitted → discharged → settled (stay); a cancelled settlement leads back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from yibao.benefits.national import is_stay
from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.queries import MERGED_INTO, merged_person
from yibao.settlement.model import Diagnosis, VisitOpening
from yibao.settlement.writing import VISIT_COLUMNS, names, new_visit_row, placeholders

INSERT_VISIT = f"insert into settlement.visit ({names(VISIT_COLUMNS)}) values ({placeholders(VISIT_COLUMNS, 1)})"
NEXT_VISIT = "select nextval('settlement.visit_no')::text"
LOCK_VISIT = """
select v.*, exists (select 1 from settlement.settlement s where s.mdtrt_id = v.mdtrt_id and s.init_setl_id is null
  and not exists (select 1 from settlement.settlement c where c.init_setl_id = s.setl_id)) as has_settlement,
  exists (select 1 from settlement.fee_line f where f.mdtrt_id = v.mdtrt_id and f.setl_id is null and not f.cancelled)
  as has_open_lines
from settlement.visit v where v.mdtrt_id = $1 for update of v
"""
OPEN_STAY = """
select mdtrt_id, fixmedins_code, begntime from settlement.visit
where psn_no = $1 and status in ('admitted', 'discharged') and mdtrt_id <> $2 limit 1
"""
PUT_DIAGNOSES = """
insert into settlement.diagnosis (mdtrt_id, stage, diag_type, diag_srt_no, maindiag_flag, diag_code, diag_name,
  diag_dept, dise_dor_no, dise_dor_name, diag_time, vali_flag, details)
select $1, * from unnest($2::text[], $3::text[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::text[], $10::text[], $11::timestamp[], $12::text[], $13::jsonb[])
on conflict (mdtrt_id, stage, diag_type, diag_srt_no) do update set maindiag_flag = excluded.maindiag_flag,
  diag_code = excluded.diag_code, diag_name = excluded.diag_name, diag_dept = excluded.diag_dept,
  dise_dor_no = excluded.dise_dor_no, dise_dor_name = excluded.dise_dor_name, diag_time = excluded.diag_time,
  vali_flag = excluded.vali_flag, details = excluded.details
"""
CHANGEABLE = frozenset(
    {"med_type", "begntime", "ipt_otp_no", "adm_dept_codg", "chfpdr_code", "dscg_maindiag_code", "dscg_way", "dise_no",
     "matn_type", "ttp_pay_flag", "endtime", "status", "details", "insutype", "psn_type"}
)  # fmt: skip
STATUS_TEXT = {
    "open": "已登记", "admitted": "在院", "discharged": "已出院未结算", "settled": "已结算", "cancelled": "已撤销",
}  # fmt: skip


def refuse(code: str, text: str, advice: str, place: str = "") -> Refused:
    return Refused(Refusal(code, text, advice, place))


BEDS_BESIDE_STAYS = ("28", "71")
"""Day surgery (日间手术) and the bed at home (家庭病床): admitted like a stay, paid like outpatient care."""


def check_kind(med_type: str, *, bed: bool) -> None:
    """S105: care in a bed begins with 2401 and only there, so that nobody has a stay's benefits without an admission.

    `bed` says whether the transaction is of the inpatient group.
    """
    if bed and not is_stay(med_type) and med_type not in BEDS_BESIDE_STAYS:
        raise refuse("S105", f"医疗类别{med_type}不是住院类", "门诊请用2201、2203办理", "med_type")
    if not bed and is_stay(med_type):
        raise refuse("S105", f"医疗类别{med_type}是住院类", "住院请用2401办理入院", "med_type")


def in_bed(visit: Mapping[str, Any]) -> bool:
    """Whether a visit was opened by an admission: what 2203 described was not."""
    described = (visit["details"] or {}).get("described")
    return is_stay(visit["med_type"]) or (visit["med_type"] in BEDS_BESIDE_STAYS and not described)


def check_not_ahead(moment: datetime, place: str) -> None:
    """S114: care does not begin or end after today; another year would open its limits and deductibles early."""
    if moment.date() > dates.today():
        raise refuse("S114", f"时间 {moment:%Y-%m-%d %H:%M} 晚于今天", "请核对日期与本机时钟", place)


async def insert_visit(connection: Connection, opening: VisitOpening, **known: Any) -> str:
    """Write a new visit; `known`: psn_type, insu_admdvs, hosp_lv, refl_… found by the caller. Returns mdtrt_id."""
    number: str = await connection.fetchval(NEXT_VISIT)
    row = new_visit_row(opening, mdtrt_id=number, **known)
    await connection.execute(INSERT_VISIT, *(row[name] for name, _ in VISIT_COLUMNS))
    return number


async def check_no_open_stay(connection: Connection, psn_no: str, beside: str = "") -> None:
    """A person lies in one bed at a time: refuse a second admission while a stay is open (S110), `beside` this one."""
    stay = await connection.fetchrow(OPEN_STAY, psn_no, beside)
    if stay is not None:
        raise refuse(
            "S110",
            f"该人员已有未结算的住院：就诊ID {stay['mdtrt_id']}，机构 {stay['fixmedins_code']}，"
            f"{stay['begntime']:%Y-%m-%d}入院",
            "请先办理出院结算，或撤销该次入院后再登记",
            "psn_no",
        )


async def lock_visit(
    connection: Connection, mdtrt_id: str, psn_no: str, fixmedins_code: str, *allowed: str
) -> dict[str, Any]:
    """The visit, locked, when it belongs to this person and institution and its status is allowed."""
    row = await connection.fetchrow(LOCK_VISIT, mdtrt_id)
    if row and row["psn_no"] != psn_no and (merged_into := await connection.fetchval(MERGED_INTO, psn_no)):
        raise Refused(merged_person(psn_no, merged_into))
    check_visit(dict(row) if row else None, mdtrt_id, psn_no, fixmedins_code, *allowed)
    assert row is not None
    return dict(row)


def check_visit(visit: dict[str, Any] | None, mdtrt_id: str, psn_no: str, fixmedins_code: str, *allowed: str) -> None:
    """Raise S101 unknown, S102 another person's, S103 another institution's, S104 wrong status."""
    if visit is None:
        raise refuse("S101", f"就诊ID {mdtrt_id} 不存在", "请先办理挂号（2201）或入院（2401）", "mdtrt_id")
    if visit["psn_no"] != psn_no:
        raise refuse("S102", f"就诊ID {mdtrt_id} 不属于人员 {psn_no}", "请核对就诊ID与人员编号", "psn_no")
    if visit["fixmedins_code"] != fixmedins_code:
        raise refuse("S103", f"就诊ID {mdtrt_id} 不是本机构的就诊", "请核对就诊ID", "mdtrt_id")
    if allowed and visit["status"] not in allowed:
        now = STATUS_TEXT[visit["status"]]
        wanted = "、".join(STATUS_TEXT[status] for status in allowed)
        raise refuse(
            "S104", f"就诊ID {mdtrt_id} 当前状态为“{now}”，本交易要求“{wanted}”", "请先完成或撤销相应步骤", "mdtrt_id"
        )


async def change_visit(connection: Connection, mdtrt_id: str, **changes: Any) -> None:
    """Set columns of a visit; `details` are merged into what stands there."""
    unknown = changes.keys() - CHANGEABLE
    assert not unknown, f"not changeable: {unknown}"
    names_ = list(changes)
    sets = [f"{n} = details || ${i}" if n == "details" else f"{n} = ${i}" for i, n in enumerate(names_, 2)]
    await connection.execute(
        f"update settlement.visit set {', '.join(sets)} where mdtrt_id = $1", mdtrt_id, *(changes[n] for n in names_)
    )


async def put_diagnoses(connection: Connection, mdtrt_id: str, diagnoses: Sequence[Diagnosis]) -> None:
    """Write or replace diagnoses by stage, type and number; vali_flag 0 withdraws one."""
    columns = (
        "stage", "diag_type", "diag_srt_no", "maindiag_flag", "diag_code", "diag_name", "diag_dept", "dise_dor_no",
        "dise_dor_name", "diag_time", "vali_flag", "details",
    )  # fmt: skip
    await connection.execute(PUT_DIAGNOSES, mdtrt_id, *([getattr(d, c) for d in diagnoses] for c in columns))


async def discharge(connection: Connection, visit: dict[str, Any], endtime: datetime, **changes: Any) -> None:
    """2402: the person leaves; lines may still come until the settlement."""
    check_not_ahead(endtime, "endtime")
    if endtime < visit["begntime"]:
        raise refuse(
            "S111",
            f"出院时间 {endtime:%Y-%m-%d %H:%M} 早于入院时间 {visit['begntime']:%Y-%m-%d %H:%M}",
            "请核对endtime",
            "endtime",
        )
    await change_visit(connection, visit["mdtrt_id"], status="discharged", endtime=endtime, **changes)


async def undo_discharge(connection: Connection, visit: dict[str, Any]) -> None:
    """2405: back to the bed; only while no settlement of the stay stands after the discharge, and no other stay."""
    await check_no_open_stay(connection, visit["psn_no"], visit["mdtrt_id"])
    await change_visit(connection, visit["mdtrt_id"], status="admitted", endtime=None, dscg_way="")


async def cancel_visit(connection: Connection, visit: dict[str, Any]) -> None:
    """2202 and 2404: the visit never was; refused while lines or a settlement stand (S112, S113)."""
    if visit["has_settlement"]:
        raise refuse("S112", "该就诊已有结算，不能撤销登记", "请先撤销结算（2208/2305）", "mdtrt_id")
    if visit["has_open_lines"]:
        raise refuse("S113", "该就诊还有未结算的费用明细，不能撤销登记", "请先撤销费用明细（2205/2302）", "mdtrt_id")
    await change_visit(connection, visit["mdtrt_id"], status="cancelled")

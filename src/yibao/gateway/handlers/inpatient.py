"""Inpatient (住院): 2401 admit → 2301 lines → 2402 discharge → 2303 trial → 2304 settle; 2302, 2305, 2404, 2405 undo.

2403 changes an admission; 2304 with mid_setl_flag 1 settles what has come so far and the stay goes on.
"""

from datetime import date, datetime, time

from yibao.gateway.bills import (
    cancelled,
    diagnoses_of,
    main_diagnosis,
    render,
    settlement_request,
    third_party_flag,
)
from yibao.gateway.fields import rest
from yibao.gateway.handlers.outpatient import own_visit
from yibao.gateway.registry import Call, Output, transaction
from yibao.gateway.replies import settlement_output
from yibao.settlement.actions import presettle, settle
from yibao.settlement.fee_lines import remove_lines
from yibao.settlement.intake import register
from yibao.settlement.model import SettlementRequest, VisitOpening
from yibao.settlement.visits import (
    cancel_visit,
    change_visit,
    check_kind,
    check_not_ahead,
    discharge,
    put_diagnoses,
    undo_discharge,
)

STAY_COLUMNS = frozenset(
    {"mdtrt_id", "psn_no", "insutype", "med_type", "begntime", "endtime", "mdtrt_cert_type", "ipt_no", "ipt_otp_no",
     "adm_dept_codg", "atddr_no", "dscg_maindiag_code", "dise_codg", "matn_type", "dscg_way", "mdtrt_cert_no",
     "card_sn", "certno", "insuplc_admdvs", "mdtrtarea_admvs"}
)  # fmt: skip


@transaction("2401", settles=True)
async def admit(call: Call) -> bytes:
    """2401: a stay begins; diagnoses of admission come along."""
    row = call.nodes["mdtrtinfo"]
    diagnoses = diagnoses_of(call.nodes["diseinfo"], "admission")
    opening = VisitOpening(
        psn_no=row["psn_no"],
        insutype=row["insutype"],
        fixmedins_code=call.institution,
        mdtrtarea_admvs=call.envelope.mdtrtarea_admvs,
        med_type=row["med_type"],
        begntime=row["begntime"],
        status="admitted",
        mdtrt_cert_type=row["mdtrt_cert_type"],
        ipt_otp_no=row["ipt_no"],
        adm_dept_codg=row["adm_dept_codg"],
        chfpdr_code=row["atddr_no"],
        dscg_maindiag_code=row["dscg_maindiag_code"] or main_diagnosis(diagnoses),
        dise_no=row.get("dise_codg", ""),
        matn_type=row.get("matn_type", ""),
        ttp_pay_flag=third_party_flag(row),
        details=rest(row, STAY_COLUMNS),
    )

    def reply(mdtrt_id: str) -> bytes:
        return call.reply({"result": {"mdtrt_id": mdtrt_id, "exp_content": ""}})

    return await register(call.services, opening, call.message, reply, diagnoses)


@transaction("2402", writes=True)
async def leave(call: Call) -> Output:
    """2402: the person leaves the bed; the settlement follows."""
    row = call.nodes["dscginfo"]
    visit = await own_visit(call, row, "admitted")
    diagnoses = diagnoses_of(call.nodes["diseinfo"], "discharge")
    changes: dict[str, object] = {"dscg_way": row["dscg_way"], "details": rest(row, STAY_COLUMNS)}
    if row.get("dise_codg"):
        changes["dise_no"] = row["dise_codg"]
    if row.get("matn_type"):
        changes["matn_type"] = row["matn_type"]
    if main := main_diagnosis(diagnoses):
        changes["dscg_maindiag_code"] = main
    await put_diagnoses(call.connection, row["mdtrt_id"], diagnoses)
    await discharge(call.connection, visit, row["endtime"], **changes)
    return {}


@transaction("2403", writes=True)
async def change_admission(call: Call) -> Output:
    """2403: what was registered at admission is corrected; diagnoses are matched by diag_srt_no."""
    row = call.nodes["adminfo"]
    await own_visit(call, row, "admitted")
    check_kind(row["med_type"], bed=True)
    check_not_ahead(row["begntime"], "begntime")
    await change_visit(
        call.connection,
        row["mdtrt_id"],
        med_type=row["med_type"],
        begntime=row["begntime"],
        ipt_otp_no=row["ipt_otp_no"],
        adm_dept_codg=row["adm_dept_codg"],
        chfpdr_code=row["atddr_no"],
        dscg_maindiag_code=row["dscg_maindiag_code"],
        dise_no=row.get("dise_codg", ""),
        matn_type=row.get("matn_type", ""),
        ttp_pay_flag=third_party_flag(row),
        details=rest(row, STAY_COLUMNS),
    )
    await put_diagnoses(call.connection, row["mdtrt_id"], diagnoses_of(call.nodes["diseinfo"], "admission"))
    return {}


@transaction("2404", writes=True)
async def withdraw_admission(call: Call) -> Output:
    """2404: the stay never was; refused while lines or a settlement stand."""
    await cancel_visit(call.connection, await own_visit(call, call.nodes["data"], "admitted", "discharged"))
    return {}


@transaction("2405", writes=True)
async def withdraw_discharge(call: Call) -> Output:
    """2405: back to the bed."""
    await undo_discharge(call.connection, await own_visit(call, call.nodes["data"], "discharged"))
    return {}


@transaction("2302", writes=True)
async def withdraw_lines(call: Call) -> Output:
    """2302: unsettled lines by their numbers, or all of the stay (0000)."""
    numbers: dict[str, list[str]] = {}
    for row in call.nodes["data"]:
        await own_visit(call, row)
        numbers.setdefault(row["mdtrt_id"], []).append(row["feedetl_sn"])
    for mdtrt_id, of_stay in numbers.items():
        await remove_lines(call.connection, mdtrt_id, numbers=of_stay)
    return {}


def request_of(call: Call) -> SettlementRequest:
    """2303/2304; dscgTime, a day, is the end of a stay that was not discharged by 2402."""
    row = call.nodes["data"]
    left: date | None = row.get("dscgTime")
    end = None if left is None else datetime.combine(left, time(23, 59, 59))
    in_bed = ("admitted",) if row.get("mid_setl_flag") == "1" else ("admitted", "discharged")
    return settlement_request(call, row, endtime=end, statuses=in_bed)


@transaction("2303", "2303A")
async def trial(call: Call) -> Output:
    """2303: what the settlement would be; nothing is kept."""
    return settlement_output(call.envelope.infno, await presettle(call.services, request_of(call)))


@transaction("2304", "2304A", settles=True)
async def settle_stay(call: Call) -> bytes:
    """2304: the settlement of a stay, or of what has come so far (mid_setl_flag 1)."""
    return await settle(call.services, request_of(call), call.message, lambda settled: render(call, settled))


@transaction("2305", settles=True)
async def undo_settlement(call: Call) -> bytes:
    """2305: the negative settlement; the stay is discharged and unsettled again."""
    return await cancelled(call)

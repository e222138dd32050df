"""Outpatient (门急诊): 2201 register, 2203 diagnoses, 2204 lines, 2206 trial, 2207 settle; 2202, 2205, 2208 undo."""

from yibao.gateway.bills import (
    cancelled,
    diagnoses_of,
    fee_line,
    main_diagnosis,
    render,
    settlement_request,
    third_party_flag,
)
from yibao.gateway.envelope import MalformedMessage
from yibao.gateway.faults import Fault
from yibao.gateway.fields import rest
from yibao.gateway.registry import Call, Output, transaction
from yibao.gateway.replies import line_result, settlement_output
from yibao.gateway.validate import Row
from yibao.settlement.actions import presettle, settle
from yibao.settlement.fee_lines import remove_lines
from yibao.settlement.intake import register, upload_lines
from yibao.settlement.model import FeeLine, VisitOpening
from yibao.settlement.visits import cancel_visit, change_visit, check_kind, check_not_ahead, lock_visit, put_diagnoses

GENERAL_OUTPATIENT = "11"
OPEN = ("open",)
OPENING_COLUMNS = frozenset(
    {"psn_no", "insutype", "begntime", "mdtrt_cert_type", "ipt_otp_no", "dept_code", "atddr_no", "mdtrt_cert_no",
     "card_sn", "certno", "psn_name", "psn_cert_type", "psn_type"}
)  # fmt: skip
VISIT_COLUMNS = frozenset({"mdtrt_id", "psn_no", "med_type", "begntime", "dise_codg", "matn_type"})


@transaction("2201", settles=True)
async def open_visit(call: Call) -> bytes:
    """2201: a visit begins; the kind of care comes with 2203."""
    row = call.nodes["data"]
    opening = VisitOpening(
        psn_no=row["psn_no"],
        insutype=row["insutype"],
        fixmedins_code=call.institution,
        mdtrtarea_admvs=call.envelope.mdtrtarea_admvs,
        med_type=row.get("med_type") or GENERAL_OUTPATIENT,
        begntime=row["begntime"],
        mdtrt_cert_type=row["mdtrt_cert_type"],
        ipt_otp_no=row["ipt_otp_no"],
        adm_dept_codg=row["dept_code"],
        chfpdr_code=row.get("atddr_no", ""),
        ttp_pay_flag=third_party_flag(row),
        details=rest(row, OPENING_COLUMNS),
    )

    def reply(mdtrt_id: str) -> bytes:
        data = {"mdtrt_id": mdtrt_id, "psn_no": row["psn_no"], "ipt_otp_no": row["ipt_otp_no"], "exp_content": ""}
        return call.reply({"data": data})

    return await register(call.services, opening, call.message, reply)


async def own_visit(call: Call, row: Row, *allowed: str) -> dict[str, object]:
    """The visit of this message, locked, when its status allows the transaction."""
    call.reference, call.psn_no = row["mdtrt_id"], row["psn_no"]
    return await lock_visit(call.connection, row["mdtrt_id"], row["psn_no"], call.institution, *allowed)


@transaction("2202", writes=True)
async def withdraw_visit(call: Call) -> Output:
    """2202: the visit never was."""
    await cancel_visit(call.connection, await own_visit(call, call.nodes["data"], "open"))
    return {}


@transaction("2203", "2203A", writes=True)
async def describe_visit(call: Call) -> Output:
    """2203: kind of care, disease and diagnoses of the visit."""
    row = call.nodes["mdtrtinfo"]
    await own_visit(call, row, "open")
    check_kind(row["med_type"], bed=False)
    check_not_ahead(row["begntime"], "begntime")
    diagnoses = diagnoses_of(call.nodes["diseinfo"], "outpatient")
    changes: dict[str, object] = {
        "med_type": row["med_type"],
        "begntime": row["begntime"],
        "dise_no": row.get("dise_codg", ""),
        "matn_type": row.get("matn_type", ""),
        "ttp_pay_flag": third_party_flag(row),
        "details": {**rest(row, VISIT_COLUMNS), "described": "1"},
    }
    if main := main_diagnosis(diagnoses):
        changes["dscg_maindiag_code"] = main
    await change_visit(call.connection, row["mdtrt_id"], **changes)
    await put_diagnoses(call.connection, row["mdtrt_id"], diagnoses)
    return {}


@transaction("2204", "2301", settles=True)
async def take_lines(call: Call) -> bytes:
    """2204 and 2301: fee lines, priced and classified; all of a message or none."""
    rows = call.nodes["feedetail"]
    check_one_person(rows)
    visits: dict[str, list[FeeLine]] = {}
    for row in rows:
        visits.setdefault(row["mdtrt_id"], []).append(fee_line(row))
    return await upload_lines(
        call.services,
        rows[0]["psn_no"],
        call.institution,
        visits,
        call.message,
        lambda priced: call.reply({"result": [line_result(line) for line in priced]}),
    )


def check_one_person(rows: list[Row]) -> None:
    """The lines of one message belong to one person (G028)."""
    first = rows[0]["psn_no"]
    faults = [
        Fault("G028", "与第1行的人员编号不同", "feedetail", number, "psn_no", "人员编号", advice="请按人员分别上传")
        for number, row in enumerate(rows, 1)
        if row["psn_no"] != first
    ]
    if faults:
        raise MalformedMessage(*faults)


@transaction("2205", writes=True)
async def withdraw_lines(call: Call) -> Output:
    """2205: unsettled lines of one charge batch, or of the whole visit (0000)."""
    row = call.nodes["data"]
    await own_visit(call, row)
    await remove_lines(call.connection, row["mdtrt_id"], chrg_bchno=row["chrg_bchno"])
    return {}


@transaction("2206", "2206A")
async def trial(call: Call) -> Output:
    """2206: what the settlement would be; nothing is kept."""
    request = settlement_request(call, call.nodes["data"], statuses=OPEN)
    return settlement_output(call.envelope.infno, await presettle(call.services, request))


@transaction("2207", "2207A", settles=True)
async def settle_visit(call: Call) -> bytes:
    """2207: the settlement."""
    request = settlement_request(call, call.nodes["data"], statuses=OPEN)
    return await settle(call.services, request, call.message, lambda settled: render(call, settled))


@transaction("2208", settles=True)
async def undo_settlement(call: Call) -> bytes:
    """2208: the negative settlement."""
    return await cancelled(call)

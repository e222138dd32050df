"""From checked messages to the records of settlement: openings, diagnoses, fee lines, requests.

Shared by the pharmacy, outpatient and inpatient groups, whose nodes carry the same fields.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from yibao.gateway.envelope import MalformedMessage
from yibao.gateway.faults import Fault
from yibao.gateway.fields import extension, fen, rest, scaled
from yibao.gateway.registry import Call
from yibao.gateway.replies import settlement_output
from yibao.gateway.validate import Row
from yibao.settlement.cancellation import CancelRequest, cancel
from yibao.settlement.model import Diagnosis, FeeLine, Settled, SettlementRequest

DIAGNOSIS_COLUMNS = frozenset(
    {"mdtrt_id", "psn_no", "diag_type", "diag_srt_no", "maindiag_flag", "diag_code", "diag_name", "diag_dept",
     "dise_dor_no", "dise_dor_name", "diag_time", "vali_flag"}
)  # fmt: skip
LINE_COLUMNS = frozenset(
    {"feedetl_sn", "init_feedetl_sn", "mdtrt_id", "psn_no", "chrg_bchno", "rxno", "drord_no", "fee_ocur_time",
     "med_list_codg", "medins_list_codg", "det_item_fee_sumamt", "cnt", "pric", "hosp_appr_flag", "bilg_dept_codg",
     "bilg_dr_codg", "prd_days"}
)  # fmt: skip


def diagnoses_of(rows: Sequence[Row], stage: str) -> list[Diagnosis]:
    """diseinfo rows as diagnoses of a `stage`: outpatient, admission or discharge; G029 when one comes twice."""
    check_numbered_once(rows)
    return [
        Diagnosis(
            stage=stage,
            diag_type=row["diag_type"],
            diag_srt_no=int(row["diag_srt_no"]),
            maindiag_flag=row.get("maindiag_flag") or ("1" if int(row["diag_srt_no"]) == 1 else "0"),
            diag_code=row["diag_code"],
            diag_name=row["diag_name"],
            diag_dept=row.get("diag_dept", ""),
            dise_dor_no=row.get("dise_dor_no", ""),
            dise_dor_name=row.get("dise_dor_name", ""),
            diag_time=row.get("diag_time"),
            vali_flag=row.get("vali_flag") or "1",
            details=rest(row, DIAGNOSIS_COLUMNS),
        )
        for row in rows
    ]


def check_numbered_once(rows: Sequence[Row]) -> None:
    """A diagnosis type and number may occur once in a message."""
    seen: set[tuple[str, int]] = set()
    faults = []
    for number, row in enumerate(rows, 1):
        key = (row["diag_type"], int(row["diag_srt_no"]))
        if key in seen:
            advice = "同一诊断类别下请使用不同的序号"
            faults.append(Fault("G029", "重复", "diseinfo", number, "diag_srt_no", "诊断排序号", advice=advice))
        seen.add(key)
    if faults:
        raise MalformedMessage(*faults)


def main_diagnosis(diagnoses: Iterable[Diagnosis]) -> str:
    """Code of the main diagnosis, the first one where none is marked; empty without any."""
    valid = sorted((d for d in diagnoses if d.vali_flag == "1"), key=lambda d: (d.maindiag_flag != "1", d.diag_srt_no))
    return valid[0].diag_code if valid else ""


def fee_line(row: Row) -> FeeLine:
    """One row of feedetail or drugdetail."""
    days = row.get("prd_days")
    return FeeLine(
        feedetl_sn=row["feedetl_sn"],
        init_feedetl_sn=row.get("init_feedetl_sn", ""),
        chrg_bchno=row.get("chrg_bchno", ""),
        rx_drord_no=row.get("rxno") or row.get("drord_no") or "",
        fee_ocur_time=row["fee_ocur_time"],
        med_list_codg=row["med_list_codg"],
        medins_list_codg=row.get("medins_list_codg", ""),
        det_item_fee_sumamt=fen(row["det_item_fee_sumamt"]) or 0,
        cnt=scaled(row["cnt"], 4),
        pric=scaled(row["pric"], 6),
        hosp_appr_flag=row.get("hosp_appr_flag") or "0",
        bilg_dept_codg=row.get("bilg_dept_codg", ""),
        bilg_dr_code=row.get("bilg_dr_codg", ""),
        prd_days=None if days is None else scaled(days, 2),
        details=rest(row, LINE_COLUMNS),
    )


def settlement_request(call: Call, row: Row, **more: Any) -> SettlementRequest:
    """What 2101/2102, 2206/2207 and 2303/2304 ask for."""
    return SettlementRequest(
        psn_no=row["psn_no"],
        insutype=row["insutype"],
        fixmedins_code=call.institution,
        mdtrtarea_admvs=call.envelope.mdtrtarea_admvs,
        mdtrt_id=row.get("mdtrt_id", ""),
        medfee_sumamt=fen(row["medfee_sumamt"]),
        acct_used_flag=row["acct_used_flag"] or "0",
        chrg_bchno=row.get("chrg_bchno") or None,
        mid_setl_flag=row.get("mid_setl_flag") or "0",
        invono=row.get("invono", ""),
        mdtrt_cert_type=row.get("mdtrt_cert_type", ""),
        opter=call.envelope.opter,
        med_type=row.get("med_type", ""),
        ttp_pay_flag=third_party_flag(row),
        **more,
    )


def render(call: Call, settled: Settled) -> bytes:
    """The finished reply of a settlement or a cancellation."""
    return call.reply(settlement_output(call.envelope.infno, settled))


async def cancelled(call: Call) -> bytes:
    """2103, 2208, 2305: the negative settlement and its reply."""
    row = call.nodes["data"]
    request = CancelRequest(
        setl_id=row["setl_id"],
        mdtrt_id=row["mdtrt_id"],
        psn_no=row["psn_no"],
        fixmedins_code=call.institution,
        opter=call.envelope.opter,
    )
    return await cancel(call.services, request, call.message, lambda settled: render(call, settled))


def third_party_flag(row: Row) -> str:
    """ttp_pay_flag from the extension REL_TTP_FLAG of the cross-province rules: 1 when a third party is involved."""
    return "1" if str(extension(row).get("REL_TTP_FLAG", "")) == "1" else "0"

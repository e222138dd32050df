"""Messages as a hospital's program fills them: the example sequence of `yibao demo`, and the demo's own bills.

Field and node names are the national interface's, Hunan edition 1.1.27. A `Visitor` is the patient, a `Place` the
institution with the doctor and department that act, a `Purchase` one item with its count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from yibao.core.money import fen_from_yuan, yuan_from_fen

Node = dict[str, Any]
BATCH = "1"


@dataclass(frozen=True, slots=True)
class Visitor:
    """The patient as 1101 answered him; `area` is insuplc_admdvs."""

    psn_no: str
    certno: str
    psn_name: str
    insutype: str
    psn_type: str
    area: str


@dataclass(frozen=True, slots=True)
class Place:
    """The institution; department and doctor are empty for a pharmacy."""

    code: str
    name: str
    admdvs: str
    dept_codg: str = ""
    dept_name: str = ""
    dr_codg: str = ""
    dr_name: str = ""


@dataclass(frozen=True, slots=True)
class Purchase:
    """`price` yuan each, `count` of them."""

    code: str
    price: Decimal
    count: Decimal

    @property
    def amount(self) -> int:
        """Fen."""
        return fen_from_yuan(self.price * self.count)


@dataclass(frozen=True, slots=True)
class Care:
    """What kind of care: med_type, disease code of chronic care, diagnosis with its name, use of accounts."""

    med_type: str
    diagnosis: str
    diagnosis_name: str
    disease: str = ""
    disease_name: str = ""
    acct_used_flag: str = "1"


def total(purchases: Sequence[Purchase]) -> Decimal:
    """Sum in yuan."""
    return yuan_from_fen(sum(purchase.amount for purchase in purchases))


def moment(at: datetime) -> str:
    """A time as the interface writes it."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def envelope(infno: str, msgid: str, place: Place, area: str, at: datetime, sent: Node) -> Node:
    """The whole message; msgid is the institution's code, fourteen digits of time, four of serial."""
    return {
        "infno": infno, "msgid": msgid, "mdtrtarea_admvs": place.admdvs, "insuplc_admdvs": area,
        "recer_sys_code": "YB", "dev_no": "", "dev_safe_info": "", "cainfo": "", "signtype": "", "infver": "V1.0",
        "opter_type": "1", "opter": "0001", "opter_name": "演示操作员", "inf_time": moment(at),
        "fixmedins_code": place.code, "fixmedins_name": place.name[:20], "sign_no": "", "input": sent,
    }  # fmt: skip


def person_query(visitor: Visitor) -> Node:
    """1101: who is this."""
    return {"data": _credential(visitor) | {"begntime": ""}}


def sale(visitor: Visitor, care: Care, purchases: Sequence[Purchase], at: datetime) -> Node:
    """2101 and 2102: a pharmacy sale in one message."""
    head = _paying(visitor, care, purchases) | {
        "begntime": moment(at), "dise_codg": care.disease, "dise_name": care.disease_name, "invono": "",
    }  # fmt: skip
    lines = [_line(purchase, number, at) for number, purchase in enumerate(purchases, 1)]
    return {"druginfo": head, "drugdetail": lines}


def registration(visitor: Visitor, place: Place, at: datetime, number: str) -> Node:
    """2201: an outpatient visit begins."""
    return {
        "data": _credential(visitor) | _identity(visitor) | {
            "begntime": moment(at), "ipt_otp_no": number, "atddr_no": place.dr_codg, "dr_name": place.dr_name,
            "dept_code": place.dept_codg, "dept_name": place.dept_name, "caty": place.dept_codg,
        }
    }  # fmt: skip


def description(visitor: Visitor, place: Place, care: Care, mdtrt_id: str, at: datetime) -> Node:
    """2203: kind of care and diagnosis."""
    head = {
        "mdtrt_id": mdtrt_id, "psn_no": visitor.psn_no, "med_type": care.med_type, "begntime": moment(at),
        "main_cond_dscr": "", "dise_codg": care.disease or care.diagnosis,
        "dise_name": care.disease_name or care.diagnosis_name,
    }  # fmt: skip
    return {"mdtrtinfo": head, "diseinfo": [_diagnosis(place, care, at) | {"vali_flag": "1"}]}


def fee_lines(
    visitor: Visitor, place: Place, care: Care, mdtrt_id: str, purchases: Sequence[Purchase], at: datetime
) -> Node:
    """2204 and 2301: the lines."""
    common = {
        "mdtrt_id": mdtrt_id, "psn_no": visitor.psn_no, "chrg_bchno": BATCH, "med_type": care.med_type,
        "bilg_dept_codg": place.dept_codg, "bilg_dept_name": place.dept_name, "bilg_dr_codg": place.dr_codg,
        "bilg_dr_name": place.dr_name, "hosp_appr_flag": "1",
    }  # fmt: skip
    return {"feedetail": [_line(purchase, number, at) | common for number, purchase in enumerate(purchases, 1)]}


def settlement(visitor: Visitor, care: Care, mdtrt_id: str, purchases: Sequence[Purchase]) -> Node:
    """2206 and 2207: trial and settlement of an outpatient visit."""
    return {
        "data": _paying(visitor, care, purchases) | {
            "psn_setlway": "01", "mdtrt_id": mdtrt_id, "chrg_bchno": BATCH, "invono": "", "fulamt_ownpay_amt": 0,
            "overlmt_selfpay": 0, "preselfpay_amt": 0, "inscp_scp_amt": total(purchases),
        }
    }  # fmt: skip


def admission(visitor: Visitor, place: Place, care: Care, at: datetime, number: str) -> Node:
    """2401: a stay begins."""
    head = {
        "psn_no": visitor.psn_no, "insutype": visitor.insutype, "begntime": moment(at), "mdtrt_cert_type": "02",
        "mdtrt_cert_no": visitor.certno, "cert_type": "01", "certno": visitor.certno, "med_type": care.med_type,
        "ipt_no": number, "atddr_no": place.dr_codg, "chfpdr_name": place.dr_name,
        "adm_diag_dscr": care.diagnosis_name, "adm_dept_codg": place.dept_codg, "adm_dept_name": place.dept_name,
        "adm_bed": "1", "dscg_maindiag_code": care.diagnosis, "dscg_maindiag_name": care.diagnosis_name,
        "insuplc_admdvs": visitor.area, "mdtrtarea_admvs": place.admdvs,
    }  # fmt: skip
    if care.med_type == "52":
        head |= {"matn_type": "3", "fetus_cnt": "1"}
    return {"mdtrtinfo": head, "diseinfo": [_diagnosis(place, care, at) | {"psn_no": visitor.psn_no}]}


def leaving(visitor: Visitor, place: Place, care: Care, mdtrt_id: str, at: datetime) -> Node:
    """2402: discharge."""
    head = {
        "mdtrt_id": mdtrt_id, "psn_no": visitor.psn_no, "insutype": visitor.insutype, "endtime": moment(at),
        "dscg_dept_codg": place.dept_codg, "dscg_dept_name": place.dept_name, "dscg_way": "1", "die_date": "",
    }  # fmt: skip
    row = _diagnosis(place, care, at) | {"psn_no": visitor.psn_no, "mdtrt_id": mdtrt_id}
    return {"dscginfo": head, "diseinfo": [row]}


def stay_settlement(visitor: Visitor, place: Place, care: Care, mdtrt_id: str, purchases: Sequence[Purchase]) -> Node:
    """2303 and 2304: trial and settlement of a stay."""
    node = settlement(visitor, care, mdtrt_id, purchases)["data"]
    areas = {"insuplc_admdvs": visitor.area, "mdtrtarea_admvs": place.admdvs}
    return {"data": node | areas | {"mid_setl_flag": "0"}}


def undoing(visitor: Visitor, mdtrt_id: str, setl_id: str) -> Node:
    """2103, 2208 and 2305: the negative settlement."""
    return {"data": {"setl_id": setl_id, "mdtrt_id": mdtrt_id, "psn_no": visitor.psn_no}}


def _credential(visitor: Visitor) -> Node:
    return {
        "mdtrt_cert_type": "02", "mdtrt_cert_no": visitor.certno, "card_sn": "", "psn_cert_type": "01",
        "certno": visitor.certno, "psn_name": visitor.psn_name,
    }  # fmt: skip


def _identity(visitor: Visitor) -> Node:
    return {"psn_no": visitor.psn_no, "insutype": visitor.insutype, "psn_type": visitor.psn_type}


def _paying(visitor: Visitor, care: Care, purchases: Sequence[Purchase]) -> Node:
    return _credential(visitor) | _identity(visitor) | {
        "medfee_sumamt": total(purchases), "acct_used_flag": care.acct_used_flag, "med_type": care.med_type,
    }  # fmt: skip


def _line(purchase: Purchase, number: int, at: datetime) -> Node:
    return {
        "feedetl_sn": str(number), "rx_circ_flag": "0", "fee_ocur_time": moment(at), "med_list_codg": purchase.code,
        "medins_list_codg": purchase.code, "det_item_fee_sumamt": yuan_from_fen(purchase.amount),
        "cnt": purchase.count, "pric": purchase.price,
    }  # fmt: skip


def _diagnosis(place: Place, care: Care, at: datetime) -> Node:
    return {
        "diag_type": "1", "diag_srt_no": 1, "diag_code": care.diagnosis, "diag_name": care.diagnosis_name,
        "maindiag_flag": "1", "diag_dept": place.dept_name, "dise_dor_no": place.dr_codg,
        "dise_dor_name": place.dr_name, "diag_time": moment(at),
    }  # fmt: skip

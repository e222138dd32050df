"""Messages about orders as a hospital's program fills them: 3101 before the order is signed, 3103 the answer."""

from datetime import datetime

from yibao.core.money import yuan_from_fen
from yibao.demo.messages import Care, Node, Place, Purchase, Visitor, moment

ASKED = "1"
"""curr_drord_flag: this order is asked about."""


def question(visitor: Visitor, place: Place, care: Care, mdtrt_id: str, order: Purchase, at: datetime) -> Node:
    """3101: one order for a patient with one diagnosis, before it is signed."""
    fees = str(yuan_from_fen(order.amount))
    born = visitor.certno[6:14]
    patient = {
        "patn_id": visitor.psn_no, "patn_name": visitor.psn_name, "gend": str(2 - int(visitor.certno[16]) % 2),
        "brdy": f"{born[:4]}-{born[4:6]}-{born[6:]}", "poolarea": visitor.area, "curr_mdtrt_id": mdtrt_id,
        "fsi_encounter_dtos": [_encounter(visitor, place, care, mdtrt_id, order, fees, at)],
    }  # fmt: skip
    return {"data": {"patient_dtos": [patient], "trig_scen": "1"}}


def _encounter(
    visitor: Visitor, place: Place, care: Care, mdtrt_id: str, order: Purchase, fees: str, at: datetime
) -> Node:
    return {
        "mdtrt_id": mdtrt_id, "medins_id": place.code, "medins_name": place.name, "medins_admdvs": place.admdvs,
        "medins_type": "A1", "medins_lv": "3", "adm_date": moment(at), "dscg_date": moment(at),
        "dscg_main_dise_codg": care.diagnosis, "dscg_main_dise_name": care.diagnosis_name, "dr_codg": place.dr_codg,
        "adm_dept_codg": place.dept_codg, "adm_dept_name": place.dept_name, "dscg_dept_codg": place.dept_codg,
        "dscg_dept_name": place.dept_name, "med_mdtrt_type": "1", "med_type": care.med_type, "matn_stas": "1",
        "medfee_sumamt": fees, "ownpay_amt": "0", "selfpay_amt": "0", "setl_totlnum": "1", "insutype": visitor.insutype,
        "reim_flag": "2", "out_setl_flag": "0", "fsi_operation_dtos": [],
        "fsi_order_dtos": [_order(place, order, fees, at)],
        "fsi_diagnose_dtos": [{
            "dise_id": "1", "inout_dise_type": "1", "maindise_flag": "1", "dias_srt_no": "1",
            "dise_codg": care.diagnosis, "dise_name": care.diagnosis_name, "dise_date": moment(at),
        }],
    }  # fmt: skip


def _order(place: Place, order: Purchase, fees: str, at: datetime) -> Node:
    return {
        "rx_id": "YZ0001", "rxno": "CF0001", "grpno": "", "long_drord_flag": "0", "hilist_type": "11",
        "chrg_type": "11",
        "drord_bhvr": "0", "hilist_code": order.code, "hilist_name": order.code, "hilist_lv": "02",
        "hilist_pric": str(order.price), "hosplist_code": order.code, "hosplist_name": order.code,
        "cnt": str(order.count), "pric": str(order.price), "sumamt": fees, "ownpay_amt": "0", "selfpay_amt": "0",
        "spec": "盒", "spec_unt": "盒", "drord_begn_date": moment(at), "drord_stop_date": "",
        "drord_dept_codg": place.dept_codg, "drord_dept_name": place.dept_name, "drord_dr_codg": place.dr_codg,
        "drord_dr_name": place.dr_name, "drord_dr_profttl": "234", "curr_drord_flag": ASKED,
        "extend_order_map": {"o_prdDays": "7"},
    }  # fmt: skip


def answer(jr_id: str, way: str, reason: str) -> Node:
    """3103: what was done about a warning; `way` 1 goes on, 2 is changed."""
    return {"data": {"warn_type": "1", "warns": [{"warn_rslt_id": jr_id, "dspo_way": way, "dspo_way_rea": reason}]}}

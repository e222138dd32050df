"""Bodies of messages in the main edition, as a hospital program fills them."""

from typing import Any

Row = dict[str, Any]
DAY = "2024-06-03 10:00:00"


def registration(psn_no: str, insutype: str = "310") -> Row:
    return {
        "data": {
            "psn_no": psn_no, "insutype": insutype, "begntime": DAY, "mdtrt_cert_type": "02", "mdtrt_cert_no": psn_no,
            "psn_cert_type": "01", "certno": psn_no, "psn_type": "11", "psn_name": "某", "ipt_otp_no": "M1",
            "atddr_no": "D1", "dr_name": "医生", "dept_code": "K1", "dept_name": "内科", "caty": "A03",
        }
    }  # fmt: skip


def diagnosis(number: int = 1, code: str = "J06.900") -> Row:
    return {
        "diag_type": "1", "diag_srt_no": number, "diag_code": code, "diag_name": "上呼吸道感染", "diag_dept": "内科",
        "dise_dor_no": "D1", "dise_dor_name": "医生", "diag_time": DAY, "vali_flag": "1", "maindiag_flag": "1",
    }  # fmt: skip


def description(psn_no: str, mdtrt_id: str, med_type: str = "11") -> Row:
    head = {
        "mdtrt_id": mdtrt_id, "psn_no": psn_no, "med_type": med_type, "begntime": DAY, "main_cond_dscr": "",
        "dise_codg": "", "dise_name": "",
    }  # fmt: skip
    return {"mdtrtinfo": head, "diseinfo": [diagnosis()]}


def fee_row(psn_no: str, mdtrt_id: str, number: str, code: str, yuan: str, batch: str = "B1") -> Row:
    return {
        "feedetl_sn": number, "mdtrt_id": mdtrt_id, "psn_no": psn_no, "chrg_bchno": batch, "rx_circ_flag": "0",
        "fee_ocur_time": DAY, "med_list_codg": code, "medins_list_codg": f"own-{code}", "det_item_fee_sumamt": yuan,
        "cnt": "1", "pric": yuan, "bilg_dept_codg": "K1", "bilg_dept_name": "内科", "bilg_dr_codg": "D1",
        "bilg_dr_name": "医生", "hosp_appr_flag": "0", "med_type": "11", "prd_days": "",
    }  # fmt: skip


def settling(psn_no: str, mdtrt_id: str, yuan: str, insutype: str = "310", **more: Any) -> Row:
    return {
        "data": {
            "psn_no": psn_no, "mdtrt_cert_type": "02", "mdtrt_cert_no": psn_no, "psn_cert_type": "01", "certno": psn_no,
            "psn_type": "11", "psn_name": "某", "med_type": "11", "medfee_sumamt": yuan, "psn_setlway": "01",
            "mdtrt_id": mdtrt_id, "chrg_bchno": "B1", "insutype": insutype, "acct_used_flag": "1", "invono": "",
            "fulamt_ownpay_amt": "0", "overlmt_selfpay": 0, "preselfpay_amt": 0, "inscp_scp_amt": yuan,
        } | more
    }  # fmt: skip


def sale(psn_no: str, code: str, yuan: str, insutype: str = "310", **more: Any) -> Row:
    line = {
        "feedetl_sn": "1", "rx_circ_flag": "0", "fee_ocur_time": DAY, "med_list_codg": code, "medins_list_codg": "own",
        "det_item_fee_sumamt": yuan, "cnt": 1, "pric": yuan,
    }  # fmt: skip
    head = {
        "psn_no": psn_no, "mdtrt_cert_type": "01", "mdtrt_cert_no": "code", "psn_cert_type": "01", "certno": psn_no,
        "psn_type": "11", "psn_name": "某", "begntime": DAY, "medfee_sumamt": yuan, "insutype": insutype,
        "acct_used_flag": "1", "med_type": "41",
    }  # fmt: skip
    return {"druginfo": head | more, "drugdetail": [line]}


def admission(psn_no: str, insutype: str = "390", begntime: str = "2024-06-01 08:00:00") -> Row:
    head = {
        "psn_no": psn_no, "insutype": insutype, "coner_name": "", "tel": "", "begntime": begntime,
        "mdtrt_cert_type": "02", "mdtrt_cert_no": psn_no, "cert_type": "01", "certno": psn_no, "med_type": "2101",
        "ipt_no": "Z1", "medrcdno": "", "atddr_no": "D1", "chfpdr_name": "医生", "adm_diag_dscr": "肺炎",
        "adm_dept_codg": "K1", "adm_dept_name": "内科", "adm_bed": "1", "dscg_maindiag_code": "J18.900",
        "dscg_maindiag_name": "肺炎", "geso_val": "", "fetts": "", "fetus_cnt": "", "birctrl_matn_date": "",
    }  # fmt: skip
    return {"mdtrtinfo": head, "diseinfo": [diagnosis(1, "J18.900") | {"psn_no": psn_no}]}


def leaving(psn_no: str, mdtrt_id: str, insutype: str = "390") -> Row:
    head = {
        "mdtrt_id": mdtrt_id, "psn_no": psn_no, "insutype": insutype, "endtime": DAY, "dscg_dept_codg": "K1",
        "dscg_dept_name": "内科", "dscg_way": "1", "die_date": "",
    }  # fmt: skip
    return {"dscginfo": head, "diseinfo": [diagnosis(1, "J18.900") | {"psn_no": psn_no, "mdtrt_id": mdtrt_id}]}

"""Messages 3101 and 3102 as a hospital's program fills them, and a rulebook made by hand."""

from collections.abc import Sequence
from typing import Any

from tests.settlement.town import DRUG_A, DRUG_B, HOSPITAL
from yibao.supervision.counter.rulebooks import Rulebooks
from yibao.supervision.kinds.item_allowed import ItemAllowed
from yibao.supervision.rulebook import Rule, Rulebook

Row = dict[str, Any]
NOW = "2024-06-03 10:00:00"
ALL = frozenset({"before", "during", "after"})
WOMEN_ONLY = Rule("N05", "药品区分性别使用", "item_allowed", "violation", ALL, "条例第三十八条第五项", refuses=True)
LEVEL = Rule("N11", "限定医疗机构级别", "item_allowed", "suspect", ALL, "目录备注")
POINTS = {
    "item_allowed": [
        ItemAllowed(rule_id="N05", kp_id="K1", code=DRUG_A, item="妇科药", sex="2"),
        ItemAllowed(rule_id="N11", kp_id="K2", code=DRUG_B, item="三级药", level_from=3),
    ]
}


def rulebooks(rules: Sequence[Rule] = (WOMEN_ONLY, LEVEL), points: Any = None) -> Rulebooks:
    """The same hard rules for every area; nothing but them."""
    book = Rulebook("hard", "v1", rules, POINTS if points is None else points)

    async def load(connection: Any, area: str, profile: str) -> Rulebook:
        return book if profile == "hard" else Rulebook("full", "v0", (), {})

    async def version(connection: Any) -> str:
        return "1"

    return Rulebooks(load, version)


def order(rx_id: str, code: str, yuan: str = "30", current: str = "1", at: str = NOW, **more: Any) -> Row:
    return {
        "rx_id": rx_id, "rxno": f"RX{rx_id}", "grpno": "", "long_drord_flag": "0", "hilist_type": "11",
        "chrg_type": "09", "drord_bhvr": "0", "hilist_code": code, "hilist_name": code, "hilist_lv": "01",
        "hilist_pric": yuan, "hosplist_code": f"own-{code}", "hosplist_name": code, "cnt": "1", "pric": yuan,
        "sumamt": yuan, "ownpay_amt": "0", "selfpay_amt": "0", "spec": "盒", "spec_unt": "盒",
        "drord_begn_date": at, "drord_stop_date": "", "drord_dept_codg": "K1", "drord_dept_name": "内科",
        "drord_dr_codg": "D1", "drord_dr_name": "医生", "drord_dr_profttl": "234", "curr_drord_flag": current,
        "extend_order_map": {"o_prdDays": "7"},
    } | more  # fmt: skip


def encounter(mdtrt_id: str, *orders: Row, place: str = HOSPITAL, med_type: str = "11", **more: Any) -> Row:
    return {
        "mdtrt_id": mdtrt_id, "medins_id": place, "medins_name": "某机构", "medins_admdvs": "340602",
        "medins_type": "A1", "medins_lv": "3", "adm_date": "2024-06-03 08:00:00", "dscg_date": NOW,
        "dscg_main_dise_codg": "J06.900", "dscg_main_dise_name": "上呼吸道感染", "dr_codg": "D1",
        "adm_dept_codg": "K1", "adm_dept_name": "内科", "dscg_dept_codg": "K1", "dscg_dept_name": "内科",
        "med_mdtrt_type": "1", "med_type": med_type, "matn_stas": "1", "medfee_sumamt": "30", "ownpay_amt": "0",
        "selfpay_amt": "0", "setl_totlnum": "1", "insutype": "310", "reim_flag": "2", "out_setl_flag": "0",
        "fsi_operation_dtos": [], "fsi_order_dtos": list(orders),
        "fsi_diagnose_dtos": [{
            "dise_id": "1", "inout_dise_type": "1", "maindise_flag": "1", "dias_srt_no": "1", "dise_codg": "J06.900",
            "dise_name": "上呼吸道感染", "dise_date": NOW,
        }],
    } | more  # fmt: skip


def asking(psn_no: str, *encounters: Row, gend: str = "1") -> Row:
    patient = {
        "patn_id": psn_no, "patn_name": "某", "gend": gend, "brdy": "1980-01-01", "poolarea": "340600",
        "curr_mdtrt_id": encounters[-1]["mdtrt_id"], "fsi_encounter_dtos": list(encounters),
    }  # fmt: skip
    return {"data": {"patient_dtos": [patient], "trig_scen": "1"}}


def feedback(jr_id: str, way: str = "1", reason: str = "病情需要", warn_type: str = "1") -> Row:
    return {
        "data": {"warn_type": warn_type, "warns": [{"warn_rslt_id": jr_id, "dspo_way": way, "dspo_way_rea": reason}]}
    }

"""What comes in, what is known, what goes out: the records of settlement.

Names are the national ones (mdtrt_id 就诊ID, setl_id 结算ID, feedetl_sn 费用明细流水号). Amounts in fen, counts in
ten-thousandths, prices in millionths of a yuan, ratios in basis points, times local without zone.
"""

from datetime import date, datetime
from typing import Any

import msgspec

from yibao.population.model import Person


class VisitOpening(msgspec.Struct, frozen=True, kw_only=True):
    """2201 and 2401: a visit or stay begins."""

    psn_no: str
    insutype: str
    fixmedins_code: str
    mdtrtarea_admvs: str
    med_type: str
    begntime: datetime
    status: str = "open"  # "admitted" for a stay
    mdtrt_cert_type: str = ""
    ipt_otp_no: str = ""
    adm_dept_codg: str = ""
    chfpdr_code: str = ""
    dscg_maindiag_code: str = ""
    dise_no: str = ""
    matn_type: str = ""
    ttp_pay_flag: str = "0"
    details: dict[str, Any] = {}


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """One row of diseinfo; `stage` outpatient, admission or discharge."""

    stage: str
    diag_type: str
    diag_srt_no: int
    diag_code: str
    diag_name: str
    maindiag_flag: str = "0"
    diag_dept: str = ""
    dise_dor_no: str = ""
    dise_dor_name: str = ""
    diag_time: datetime | None = None
    vali_flag: str = "1"
    details: dict[str, Any] = {}


class FeeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One fee line as the institution sends it (2204, 2301, drugdetail of 2102)."""

    feedetl_sn: str
    fee_ocur_time: datetime
    med_list_codg: str
    det_item_fee_sumamt: int
    cnt: int
    pric: int
    medins_list_codg: str = ""
    init_feedetl_sn: str = ""
    chrg_bchno: str = ""
    rx_drord_no: str = ""
    hosp_appr_flag: str = "0"
    bilg_dept_codg: str = ""
    bilg_dr_code: str = ""
    prd_days: int | None = None
    details: dict[str, Any] = {}


class PricedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A fee line with what the catalogue says of it on that day and its four amounts.

    `mark` is what supervision said when it came: suspect, refused (wholly self-paid), approved; `mark_reason` why.
    """

    fee: FeeLine
    med_chrgitm_type: str
    chrgitm_lv: str
    selfpay_prop: int
    pric_uplmt_amt: int | None
    lmt_used_flag: str
    fulamt_ownpay_amt: int = 0
    overlmt_selfpay: int = 0
    preselfpay_amt: int = 0
    inscp_amt: int = 0
    item_name: str = ""
    bas_medn_flag: str = "0"
    hi_nego_drug_flag: str = "0"
    chld_medc_flag: str = "0"
    drt_reim_flag: str = "0"
    mark: str = ""
    mark_reason: str = ""

    @property
    def details(self) -> dict[str, Any]:
        """The column details: the further wire fields, and under "catalogue" what the item said of itself that day."""
        said = {name: getattr(self, name) for name in CATALOGUE_FLAGS if getattr(self, name) != "0"}
        return {**self.fee.details, "catalogue": {"item_name": self.item_name, **said}}


CATALOGUE_FLAGS = ("bas_medn_flag", "hi_nego_drug_flag", "chld_medc_flag", "drt_reim_flag")


class SettlementRequest(msgspec.Struct, frozen=True, kw_only=True):
    """2206/2207, 2303/2304, 2101/2102: what is to be settled.

    `opening` is given for a pharmacy sale, where one message opens the visit, brings the lines and settles.
    """

    psn_no: str
    insutype: str
    fixmedins_code: str
    mdtrtarea_admvs: str
    mdtrt_id: str = ""
    statuses: tuple[str, ...] = ("open", "admitted", "discharged")  # what the visit may be: 2207 open, 2304 the others
    medfee_sumamt: int | None = None
    acct_used_flag: str = "0"  # 1 own account, 2 also the family's, 0 none
    chrg_bchno: str | None = None
    mid_setl_flag: str = "0"
    invono: str = ""
    mdtrt_cert_type: str = ""
    opter: str = ""
    endtime: datetime | None = None
    again: tuple[str, ...] = ()  # feedetl_sn of a bill that is computed again because an earlier one was cancelled
    med_type: str = ""  # "" takes the visit's
    ttp_pay_flag: str = "0"
    opening: VisitOpening | None = None
    lines: tuple[FeeLine, ...] = ()


class FundShare(msgspec.Struct, frozen=True, kw_only=True):
    """One row of setldetail: what one fund (or account) pays, with how it was computed."""

    fund_pay_type: str
    column: str
    title: str
    policy_name: str
    inscp_scp_amt: int
    crt_payb_lmt_amt: int | None
    fund_payamt: int
    setl_proc_info: str = ""


class AccountUse(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` fen taken from the personal account of `payer` for the patient."""

    payer: str
    amount: int


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """One settlement (setl_d), positive or, for a cancellation, negative."""

    setl_id: str
    mdtrt_id: str
    medins_setl_id: str
    psn_no: str
    insutype: str
    psn_type: str
    insu_admdvs: str
    fixmedins_code: str
    hosp_lv: int
    med_type: str
    setl_time: datetime
    begndate: date
    enddate: date
    year: int
    clr_type: str
    clr_way: str
    clr_optins: str
    medfee_sumamt: int
    fulamt_ownpay_amt: int
    overlmt_selfpay: int
    preselfpay_amt: int
    inscp_amt: int
    fund_pay_sumamt: int
    psn_pay: int
    cash_payamt: int
    pack_version: str
    init_setl_id: str | None = None
    cvlserv_flag: str = "0"
    mdtrt_cert_type: str = ""
    dise_no: str = ""
    invono: str = ""
    mid_setl_flag: str = "0"
    acct_used_flag: str = "0"
    ttp_pay_flag: str = "0"
    refd_setl_flag: str = "0"
    dedc_std: int = 0
    act_pay_dedc: int = 0
    pool_prop_selfpay: int = 0
    hifp_pay: int = 0
    cvlserv_pay: int = 0
    hifes_pay: int = 0
    hifmi_pay: int = 0
    hifob_pay: int = 0
    hifdm_pay: int = 0
    maf_pay: int = 0
    othfund_pay: int = 0
    acct_pay: int = 0
    acct_mulaid_pay: int = 0
    ownpay_hosp_part: int = 0
    balc: int = 0
    opter: str = ""
    accumulators: dict[str, int] = {}
    funds: tuple[FundShare, ...] = ()
    explanation: Any = None


AMOUNT_COLUMNS = (
    "medfee_sumamt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_amt", "act_pay_dedc",
    "hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "hifdm_pay", "maf_pay", "othfund_pay",
    "fund_pay_sumamt", "psn_pay", "acct_pay", "acct_mulaid_pay", "cash_payamt", "ownpay_hosp_part",
)  # fmt: skip
"""Columns that a cancellation repeats with opposite sign."""


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What a settlement, trial or cancellation hands to whoever asked: the bill, the person, the lines."""

    bill: Bill
    person: Person
    lines: tuple[PricedLine, ...] = ()

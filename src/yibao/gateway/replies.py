"""Replies of a settlement: setlinfo, setldetail and detlcutinfo, complete by the field lists of the interface.

The field lists come from the interface data, so a transaction answers exactly the fields its page names. Amounts go
out as yuan with two decimals. setldetail holds one line per fund and account (310200) that paid, and the hospital's
own part (999996), so its sum is fund + account + hospital part.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from yibao.core.dates import age_on
from yibao.core.money import yuan_from_fen
from yibao.gateway.fields import day_text, time_text, unscaled
from yibao.gateway.interface.catalogue import text_of, transactions
from yibao.population.model import Person
from yibao.settlement.model import Bill, FundShare, PricedLine, Settled

NO_LIMIT = 999_999
"""pric_uplmt_amt of an item without a price limit, as real platforms answer it."""
HOSPITAL_FUND = "999996"
AMOUNTS = {  # wire name: column of the bill
    "medfee_sumamt": "medfee_sumamt",
    "fulamt_ownpay_amt": "fulamt_ownpay_amt",
    "overlmt_selfpay": "overlmt_selfpay",
    "preselfpay_amt": "preselfpay_amt",
    "inscp_scp_amt": "inscp_amt",
    "act_pay_dedc": "act_pay_dedc",
    "crt_dedc": "dedc_std",
    "hifp_pay": "hifp_pay",
    "cvlserv_pay": "cvlserv_pay",
    "hifes_pay": "hifes_pay",
    "hifmi_pay": "hifmi_pay",
    "hifob_pay": "hifob_pay",
    "hifdm_pay": "hifdm_pay",
    "maf_pay": "maf_pay",
    "oth_pay": "othfund_pay",
    "fund_pay_sumamt": "fund_pay_sumamt",
    "psn_part_amt": "psn_pay",
    "acct_pay": "acct_pay",
    "acct_mulaid_pay": "acct_mulaid_pay",
    "psn_cash_pay": "cash_payamt",
    "hosp_part_amt": "ownpay_hosp_part",
    "balc": "balc",
    "psn_pay": "psn_pay",
    "cash_payamt": "cash_payamt",
}
IDENTITY_FIELDS = (
    "medfee_sumamt", "fund_pay_sumamt", "psn_part_amt", "hosp_part_amt", "acct_pay", "psn_cash_pay", "inscp_scp_amt",
    "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay",
    "hifob_pay", "maf_pay", "oth_pay", "hifdm_pay",
)  # fmt: skip
"""The terms of the four identities, in every reply: some pages misspell or leave out one (2208: pdn_cash_pay)."""
TEXTS = (
    "mdtrt_id", "setl_id", "medins_setl_id", "psn_no", "insutype", "psn_type", "insu_admdvs", "mdtrt_cert_type",
    "med_type", "clr_type", "clr_way", "clr_optins", "invono", "mid_setl_flag", "refd_setl_flag", "fixmedins_code",
)  # fmt: skip


@cache
def field_names(infno: str, node: str) -> tuple[str, ...]:
    """Names of an output node; a variant such as 2207A answers like its main transaction."""
    known = transactions()
    base = infno.rstrip("A")
    found = known[base if base in known else infno]
    return tuple(f.name for n in found.outputs if n.name == node for f in n.fields)


def settlement_output(infno: str, settled: Settled) -> dict[str, Any]:
    """The output nodes of a settlement, a trial or a cancellation."""
    full = setlinfo(settled.bill, settled.person)
    names = dict.fromkeys((*field_names(infno, "setlinfo"), *IDENTITY_FIELDS))
    output: dict[str, Any] = {
        "setlinfo": {name: full[name] for name in names if name in full},
        "setldetail": setldetail(settled.bill),
    }
    if columns := field_names(infno, "detlcutinfo"):
        rows = [line_result(line) for line in settled.lines]
        output["detlcutinfo"] = [{name: row.get(name, "") for name in columns} for row in rows]
    return output


def setlinfo(bill: Bill, person: Person) -> dict[str, Any]:
    """Every field of setlinfo that any transaction answers (结算信息)."""
    return (
        {name: getattr(bill, name) for name in TEXTS}
        | {name: yuan_from_fen(getattr(bill, column)) for name, column in AMOUNTS.items()}
        | person_fields(person, bill)
        | {
            "cvlserv_flag": bill.cvlserv_flag,
            "setl_time": time_text(bill.setl_time),
            "begndate": day_text(bill.begndate),
            "enddate": day_text(bill.enddate),
            "pool_prop_selfpay": unscaled(bill.pool_prop_selfpay, 4),
            "dise_codg": bill.dise_no,
            "year": str(bill.year),
            "setl_type": "",
            "psn_insu_rlts_id": "",
            "mdtrt_cert_no": "",
            "exp_content": "",
        }
    )


def person_fields(person: Person, bill: Bill) -> dict[str, Any]:
    return {
        "psn_name": person.psn_name,
        "psn_cert_type": person.psn_cert_type,
        "certno": person.certno,
        "gend": person.gend,
        "naty": person.naty,
        "brdy": day_text(person.brdy),
        "age": age_on(person.brdy, bill.enddate),
    }


def setldetail(bill: Bill) -> list[dict[str, Any]]:
    """One row per fund and account that paid, and the hospital's own part (结算基金分项信息)."""
    return [fund_row(share) for share in (*bill.funds, *hospital_share(bill))]


def hospital_share(bill: Bill) -> Sequence[FundShare]:
    """The line 999996 of what the hospital bears itself, when it bears something."""
    if not bill.ownpay_hosp_part:
        return ()
    title = text_of("fund_pay_type", HOSPITAL_FUND)
    share = FundShare(
        fund_pay_type=HOSPITAL_FUND,
        column="ownpay_hosp_part",
        title=title,
        policy_name=title,
        inscp_scp_amt=bill.inscp_amt,
        crt_payb_lmt_amt=None,
        fund_payamt=bill.ownpay_hosp_part,
    )
    return (share,)


def fund_row(share: FundShare) -> dict[str, Any]:
    """A row of setldetail; crt_payb_lmt_amt is null where the policy sets no limit."""
    limit = share.crt_payb_lmt_amt
    return {
        "fund_pay_type": share.fund_pay_type,
        "inscp_scp_amt": yuan_from_fen(share.inscp_scp_amt),
        "crt_payb_lmt_amt": None if limit is None else yuan_from_fen(limit),
        "fund_payamt": yuan_from_fen(share.fund_payamt),
        "fund_pay_type_name": text_of("fund_pay_type", share.fund_pay_type) or share.title,
        "setl_proc_info": share.setl_proc_info,
        "policy_name": share.policy_name,
    }


def line_result(line: PricedLine) -> dict[str, Any]:
    """What a fee line became: the result row of 2204 and 2301, detlcutinfo of 2101 and 2102."""
    fee = line.fee
    limit = line.pric_uplmt_amt
    return {
        "feedetl_sn": fee.feedetl_sn,
        "det_item_fee_sumamt": yuan_from_fen(fee.det_item_fee_sumamt),
        "cnt": unscaled(fee.cnt, 4),
        "pric": unscaled(fee.pric, 6),
        "pric_uplmt_amt": NO_LIMIT if limit is None else unscaled(limit, 6),
        "selfpay_prop": unscaled(line.selfpay_prop, 4),
        "fulamt_ownpay_amt": yuan_from_fen(line.fulamt_ownpay_amt),
        "overlmt_amt": yuan_from_fen(line.overlmt_selfpay),
        "preselfpay_amt": yuan_from_fen(line.preselfpay_amt),
        "inscp_scp_amt": yuan_from_fen(line.inscp_amt),
        "chrgitm_lv": line.chrgitm_lv,
        "med_chrgitm_type": line.med_chrgitm_type,
        "bas_medn_flag": line.bas_medn_flag,
        "hi_nego_drug_flag": line.hi_nego_drug_flag,
        "chld_medc_flag": line.chld_medc_flag,
        "list_sp_item_flag": "",
        "lmt_used_flag": line.lmt_used_flag,
        "drt_reim_flag": line.drt_reim_flag,
        "memo": line.mark_reason,
        "exp_content": "",
        "hosp_part_amt": yuan_from_fen(0),
    }

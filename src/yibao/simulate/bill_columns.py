"""From the lake's columns to the tables of a settlement: what `load_bills` copies. Pure; amounts fen.

Each function takes a table of the lake and gives the columns of one table of the database.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yibao.settlement.booking import BALANCES, PAYABLE, account_of
from yibao.simulate.copying import constant
from yibao.simulate.model import Ints, Places
from yibao.simulate.yearly_totals import Amounts, text_of

FUND_TYPES = {
    "hifp_pay": {"310": "310100", "390": "390100"},
    "cvlserv_pay": {"310": "320100", "390": "320100"},
    "hifes_pay": {"310": "370100", "390": "370100"},
    "hifmi_pay": {"310": "310300", "390": "390200"},
    "hifob_pay": {"310": "330100", "390": "330100"},
    "hifdm_pay": {"310": "350100", "390": "350100"},
    "maf_pay": {"310": "610100", "390": "610100"},
    "othfund_pay": {"310": "999997", "390": "999997"},
}
"""Column of a bill → fund_pay_type by insutype (dictionary fund_pay_type)."""
TITLES = {
    "310100": "职工统筹基金", "390100": "居民统筹基金", "320100": "公务员医疗补助", "370100": "企业补充医疗保险",
    "310300": "职工大病补助", "390200": "居民大病保险", "330100": "大额医疗费用补助", "350100": "残疾军人医疗补助",
    "610100": "医疗救助", "999997": "其他基金", "310200": "职工个人账户",
}  # fmt: skip
ACCOUNT_TYPE = "310200"
SAME = (
    "setl_id", "mdtrt_id", "medins_setl_id", "psn_no", "insutype", "psn_type", "insu_admdvs", "fixmedins_code",
    "hosp_lv", "med_type", "setl_time", "begndate", "enddate", "year", "clr_type", "clr_way", "refd_setl_flag",
    "mid_setl_flag", "medfee_sumamt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_amt",
    "dedc_std", "act_pay_dedc", *FUND_TYPES, "fund_pay_sumamt", "psn_pay", "acct_pay", "acct_mulaid_pay",
    "cash_payamt", "ownpay_hosp_part", "pack_version",
)  # fmt: skip
VISIT_SAME = (
    "mdtrt_id", "psn_no", "insutype", "psn_type", "insu_admdvs", "fixmedins_code", "hosp_lv", "med_type", "begntime",
    "endtime", "adm_dept_codg", "chfpdr_code", "dscg_maindiag_code", "dscg_way", "dise_no", "ttp_pay_flag",
)  # fmt: skip
LINE_SAME = (
    "mdtrt_id", "setl_id", "rx_drord_no", "fee_ocur_time", "med_list_codg", "medins_list_codg", "med_chrgitm_type",
    "chrgitm_lv", "det_item_fee_sumamt", "selfpay_prop", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt",
    "inscp_amt", "lmt_used_flag", "hosp_appr_flag", "bilg_dept_codg", "bilg_dr_code",
)  # fmt: skip
SALE, STAY, VISIT = "2102", "2304", "2207"
OPERATOR = "taken_over"


def plain(column: Any) -> Any:
    """A column of the lake in one piece and without dictionary; empty texts are ''."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return pc.fill_null(array, "") if pa.types.is_string(array.type) else array


def visit_rows(visits: Any, places: Places) -> dict[str, Any]:
    """settlement.visit."""
    codes = pa.array(places.code.tolist())
    place = pc.index_in(plain(visits["fixmedins_code"]), value_set=codes)
    return {
        **{name: plain(visits[name]) for name in VISIT_SAME},
        "mdtrtarea_admvs": pa.array(places.admdvs.tolist()).take(place),
        "status": constant("settled", visits.num_rows),
    }


def bill_rows(settled: Any, balance: Ints, added: Mapping[str, Amounts]) -> dict[str, Any]:
    """settlement.settlement; `balance` is what the account holds after each bill, `added` to totals by setl_id."""
    return {
        **{name: plain(settled[name]) for name in SAME},
        "dise_no": plain(settled["dise_no"]),
        "clr_optins": plain(settled["insu_admdvs"]),
        "balc": np.maximum(balance, 0),
        "acct_used_flag": np.where(settled["acct_pay"].to_numpy() > 0, "1", "0"),
        "funds": fund_texts(settled),
        "accumulators": [text_of(added.get(setl_id, {})) for setl_id in plain(settled["setl_id"]).to_pylist()],
        "opter": constant(OPERATOR, settled.num_rows),
    }


def fund_texts(settled: Any) -> Any:
    """The rows of setldetail as JSON texts: one for each fund, and one for the account, that paid something."""
    resident = pc.equal(plain(settled["insutype"]), "390")
    shares = [
        pc.if_else(resident, _fund(settled, column, types["390"]), _fund(settled, column, types["310"]))
        for column, types in FUND_TYPES.items()
    ]
    shares.append(_fund(settled, "acct_pay", ACCOUNT_TYPE))
    inner = pc.utf8_slice_codeunits(pc.binary_join_element_wise(*shares, ""), 1, None)
    return pc.binary_join_element_wise("[", inner, "]", "")


def _fund(settled: Any, column: str, kind: str) -> Any:
    """One fund's object after a comma, empty where it paid nothing."""
    amount = plain(settled[column])
    title = TITLES[kind]
    head = f',{{"fund_pay_type":"{kind}","column":"{column}","title":"{title}","policy_name":"{title}","inscp_scp_amt":'
    scope = pc.cast(plain(settled["inscp_amt"]), pa.string())
    text = pc.binary_join_element_wise(
        head,
        scope,
        ',"crt_payb_lmt_amt":null,"fund_payamt":',
        pc.cast(amount, pa.string()),
        ',"setl_proc_info":""}',
        "",
    )
    return pc.if_else(pc.greater(amount, 0), text, "")


def line_rows(lines: Any) -> dict[str, Any]:
    """settlement.fee_line; `feedetl_sn` is the number of the line in the lake."""
    return {
        **{name: plain(lines[name]) for name in LINE_SAME},
        "feedetl_sn": plain(lines["bkkp_sn"]),
        "cnt": ten_thousandths(lines["cnt"]),
        "pric": ten_thousandths(lines["pric"]),
        "pric_uplmt_amt": ten_thousandths(lines["pric_uplmt_amt"]),
        "prd_days": pc.multiply(pc.cast(plain(lines["prd_days"]), pa.int32()), pa.scalar(100, pa.int32())),
    }


def ten_thousandths(column: Any) -> Any:
    """A decimal(16, 4) as integers of its last place; for prices in fen these are millionths of a yuan."""
    array = plain(column)
    low = np.frombuffer(array.buffers()[1], np.int64)[::2][array.offset : array.offset + len(array)]
    return pc.if_else(array.is_valid(), pa.array(low), pa.scalar(None, pa.int64()))


def diagnosis_rows(diagnoses: Any, names: Mapping[str, str]) -> dict[str, Any]:
    """settlement.diagnosis: those of discharge, counted per visit from 1; a code without a name is its own name."""
    if not diagnoses.num_rows:
        return {}
    codes = plain(diagnoses["diag_code"])
    unique = codes.dictionary_encode()
    titles = pa.array([names.get(code, code) for code in unique.dictionary.to_pylist()])
    visits = plain(diagnoses["mdtrt_id"]).dictionary_encode().indices.to_numpy()
    order = np.argsort(visits, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(visits[order]) != 0])
    rank = np.empty(len(visits), dtype=np.int64)
    rank[order] = np.arange(len(visits)) - np.repeat(starts, np.diff(np.r_[starts, len(visits)]))
    return {
        "mdtrt_id": plain(diagnoses["mdtrt_id"]),
        "stage": constant("discharge", diagnoses.num_rows),
        "diag_type": plain(diagnoses["diag_type"]),
        "diag_srt_no": rank + 1,
        "maindiag_flag": plain(diagnoses["maindiag_flag"]),
        "diag_code": codes,
        "diag_name": titles.take(unique.indices),
    }


def entry_rows(settled: Any, entries: Ints, open_from: date) -> dict[str, Any]:
    """ledger.entry: one for each bill, on the day of settlement, but not before the journal's first open day."""
    text = pc.binary_join_element_wise("settlement", plain(settled["med_type"]), plain(settled["fixmedins_code"]), " ")
    return {
        "entry_id": entries,
        "booked_on": pc.max_element_wise(plain(settled["setl_time"]).cast(pa.date32()), pa.scalar(open_from)),
        "kind": constant("settlement", len(entries)),
        "reference": plain(settled["setl_id"]),
        "text": text,
    }


def posting_rows(settled: Any, entries: Ints) -> dict[str, Any]:
    """ledger.posting: each fund and account that paid, and what is owed to the institution."""
    resident = plain(settled["insutype"]).to_numpy(zero_copy_only=False) == "390"
    persons, institutions = plain(settled["psn_no"]), plain(settled["fixmedins_code"])
    parts: list[tuple[Ints, int, Any, Any]] = []
    for line, (column, types) in enumerate(FUND_TYPES.items(), 1):
        accounts = np.where(resident, account_of(types["390"]), account_of(types["310"]))
        parts.append((settled[column].to_numpy(), line, accounts, constant("", len(entries))))
    account = np.full(len(entries), BALANCES)
    parts.append((settled["acct_pay"].to_numpy(), len(parts) + 1, account, persons))
    owed = -np.sum([amount for amount, *_ in parts], axis=0)
    parts.append((owed, len(parts) + 1, np.full(len(entries), PAYABLE), institutions))
    tables = [_postings(entries, *part) for part in parts]
    whole = pa.concat_tables(tables)
    return dict(zip(whole.column_names, whole.columns, strict=True))


def _postings(entries: Ints, amounts: Ints, line: int, accounts: Any, parties: Any) -> Any:
    """Postings of one kind, those of nothing left out."""
    some = np.flatnonzero(amounts)
    return pa.table(
        {
            "entry_id": entries[some],
            "line_no": constant(line, len(some)),
            "account": pa.array(accounts[some].tolist(), pa.string()),
            "amount": amounts[some].astype(np.int64),
            "party": parties.take(pa.array(some)),
        }
    )


def inbox_rows(settled: Any) -> dict[str, Any]:
    """core.inbox: an empty reply for each bill, since the institution never sent it here."""
    types = plain(settled["med_type"])
    kind = pc.if_else(pc.equal(types, "41"), SALE, pc.if_else(pc.starts_with(types, "2"), STAY, VISIT))
    return {
        "sender": plain(settled["fixmedins_code"]),
        "msgid": plain(settled["medins_setl_id"]),
        "infno": kind,
        "digest": constant("", settled.num_rows),
        "reply": constant("{}", settled.num_rows),
        "reference": plain(settled["setl_id"]),
        "psn_no": plain(settled["psn_no"]),
    }


def movement_rows(settled: Any, paid: Ints, balance: Ints) -> dict[str, Any]:
    """population.account_movement: what accounts paid."""
    some = np.flatnonzero(paid)
    return {
        "psn_no": plain(settled["psn_no"]).take(pa.array(some)),
        "amount": -paid[some],
        "balance_after": balance[some],
        "kind": constant("settlement", len(some)),
        "reference": plain(settled["setl_id"]).take(pa.array(some)),
        "at": plain(settled["setl_time"]).take(pa.array(some)),
    }

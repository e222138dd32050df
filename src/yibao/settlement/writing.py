"""The one write of a settlement: bill, lines, journal, accumulators, accounts and the stored reply in one statement.

The statement is put together once, from the column lists below; it differs only in whether the visit and its lines
are new (a pharmacy sale) or stand already (outpatient and inpatient).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from yibao.core.database import Connection
from yibao.core.inbox import Message
from yibao.ledger import Posting, posting_columns
from yibao.settlement.case import totals_by_year
from yibao.settlement.model import AccountUse, Bill, FeeLine, PricedLine, VisitOpening

BILL_COLUMNS: tuple[tuple[str, str], ...] = (
    ("setl_id", "text"), ("mdtrt_id", "text"), ("init_setl_id", "text"), ("medins_setl_id", "text"),
    ("psn_no", "text"), ("insutype", "text"), ("psn_type", "text"), ("cvlserv_flag", "text"), ("insu_admdvs", "text"),
    ("fixmedins_code", "text"), ("hosp_lv", "smallint"), ("med_type", "text"), ("setl_time", "timestamp"),
    ("begndate", "date"), ("enddate", "date"), ("year", "smallint"), ("clr_type", "text"), ("clr_way", "text"),
    ("clr_optins", "text"), ("mdtrt_cert_type", "text"), ("dise_no", "text"), ("invono", "text"),
    ("mid_setl_flag", "text"), ("acct_used_flag", "text"), ("ttp_pay_flag", "text"),
    ("refd_setl_flag", "text"), ("medfee_sumamt", "bigint"),
    ("fulamt_ownpay_amt", "bigint"), ("overlmt_selfpay", "bigint"), ("preselfpay_amt", "bigint"),
    ("inscp_amt", "bigint"), ("dedc_std", "bigint"), ("act_pay_dedc", "bigint"), ("pool_prop_selfpay", "integer"),
    ("hifp_pay", "bigint"), ("cvlserv_pay", "bigint"), ("hifes_pay", "bigint"), ("hifmi_pay", "bigint"),
    ("hifob_pay", "bigint"), ("hifdm_pay", "bigint"), ("maf_pay", "bigint"), ("othfund_pay", "bigint"),
    ("fund_pay_sumamt", "bigint"), ("psn_pay", "bigint"), ("acct_pay", "bigint"), ("acct_mulaid_pay", "bigint"),
    ("cash_payamt", "bigint"), ("ownpay_hosp_part", "bigint"), ("balc", "bigint"), ("pack_version", "text"),
    ("opter", "text"), ("accumulators", "jsonb"), ("funds", "jsonb"), ("explanation", "jsonb"),
)  # fmt: skip
LINE_COLUMNS: tuple[tuple[str, str], ...] = (
    ("feedetl_sn", "text"), ("init_feedetl_sn", "text"), ("chrg_bchno", "text"), ("rx_drord_no", "text"),
    ("fee_ocur_time", "timestamp"), ("med_list_codg", "text"), ("medins_list_codg", "text"),
    ("med_chrgitm_type", "text"), ("chrgitm_lv", "text"), ("cnt", "bigint"), ("pric", "bigint"),
    ("det_item_fee_sumamt", "bigint"), ("pric_uplmt_amt", "bigint"), ("selfpay_prop", "integer"),
    ("fulamt_ownpay_amt", "bigint"), ("overlmt_selfpay", "bigint"), ("preselfpay_amt", "bigint"),
    ("inscp_amt", "bigint"), ("lmt_used_flag", "text"), ("hosp_appr_flag", "text"), ("bilg_dept_codg", "text"),
    ("bilg_dr_code", "text"), ("prd_days", "integer"), ("details", "jsonb"), ("mark", "text"), ("mark_reason", "text"),
)  # fmt: skip
VISIT_COLUMNS: tuple[tuple[str, str], ...] = (
    ("mdtrt_id", "text"), ("psn_no", "text"), ("insutype", "text"), ("psn_type", "text"), ("insu_admdvs", "text"),
    ("mdtrtarea_admvs", "text"), ("fixmedins_code", "text"), ("hosp_lv", "smallint"), ("med_type", "text"),
    ("mdtrt_cert_type", "text"), ("ipt_otp_no", "text"), ("begntime", "timestamp"), ("endtime", "timestamp"),
    ("adm_dept_codg", "text"), ("chfpdr_code", "text"), ("dscg_maindiag_code", "text"), ("dise_no", "text"),
    ("matn_type", "text"), ("ttp_pay_flag", "text"), ("refl_old_mdtrt_id", "text"), ("refl_direction", "text"),
    ("filing", "text"), ("status", "text"), ("details", "jsonb"),
)  # fmt: skip


def names(columns: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(name for name, _ in columns)


def placeholders(columns: tuple[tuple[str, str], ...], first: int, suffix: str = "") -> str:
    return ", ".join(f"${first + i}::{kind}{suffix}" for i, (_, kind) in enumerate(columns))


JOURNAL_FIRST = len(BILL_COLUMNS) + 1
COMMON_PARAMETERS = 18
EXTRA_FIRST = JOURNAL_FIRST + COMMON_PARAMETERS


def common_parts() -> str:
    """Bill, journal, accumulators, accounts, inbox; parameters from JOURNAL_FIRST on."""
    p = [f"${JOURNAL_FIRST + i}" for i in range(COMMON_PARAMETERS)]
    return f"""
bill as (
  insert into settlement.settlement ({names(BILL_COLUMNS)}) values ({placeholders(BILL_COLUMNS, 1)})
), entry as (
  insert into ledger.entry (entry_id, booked_on, kind, reference, text)
  values ({p[0]}::bigint, {p[1]}::date, {p[2]}::text, $1::text, {p[3]}::text)
), postings as (
  insert into ledger.posting (entry_id, line_no, account, amount, party)
  select {p[0]}::bigint, line_no, account, amount, party
  from unnest({p[4]}::text[], {p[5]}::bigint[], {p[6]}::text[]) with ordinality as t (account, amount, party, line_no)
), totals as (
  insert into settlement.accumulator (psn_no, year, totals)
  select $5::text, year, totals from unnest({p[7]}::smallint[], {p[8]}::jsonb[]) as t (year, totals)
  on conflict (psn_no, year) do update set totals = excluded.totals
), inbox as (
  insert into core.inbox (sender, msgid, infno, digest, reply, reference, psn_no)
  values ({p[9]}::text, {p[10]}::text, {p[11]}::text, {p[12]}::bytea, {p[13]}::bytea, $1::text, $5::text)
), moved as (
  select population.move_accounts({p[14]}::text[], {p[15]}::bigint[], {p[16]}::text, $1::text, {p[17]}::text)
)"""


def sale_statement() -> str:
    """A pharmacy sale: visit and lines are new."""
    lines_first = EXTRA_FIRST + len(VISIT_COLUMNS)
    return f"""with visit as (
  insert into settlement.visit ({names(VISIT_COLUMNS)}) values ({placeholders(VISIT_COLUMNS, EXTRA_FIRST)})
), lines as (
  insert into settlement.fee_line (mdtrt_id, setl_id, {names(LINE_COLUMNS)})
  select $2::text, $1::text, * from unnest({placeholders(LINE_COLUMNS, lines_first, "[]")})
),{common_parts()} select * from moved"""


def visit_statement() -> str:
    """A visit or stay that stands already: its lines get their final amounts and the setl_id.

    An outpatient visit stays open while another charge batch waits for its bill.
    """
    p = [f"${EXTRA_FIRST + i}" for i in range(7)]
    return f"""with visit as (
  update settlement.visit v set endtime = coalesce(endtime, {p[1]}::timestamp), status = case
    when v.status = 'open' and exists (
      select from settlement.fee_line f
      where f.mdtrt_id = v.mdtrt_id and f.setl_id is null and not f.cancelled and f.bkkp_sn <> all ({p[2]}::bigint[]))
    then v.status else {p[0]}::text end
  where mdtrt_id = $2::text
), lines as (
  update settlement.fee_line f set setl_id = $1::text, fulamt_ownpay_amt = t.full_own, overlmt_selfpay = t.over_limit,
         preselfpay_amt = t.prepay, inscp_amt = t.in_scope
  from unnest({p[2]}::bigint[], {p[3]}::bigint[], {p[4]}::bigint[], {p[5]}::bigint[], {p[6]}::bigint[])
       as t (bkkp_sn, full_own, over_limit, prepay, in_scope)
  where f.bkkp_sn = t.bkkp_sn
),{common_parts()} select * from moved"""


def cancellation_statement() -> str:
    """A cancellation: the visit goes back to an earlier status."""
    return f"""with visit as (
  update settlement.visit set status = ${EXTRA_FIRST}::text where mdtrt_id = $2::text
),{common_parts()} select * from moved"""


SALE = sale_statement()
VISIT = visit_statement()
CANCELLATION = cancellation_statement()
SET_LINES_ASIDE = "update settlement.fee_line set cancelled = true where setl_id = $1"
COPY_LINES = f"""
insert into settlement.fee_line (mdtrt_id, {names(LINE_COLUMNS)})
select mdtrt_id, {names(LINE_COLUMNS)} from settlement.fee_line where setl_id = $1 order by bkkp_sn
"""


@dataclass(frozen=True, slots=True)
class Writing:
    """Everything one settlement writes besides visit and lines; `totals` are the accumulators before it."""

    bill: Bill
    entry_id: int
    postings: Sequence[Posting]
    accounts: Sequence[AccountUse]
    totals: dict[str, int]
    message: Message
    reply: bytes
    kind: str = "settlement"

    def parameters(self) -> list[Any]:
        """Parameters of the common parts in order; account amounts are signed (negative = spent)."""
        bill, message = self.bill, self.message
        after = totals_by_year(self.totals, bill.accumulators)
        accounts, amounts, parties = posting_columns(self.postings)
        return [
            *(getattr(bill, name) for name, _ in BILL_COLUMNS[:-2]),
            [fund_row(fund) for fund in bill.funds],
            bill.explanation,
            self.entry_id,
            bill.setl_time.date(),
            self.kind,
            f"{self.kind} {bill.med_type} {bill.fixmedins_code}",
            accounts,
            amounts,
            parties,
            list(after),
            list(after.values()),
            message.sender,
            message.msgid,
            message.infno,
            message.digest,
            self.reply,
            [use.payer for use in self.accounts],
            [-use.amount for use in self.accounts],
            self.kind,
            bill.psn_no,
        ]


def fund_row(fund: Any) -> dict[str, Any]:
    return {name: getattr(fund, name) for name in fund.__struct_fields__}


FROM_FEE = frozenset(FeeLine.__struct_fields__) - {"details"}
LINE_READERS = tuple(attrgetter(f"fee.{name}" if name in FROM_FEE else name) for name, _ in LINE_COLUMNS)


def line_parameters(lines: Sequence[PricedLine]) -> list[list[Any]]:
    """Columns of LINE_COLUMNS for `unnest`; a column stands in the fee as sent or in the priced line."""
    return [[read(line) for line in lines] for read in LINE_READERS]


async def write_sale(
    connection: Connection, writing: Writing, visit: dict[str, Any], lines: Sequence[PricedLine]
) -> None:
    """Write a pharmacy sale: one statement."""
    await connection.fetchrow(
        SALE, *writing.parameters(), *(visit[name] for name, _ in VISIT_COLUMNS), *line_parameters(lines)
    )


async def write_visit_settlement(
    connection: Connection,
    writing: Writing,
    status: str,
    end: datetime | None,
    numbers: Sequence[int],
    lines: Sequence[PricedLine],
) -> None:
    """Write the settlement of a visit or stay whose lines (`numbers` = bkkp_sn) stand already: one statement.

    `end` becomes the end of a visit that has none yet.
    """
    await connection.fetchrow(
        VISIT,
        *writing.parameters(),
        status,
        end,
        list(numbers),
        [line.fulamt_ownpay_amt for line in lines],
        [line.overlmt_selfpay for line in lines],
        [line.preselfpay_amt for line in lines],
        [line.inscp_amt for line in lines],
    )


async def write_cancellation(connection: Connection, writing: Writing, setl_id: str, status: str) -> None:
    """Write a negative settlement. The old lines stay with `setl_id`; unless the whole visit is cancelled, fresh
    copies wait to be settled anew or removed."""
    await connection.execute(SET_LINES_ASIDE, setl_id)
    if status != "cancelled":
        await connection.execute(COPY_LINES, setl_id)
    await connection.fetchrow(CANCELLATION, *writing.parameters(), status)


EMPTY: dict[str, Any] = {"jsonb": {}, "timestamp": None}


def new_visit_row(opening: VisitOpening, **known: Any) -> dict[str, Any]:
    """A row of settlement.visit from an opening and what else is known; columns not given are empty."""
    given = {name: getattr(opening, name) for name in opening.__struct_fields__} | known
    return {
        name: given.get(name, {} if kind == "jsonb" else None if kind == "timestamp" else "")
        for name, kind in VISIT_COLUMNS
    }

"""Where the bills and lines of findings come from: the platform's own settlements, or the lake that was audited.

What is copied is kept as it was when the finding was taken: the deduction rests on it, and pages show it.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from yibao.core.database import Connection
from yibao.settlement.booking import account_of
from yibao.supervision.model import Finding

FROM_SETTLEMENT = """
select setl_id, mdtrt_id, psn_no, fixmedins_code, insutype, med_type, setl_time, medfee_sumamt, inscp_amt,
       fund_pay_sumamt, funds
from settlement.settlement where setl_id = any($1::text[]) and init_setl_id is null
"""
WRITE_BILLS = """
insert into supervision.bill (setl_id, mdtrt_id, psn_no, fixmedins_code, insutype, med_type, setl_time, medfee_sumamt,
                              inscp_amt, fund_pay_sumamt, funds)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamp[],
                     $8::bigint[], $9::bigint[], $10::bigint[], $11::jsonb[])
on conflict (setl_id) do nothing
"""
LINE_COLUMNS = (
    "bkkp_sn", "setl_id", "fee_ocur_time", "med_list_codg", "med_chrgitm_type", "chrgitm_lv", "cnt", "pric",
    "det_item_fee_sumamt", "inscp_amt", "bilg_dept_codg", "bilg_dr_code",
)  # fmt: skip
COPY_LINES = f"""
insert into supervision.evidence_line ({", ".join(LINE_COLUMNS)})
select bkkp_sn::text, {", ".join(f"coalesce({name}, '')" if name == "setl_id" else name for name in LINE_COLUMNS[1:])}
from settlement.fee_line where bkkp_sn = any($1::bigint[])
on conflict (bkkp_sn) do nothing
"""
WRITE_LINES = f"""
insert into supervision.evidence_line ({", ".join(LINE_COLUMNS)})
select * from unnest($1::text[], $2::text[], $3::timestamp[], $4::text[], $5::text[], $6::text[], $7::bigint[],
                     $8::bigint[], $9::bigint[], $10::bigint[], $11::text[], $12::text[])
on conflict (bkkp_sn) do nothing
"""
POOLED = {"310": "employee_pooled.benefits", "390": "resident.benefits", "510": "maternity.benefits"}
OF_COLUMN = {
    "cvlserv_pay": "civil_servant.benefits", "hifes_pay": "enterprise.benefits",
    "hifmi_pay": "serious_illness.benefits", "hifob_pay": "large_amount.benefits",
    "hifdm_pay": "disabled_soldiers.benefits", "maf_pay": "medical_aid.benefits", "othfund_pay": "other.benefits",
}  # fmt: skip
"""Columns of a bill → expense account; `hifp_pay` goes to the pooled fund of the bill's `insutype`."""
AT_ONCE = 20_000
BILLS_OF_LAKE = f"""
select setl_id, mdtrt_id, psn_no, fixmedins_code, insutype, med_type, setl_time, medfee_sumamt, inscp_amt,
       fund_pay_sumamt, hifp_pay, {", ".join(OF_COLUMN)}
from read_parquet($1, hive_partitioning = false, union_by_name = true) where setl_id in (select key from wanted)
"""
LINES_OF_LAKE = """
select bkkp_sn, setl_id, fee_ocur_time, med_list_codg, coalesce(med_chrgitm_type, ''), coalesce(chrgitm_lv, ''),
       (cnt * 10000)::bigint, (pric * 10000)::bigint, det_item_fee_sumamt, inscp_amt, coalesce(bilg_dept_codg, ''),
       coalesce(bilg_dr_code, '')
from read_parquet($1, hive_partitioning = false, union_by_name = true) where bkkp_sn in (select key from wanted)
"""


class DatabaseBills:
    """Bills and lines of this installation."""

    async def copy(self, connection: Connection, findings: list[Finding]) -> None:
        """Copy what these findings need."""
        rows = await connection.fetch(FROM_SETTLEMENT, list({one.setl_id for one in findings if one.setl_id}))
        await write_bills(connection, [(*tuple(row)[:-1], funds_of_rows(row["funds"])) for row in rows])
        numbers = {int(sn) for one in findings for sn in one.bkkp_sn if sn.isascii() and sn.isdecimal()}
        await connection.execute(COPY_LINES, sorted(number for number in numbers if number < 2**63))


class LakeBills:
    """Bills and lines of the lake that was audited; copied once for all findings, by `prepare`."""

    def __init__(self, lake: Path) -> None:
        self.lake = lake

    async def prepare(self, connection: Connection, findings: Iterable[Finding]) -> None:
        """Read the lake once and copy what all findings need."""
        bills: set[str] = set()
        lines: set[str] = set()
        for one in findings:
            bills.add(one.setl_id)
            lines.update(one.bkkp_sn)
        for rows in self._rows("setl_d", BILLS_OF_LAKE, bills):
            await write_bills(connection, [(*row[:10], funds_of_columns(row)) for row in rows])
        for rows in self._rows("fee_list_d", LINES_OF_LAKE, lines):
            await connection.execute(WRITE_LINES, *(list(column) for column in zip(*rows, strict=True)))

    async def copy(self, connection: Connection, findings: list[Finding]) -> None:
        """Nothing more: `prepare` did it."""

    def _rows(self, table: str, query: str, keys: set[str]) -> Iterator[list[tuple[Any, ...]]]:
        import duckdb
        import pyarrow as pa

        with duckdb.connect(config={"memory_limit": "2GB", "threads": 2}) as connection:
            connection.register("wanted", pa.table({"key": pa.array(sorted(keys), pa.string())}))
            result = connection.execute(query, [str(self.lake / table / "**" / "*.parquet")])
            while rows := result.fetchmany(AT_ONCE):
                yield rows


async def write_bills(connection: Connection, rows: list[tuple[Any, ...]]) -> None:
    """Rows in the order of WRITE_BILLS; known bills stay as they are."""
    if rows:
        await connection.execute(WRITE_BILLS, *(list(column) for column in zip(*rows, strict=True)))


def funds_of_rows(rows: list[dict[str, Any]]) -> dict[str, int]:
    """What each fund paid, by expense account, from the fund rows of a settlement; accounts are no fund."""
    paid: dict[str, int] = {}
    for row in rows:
        if not row["column"].startswith("acct") and row["fund_payamt"]:
            account = account_of(row["fund_pay_type"])
            paid[account] = paid.get(account, 0) + int(row["fund_payamt"])
    return paid


def funds_of_columns(row: tuple[Any, ...]) -> dict[str, int]:
    """The same from a bill of the lake, row of BILLS_OF_LAKE."""
    accounts = (POOLED.get(row[4], "other.benefits"), *OF_COLUMN.values())
    return {account: int(amount) for account, amount in zip(accounts, row[10:], strict=True) if amount}

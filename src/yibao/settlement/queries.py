"""Bills as others read them: one with all that belongs to it, and a page of the list.

find_bill    one bill with person, institution, lines and the year's totals after it
list_bills   newest first, by number, person, institution, day
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from yibao.core.database import Connection
from yibao.settlement.cancellation import bill_of
from yibao.settlement.fee_lines import priced_line
from yibao.settlement.model import Bill, PricedLine
from yibao.settlement.services import catalogue_area

FIND = """
select s.*, to_jsonb(p) as person, to_jsonb(i) as institution,
       (select n.setl_id from settlement.settlement n where n.init_setl_id = s.setl_id) as cancelled_by
from settlement.settlement s
join population.person p using (psn_no) join directory.institution i using (fixmedins_code)
where s.setl_id = $1
"""
LINES = """
select l.*, coalesce(i.item_name, l.med_list_codg) as item_name
from settlement.fee_line l
left join lateral (
  select item_name from directory.item i
  where i.area = $2 and i.med_list_codg = l.med_list_codg and i.valid_from <= l.fee_ocur_time
  order by i.valid_from desc limit 1
) i on true
where l.setl_id = $1 order by l.bkkp_sn
"""
TOTALS_AFTER = """
select key, sum(value::bigint)::bigint as total
from (select a.key, a.value from settlement.settlement s, jsonb_each_text(s.accumulators) a
      where s.psn_no = $1 and s.year = $2 and s.created_at <= $3
      union all
      select a.key, a.value from settlement.accumulator t, jsonb_each_text(t.taken_over) a
      where t.psn_no = $1 and t.year = $2) every
group by key
"""
LIST = """
select s.setl_id, s.setl_time, s.psn_no, p.psn_name, s.fixmedins_code, i.fixmedins_name, s.med_type,
       s.medfee_sumamt, s.fund_pay_sumamt, s.psn_pay,
       case when s.init_setl_id is not null then 'negative'
            when exists (select 1 from settlement.settlement n where n.init_setl_id = s.setl_id) then 'cancelled'
            else 'settled' end as status
from (select * from settlement.settlement s where {conditions}
      order by s.setl_time desc, s.setl_id desc limit ${limit} offset ${offset}) s
join population.person p using (psn_no) join directory.institution i using (fixmedins_code)
order by s.setl_time desc, s.setl_id desc
"""
CONDITIONS = {
    "setl_id": "s.setl_id = {}",
    "psn_no": """s.psn_no = any(array(select psn_no from population.person where psn_no = {0}
      union select psn_no from population.person where certno = {0}))""",
    "fixmedins_code": "s.fixmedins_code = {}",
    "first_day": "s.setl_time >= {}::date",
    "last_day": "s.setl_time < {}::date + 1",
}
"""By field of `BillFilter`. Only what is asked for stands in the statement, so that each finds its index."""


@dataclass(frozen=True, slots=True)
class BillView:
    """One settlement with what a reader needs beside it; `cancels` and `cancelled_by` are settlement IDs."""

    bill: Bill
    person: Mapping[str, Any]
    institution: Mapping[str, Any]
    lines: tuple[PricedLine, ...]
    cancelled_by: str | None
    cancels: str | None
    totals_after: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class BillFilter:
    """What to look for; empty means everything. `psn_no` may be a certificate number; days are inclusive."""

    setl_id: str = ""
    psn_no: str = ""
    fixmedins_code: str = ""
    first_day: date | None = None
    last_day: date | None = None


async def find_bill(connection: Connection, setl_id: str) -> BillView | None:
    """The bill of this number, or None."""
    row = await connection.fetchrow(FIND, setl_id)
    if row is None:
        return None
    bill = bill_of(row)
    lines = await connection.fetch(LINES, setl_id, catalogue_area(bill.insu_admdvs))
    totals = await connection.fetch(TOTALS_AFTER, bill.psn_no, bill.year, row["created_at"])
    return BillView(
        bill,
        row["person"],
        row["institution"],
        tuple(_named(line) for line in lines),
        row["cancelled_by"],
        bill.init_setl_id,
        {total["key"]: total["total"] for total in totals},
    )


def _named(row: Any) -> PricedLine:
    """A line with the name its item had on the day of care."""
    return msgspec.structs.replace(priced_line(row), item_name=row["item_name"])


def list_statement(wanted: BillFilter, limit: int, offset: int) -> tuple[str, list[Any]]:
    """The list's statement and its parameters. Pure."""
    asked = {name: value for name in CONDITIONS if (value := getattr(wanted, name))}
    conditions = [CONDITIONS[name].format(f"${number}") for number, name in enumerate(asked, 1)]
    text = LIST.format(
        conditions=" and ".join(conditions) or "true", limit=len(conditions) + 1, offset=len(conditions) + 2
    )
    return text, [*asked.values(), limit, offset]


async def list_bills(connection: Connection, wanted: BillFilter, limit: int, offset: int = 0) -> list[Any]:
    """Rows with number, time, person, institution, care type, three sums (fen) and status, newest first."""
    text, parameters = list_statement(wanted, limit, offset)
    return list(await connection.fetch(text, *parameters))


CUMULATIVE = """
with bills as (
  select * from settlement.settlement
  where psn_no = $1 and ($2 = '' or year = left($2, 4)::int) and (length($2) < 6 or to_char(setl_time, 'YYYYMM') = $2)
), sums as (
  select insutype, year, 'C0000' as code, sum((a.value)::bigint) as total
  from bills, jsonb_each_text(accumulators) a where a.key like '%:admissions' and a.key not like 'stay:%' group by 1, 2
  union all select insutype, year, 'F0000', sum(medfee_sumamt) from bills group by 1, 2
  union all select insutype, year, 'Q0000', sum(act_pay_dedc) from bills group by 1, 2
  union all
  select insutype, year, 'D' || left(f ->> 'fund_pay_type', 5) || '1', sum((f ->> 'fund_payamt')::bigint)
  from bills, jsonb_array_elements(funds) f where f ->> 'column' not like 'acct%' group by 1, 2, 3
)
select insutype, year, code, total::bigint from sums order by year, insutype, code
"""
ADMISSIONS = "C0000"


async def cumulative(connection: Connection, psn_no: str, period: str = "") -> list[Any]:
    """What a person's bills add up to by kind (累计类别): C0000 admissions, F0000 fees, Q0000 deductible, D… by fund.

    `period` is empty for all years, a year "2024" or a month "202405"; amounts in fen. The codes are those of the
    national platform's accumulators (D310101 employees' pool, D390101 residents', D390201 serious illness …).
    """
    return list(await connection.fetch(CUMULATIVE, psn_no, period))

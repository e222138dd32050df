"""The roster that the bureau sends back to each employer every month (单位参保名册反馈), as xlsx.

    write_feedback(connection, emp_no, month, target)       one employer's file
    write_all(connection, insu_admdvs, month, folder)       every employer's, named by number and month

One line per person: enrolment, what the month was charged and whether it is paid, what goes to the account, benefits
on the last day of the month. Amounts are fen and stand as yuan. Raises `Refused` P143 for an unknown employer.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import IO, Any

from yibao.core.database import Connection
from yibao.core.months import first_of, last_of
from yibao.core.sheets import Heading, write_sheet
from yibao.population.enrolment import employers

HEADINGS = (
    Heading("人员编号", "identity"),
    Heading("证件号码", "identity"),
    Heading("姓名"),
    Heading("参保状态", width=10),
    Heading("参保日期", "date"),
    Heading("暂停日期", "date"),
    Heading("缴费基数", "money"),
    Heading("单位缴费", "money"),
    Heading("个人缴费", "money"),
    Heading("大额医疗费用补助", "money"),
    Heading("其中个人账户代扣", "money"),
    Heading("滞纳金", "money"),
    Heading("划入个人账户", "money"),
    Heading("缴费状态", width=10),
    Heading("缴费日期", "date"),
    Heading("月末待遇", width=12),
)
LINES = """
select e.psn_no, p.certno, p.psn_name,
       case e.psn_insu_stas when '1' then '正常参保' when '2' then '暂停参保' else '终止参保' end,
       e.begndate, case when e.psn_insu_stas = '2' then e.paus_date else e.enddate end,
       c.base, c.employer, c.personal, c.serious, c.account_charge, c.interest, c.to_account,
       case c.status when 'due' then '应缴未缴' when 'paid' then '已缴' else '未申报' end, c.paid_on,
       case v.state when 'covered' then '正常享受' when 'waiting' then '等待期' else '不享受' end
from population.enrolment e join population.person p using (psn_no)
left join population.contribution c
  on c.psn_no = e.psn_no and c.insutype = e.insutype and c.period_from = $2 and c.emp_no = e.emp_no
  and c.status in ('due', 'paid')
left join lateral (
  select state from population.coverage v
  where v.psn_no = e.psn_no and v.insutype = e.insutype and v.begndate <= $3 and (v.enddate is null or v.enddate >= $3)
  order by v.begndate desc limit 1) v on true
where e.emp_no = $1 and e.insutype = '310' and e.begndate <= $3
  and (e.enddate is null or e.enddate >= $2) and (e.psn_insu_stas <> '2' or e.paus_date >= $2)
order by e.psn_no, e.begndate
"""


async def lines_of(connection: Connection, emp_no: str, month: date) -> Sequence[Any]:
    """The lines of an employer's roster in the order of `HEADINGS`."""
    return await connection.fetch(LINES, emp_no, first_of(month), last_of(month))


async def write_feedback(connection: Connection, emp_no: str, month: date, target: Path | IO[bytes]) -> int:
    """Write one employer's roster; returns the number of persons."""
    employer = await employers.employer(connection, emp_no)
    note = f"{employer.emp_name}（{emp_no}） {month:%Y-%m}"
    return write_sheet(
        target, "单位参保名册", HEADINGS, map(tuple, await lines_of(connection, emp_no, month)), note=note
    )


async def write_all(connection: Connection, insu_admdvs: str, month: date, folder: Path) -> int:
    """Write the rosters of every employer of a city into `folder`; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = await employers.employers_of(connection, insu_admdvs, first_of(month), last_of(month))
    for emp_no in numbers:
        await write_feedback(connection, emp_no, month, folder / f"{emp_no}-{month:%Y-%m}.xlsx")
    return len(numbers)

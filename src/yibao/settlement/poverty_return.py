"""Poverty-return warning (防返贫预警): whose own burden of a year stays high after every layer has paid.

    warnings(connection, admdvs, year, day)                who is above the area's threshold and was not told yet
    tell(connection, admdvs, year, day, actor)             the list to the departments that the area names

The burden is what the person paid of all bills of the year, cancellations taken off. A person is told again only when
the burden has risen by the area's step since.
"""

import io
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.core.database import Connection
from yibao.core.money import fen_from_yuan
from yibao.core.sheets import Heading, write_sheet
from yibao.population.rosters.exchange import send
from yibao.population.rosters.matching import PATIENCE
from yibao.population.rosters.receiving import prepare_for_bulk
from yibao.population.rules import rules_of

BURDENS = """
with burden as (
  select psn_no, sum(psn_pay)::bigint as burden, sum(medfee_sumamt)::bigint as total,
         sum(fund_pay_sumamt)::bigint as paid, count(*) filter (where init_setl_id is null)::int as bills
  from settlement.settlement
  where year = $2 and starts_with(insu_admdvs, case when $1 like '%00' then left($1, 4) else $1 end)
  group by psn_no having sum(psn_pay) >= $3
)
select b.psn_no, p.certno, p.psn_name, p.live_area, p.tel, b.burden, b.total, b.paid, b.bills,
       array(select distinct t.tag from population.identity_tag t where t.psn_no = b.psn_no and t.begntime <= $4
               and coalesce(t.endtime, 'infinity') >= $4 order by t.tag) as tags,
       w.burden as told
from burden b join population.person p using (psn_no)
left join population.poverty_warning w on w.psn_no = b.psn_no and w.year = $2
where p.die_date is null order by b.burden desc, b.psn_no
"""
TOLD = """
insert into population.poverty_warning (psn_no, year, burden, threshold)
select psn_no, $2, burden, threshold
from unnest($1::text[], $3::bigint[], $4::bigint[]) as t (psn_no, burden, threshold)
on conflict (psn_no, year) do update
set burden = excluded.burden, threshold = excluded.threshold, told_at = now()
"""
HEADINGS = (
    Heading("人员编号", width=22),
    Heading("证件号码", "identity"),
    Heading("姓名"),
    Heading("居住地"),
    Heading("现有身份", width=24),
    Heading("医疗费总额", "money"),
    Heading("各项制度支付", "money"),
    Heading("个人负担", "money"),
    Heading("预警标准", "money"),
    Heading("结算笔数", "integer"),
)


@dataclass(frozen=True, slots=True)
class Warned:
    """One person above a threshold; amounts fen, of the whole year."""

    psn_no: str
    certno: str
    psn_name: str
    area: str
    tags: tuple[str, ...]
    total: int
    paid: int
    burden: int
    threshold: int
    bills: int


async def warnings(connection: Connection, admdvs: str, year: int, day: date) -> list[Warned]:
    """Who is to be told about, the highest burden first. Raises `Refused` P001 where the area has no threshold."""
    rule = rules_of(admdvs).on("poverty_warning", day)
    lowest = min(fen_from_yuan(one["yuan"]) for one in rule["thresholds"])
    await prepare_for_bulk(connection)
    found = []
    for row in await connection.fetch(BURDENS, admdvs, year, lowest, day, timeout=PATIENCE):
        threshold = threshold_of(rule, row["tags"])
        again = fen_from_yuan(rule["again_after_yuan"])
        if row["burden"] >= threshold and (row["told"] is None or row["burden"] - row["told"] >= again):
            who = (row["psn_no"], row["certno"], row["psn_name"], row["live_area"], tuple(row["tags"]))
            found.append(Warned(*who, row["total"], row["paid"], row["burden"], threshold, row["bills"]))
    return found


def threshold_of(rule: dict[str, Any], tags: list[str]) -> int:
    """Fen; the first threshold that names one of the tags, else the one for everybody. Pure."""
    for one in rule["thresholds"]:
        if not one["tags"] or set(one["tags"]) & set(tags):
            return fen_from_yuan(one["yuan"])
    raise ValueError("the rule poverty_warning has no threshold for everybody: add one with `tags: []`")


async def tell(connection: Connection, admdvs: str, year: int, day: date, actor: str) -> list[Warned]:
    """Send the list through the exchange and remember who was on it, in the caller's transaction."""
    found = await warnings(connection, admdvs, year, day)
    if not found:
        return []
    file = io.BytesIO()
    write_sheet(file, "防返贫预警名单", HEADINGS, map(_row, found), note=f"{year}年度　截至{day}　金额单位：元")
    for receiver in rules_of(admdvs).on("poverty_warning", day)["receivers"]:
        name = f"防返贫预警名单-{day:%Y%m%d}.xlsx"
        await send(connection, admdvs, receiver, "poverty_return", name, file.getvalue(), len(found), actor)
    columns = ([one.burden for one in found], [one.threshold for one in found])
    await connection.execute(TOLD, [one.psn_no for one in found], year, *columns)
    return found


def _row(one: Warned) -> tuple[Any, ...]:
    who = (one.psn_no, one.certno, one.psn_name, one.area, "、".join(one.tags))
    return (*who, one.total, one.paid, one.burden, one.threshold, one.bills)

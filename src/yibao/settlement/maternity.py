"""Maternity allowance (生育津贴) without an application (免申即享): proposals from settled deliveries of employees.

    outcomes = await propose(connection, packs, since, until)     settled in [since, until); may be repeated
    rows = await proposals(connection, emp_no="", status="")      what is to be paid, for lists and pages

Amount: the employer's average monthly contribution base of the year before ÷ 30 × days, as the area's pack says. One
proposal per delivery; when its bill is cancelled the proposal is withdrawn, and a new bill proposes anew. Nothing is
paid here.
Left out, with a reason in words: no employer (E131), no base of the year before (E132), no rule in the pack (E133).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.benefits import Facts
from yibao.benefits.book import PackBook
from yibao.benefits.other_rules import MissingRule, maternity_allowance, maternity_days
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.money import divide_half_up
from yibao.population.rules import rules_of
from yibao.settlement.facts import DELIVERY_OF

SETTLED = """
select distinct on (v.mdtrt_id) v.mdtrt_id, s.setl_id, v.psn_no, s.insu_admdvs, v.matn_type, v.details,
       s.enddate as delivered_on, e.emp_no
from settlement.settlement s join settlement.visit v using (mdtrt_id)
left join lateral (
  select emp_no from population.enrolment e where e.psn_no = v.psn_no and e.insutype = '310'
    and e.psn_insu_stas <> '3' and e.begndate <= s.enddate and (e.enddate is null or e.enddate >= s.enddate)
  order by e.begndate desc limit 1) e on true
where s.setl_time >= $1 and s.setl_time < $2 and s.init_setl_id is null and s.insutype = '310' and s.psn_type <> '12'
  and v.matn_type in ('1', '2', '3', '4', '5', '6') and v.begntime >= $1::date - 366
  and not exists (select from settlement.settlement c where c.init_setl_id = s.setl_id)
  and not exists (select from settlement.maternity_proposal m where m.mdtrt_id = v.mdtrt_id and m.status <> 'withdrawn')
order by v.mdtrt_id, s.setl_time desc
"""
"""matn_type 1 to 6 end a pregnancy, 7 is prenatal care."""
BASES = """
select coalesce(sum(base), 0)::bigint as total, count(*) as months from population.contribution
where emp_no = $1 and period_from >= $2 and period_from < $3 and insutype = '310' and base > 0
  and status in ('due', 'paid')
"""
WRITE = """
insert into settlement.maternity_proposal (mdtrt_id, setl_id, psn_no, emp_no, payee, delivered_on, delivery, fetuses,
  days, monthly_wage, amount)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (mdtrt_id) do update
set (setl_id, emp_no, payee, delivered_on, delivery, fetuses, days, monthly_wage, amount, status, reason, proposed_at)
  = (excluded.setl_id, excluded.emp_no, excluded.payee, excluded.delivered_on, excluded.delivery, excluded.fetuses,
     excluded.days, excluded.monthly_wage, excluded.amount, 'proposed', '', now())
where maternity_proposal.status = 'withdrawn'
"""
WITHDRAW = """
update settlement.maternity_proposal m set status = 'withdrawn', reason = '结算已撤销'
where m.status = 'proposed' and exists (select from settlement.settlement c where c.init_setl_id = m.setl_id)
"""
LIST = """
select m.mdtrt_id, m.setl_id, m.psn_no, p.psn_name, m.emp_no, e.emp_name, m.payee, m.delivered_on, m.delivery,
       m.fetuses, m.days, m.monthly_wage, m.amount, m.status, m.reason
from settlement.maternity_proposal m
join population.person p using (psn_no) left join population.employer e using (emp_no)
where ($1 = '' or m.emp_no = $1) and ($2 = '' or m.status = $2) order by m.delivered_on desc, m.mdtrt_id limit $3
"""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One allowance to be paid: days × wage / 30 in fen; employer of the person or none."""

    mdtrt_id: str
    setl_id: str
    psn_no: str
    psn_name: str
    emp_no: str | None
    emp_name: str | None
    payee: str
    delivered_on: date
    delivery: str
    fetuses: int
    days: int
    monthly_wage: int
    amount: int
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one settled delivery: an amount in fen, or why none is proposed."""

    mdtrt_id: str
    psn_no: str
    amount: int = 0
    left_out: Refusal | None = None


async def propose(connection: Connection, packs: PackBook, since: date, until: date) -> list[Outcome]:
    """Propose the allowance of every delivery settled from `since` to before `until`; repeating changes nothing."""
    await connection.execute(WITHDRAW)
    rows = await connection.fetch(SETTLED, since, until)
    return [await _propose_one(connection, packs, row) for row in rows]


async def proposals(
    connection: Connection, emp_no: str = "", status: str = "proposed", limit: int = 500
) -> Sequence[Proposal]:
    """The newest proposals of one employer, or of all; `status` "" for every one."""
    return [Proposal(**row) for row in await connection.fetch(LIST, emp_no, status, limit)]


async def average_wage(connection: Connection, emp_no: str, year: int) -> int | None:
    """The employer's average monthly contribution base of a year, fen; None when nothing was declared."""
    row: Any = await connection.fetchrow(BASES, emp_no, date(year, 1, 1), date(year + 1, 1, 1))
    return divide_half_up(row["total"], row["months"]) if row["months"] else None


async def _propose_one(connection: Connection, packs: PackBook, row: Any) -> Outcome:
    try:
        return await _write(connection, packs, row)
    except Refused as error:
        return Outcome(row["mdtrt_id"], row["psn_no"], left_out=error.refusals[0])


async def _write(connection: Connection, packs: PackBook, row: Any) -> Outcome:
    """Write one proposal; raises `Refused` with why there is none."""
    emp_no, day = row["emp_no"], row["delivered_on"]
    if emp_no is None:
        raise Refused(Refusal("E131", "生育时没有参保单位", "灵活就业人员按本地规定办理", "emp_no"))
    wage = await average_wage(connection, emp_no, day.year - 1)
    if wage is None:
        raise Refused(Refusal("E132", f"参保单位没有{day.year - 1}年度的缴费基数", "请单位补报后重新核算", "emp_no"))
    delivery, fetuses = DELIVERY_OF[row["matn_type"]], max(1, int(row["details"].get("fetus_cnt") or 1))
    facts = Facts(insurance="employee", care="maternity_inpatient", delivery=delivery, fetuses=fetuses)
    pack = packs.pack_of(row["insu_admdvs"])
    try:
        days = maternity_days(pack, facts, day)
        amount = maternity_allowance(pack, wage, days)
    except MissingRule as error:
        text = "本地待遇政策没有生育津贴规则"
        raise Refused(Refusal("E133", text, "请在待遇政策包中补充", "maternity_allowance")) from error
    payee = rules_of(row["insu_admdvs"]).on("maternity_allowance_payee", day)
    told = (payee, day, delivery, fetuses, days, wage, amount)
    await connection.execute(WRITE, row["mdtrt_id"], row["setl_id"], row["psn_no"], emp_no, *told)
    return Outcome(row["mdtrt_id"], row["psn_no"], amount)

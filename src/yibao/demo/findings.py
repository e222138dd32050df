"""Findings on the desks of supervision in the made-up city: one hospital's, in every state, and last month's statement.

They stand on real bills of the city. What they find is made up and says so; a real audit comes with `yibao audit run`.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.money import yuan_text
from yibao.core.months import plus_months
from yibao.supervision.casework import answering, decision, experts, review, statements
from yibao.supervision.casework.bills import DatabaseBills
from yibao.supervision.casework.decision import Ruling
from yibao.supervision.casework.experts import Expert
from yibao.supervision.casework.moves import Actor
from yibao.supervision.casework.taking import take
from yibao.supervision.findings import finding_id
from yibao.supervision.model import Finding
from yibao.web import accounts
from yibao.web.accounts import Visitor

MOST, LEAST = 120, 16
"""Findings of the demo; with fewer bills than `LEAST` there is nothing to show."""
RULES = (
    ("N24", "演示：重复收费", "violation"),
    ("N01", "演示：限定性别", "violation"),
    ("X01", "演示：用量异常", "suspect"),
)
EXPERTS = (
    Expert("expert", "演示专家周", "心血管内科"), Expert("expert2", "演示专家吴", "普通外科"),
    Expert("expert3", "演示专家郑", "临床药学"), Expert("expert4", "演示专家王", "检验医学"),
)  # fmt: skip
REVIEWER, SECOND = Actor("reviewer", "reviewer"), Actor("second_reviewer", "second_reviewer")
CLERK = Actor("clerk", "clerk")
BUSIEST = """
select s.fixmedins_code, i.fixmedins_name from settlement.settlement s
join directory.institution i using (fixmedins_code)
where s.fund_pay_sumamt > 0 and i.fixmedins_type = '1' and i.admdvs like '3406%'
group by 1, 2 order by count(*) desc, 1 limit 1
"""
LINES = """
select s.setl_id, s.mdtrt_id, s.psn_no, s.fixmedins_code, l.bkkp_sn, l.inscp_amt, l.bilg_dr_code, l.med_list_codg
from settlement.settlement s
join lateral (select * from settlement.fee_line f where f.setl_id = s.setl_id and f.inscp_amt > 100
              order by f.inscp_amt desc, f.bkkp_sn limit 1) l on true
where s.fixmedins_code = $1 and s.fund_pay_sumamt > 0 and s.init_setl_id is null
  and not exists (select from settlement.settlement c where c.init_setl_id = s.setl_id)
order by s.setl_id limit $2
"""


async def add_findings(connection: Connection, today: date) -> list[Visitor]:
    """Findings in every state; the users who work on them. Nothing without a hospital that has bills."""
    place = await connection.fetchrow(BUSIEST)
    if place is None:
        return []
    rows = await connection.fetch(LINES, place["fixmedins_code"], MOST)
    if len(rows) < LEAST:
        return []
    some = [_finding(number, row) for number, row in enumerate(rows)]
    for expert in EXPERTS:
        await experts.save_expert(connection, expert)
    office = Actor("institution", "institution", place["fixmedins_code"])
    last = plus_months(today, -1)
    with dates.clock_at(datetime.combine(last, time(9)) + timedelta(days=9)):
        await _ended(connection, office, some[: len(some) // 3])
    for one in await statements.make_all(connection, CLERK, last):
        await statements.post(connection, CLERK, one.statement_no)
    await _on_the_way(connection, office, some[len(some) // 3 :])
    return [
        Visitor("institution", f"演示医院医保办（{place['fixmedins_name']}）", accounts.INSTITUTION,
                fixmedins_code=place["fixmedins_code"]),
        Visitor("reviewer", "演示初审人员", accounts.REVIEWER),
        Visitor("second_reviewer", "演示复审人员", accounts.SECOND_REVIEWER),
        Visitor("expert", "演示评审专家", accounts.EXPERT),
        Visitor("inspector", "演示监管人员", accounts.INSPECTOR),
    ]  # fmt: skip


def _finding(number: int, row: Any) -> Finding:
    rule, _, severity = RULES[number % len(RULES)]
    number_of_line = str(row["bkkp_sn"])
    text = f"演示疑点：项目 {row['med_list_codg']} 一行费用待核实，涉及{yuan_text(row['inscp_amt'])}元"
    return Finding(
        finding_id=finding_id(rule, "demo", number_of_line), rule_id=rule, kp_id="demo",
        severity="violation" if severity == "violation" else "suspect", setl_id=row["setl_id"],
        mdtrt_id=row["mdtrt_id"], bkkp_sn=(number_of_line,), psn_no=row["psn_no"],
        fixmedins_code=row["fixmedins_code"], bilg_dr_code=row["bilg_dr_code"], stake=row["inscp_amt"],
        amount=row["inscp_amt"], reason=text, evidence={}, run_id="demo",
    )  # fmt: skip


def _named(rule_id: str) -> tuple[str, str]:
    return next(((name, "") for number, name, _ in RULES if number == rule_id), ("", ""))


async def _taken(connection: Connection, findings: list[Finding]) -> list[str]:
    await take(connection, findings, "demo", DatabaseBills(), named=_named, whole=False)
    return [one.finding_id for one in findings]


async def _ended(connection: Connection, office: Actor, findings: list[Finding]) -> None:
    """Last month's: half accepted, the rest appealed and decided."""
    ids = await _taken(connection, findings)
    await review.issue(connection, REVIEWER, ids)
    half, upheld, part = len(ids) // 2, len(ids) * 3 // 4, len(ids) * 7 // 8
    await answering.accept(connection, office, ids[:half])
    await answering.appeal(connection, office, ids[half:], "演示申诉：病历有相应医嘱和记录")
    await decision.decide(connection, SECOND, ids[half:upheld], Ruling("upheld", "演示：病历中没有相应医嘱"))
    await decision.decide(connection, SECOND, ids[upheld:part], Ruling("partly", "演示：一半有依据", share=5_000))
    await decision.decide(connection, SECOND, ids[part:], Ruling("dismissed", "演示：双侧手术，收费属实"))


async def _on_the_way(connection: Connection, office: Actor, findings: list[Finding]) -> None:
    """This month's: a quarter new, half waiting for the institution, some appealed, a few with the experts."""
    ids = await _taken(connection, findings)
    quarter = len(ids) // 4
    await review.issue(connection, REVIEWER, ids[quarter:])
    appealed = ids[-quarter:]
    await answering.appeal(connection, office, appealed, "演示申诉：病历有相应医嘱和记录")
    await experts.ask(connection, SECOND, appealed[: max(1, quarter // 4)], 2, "演示：需专业判断")

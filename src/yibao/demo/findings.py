"""Findings on the desks of supervision in the made-up city: one hospital's, in every state, and last month's statement.

put_slips      bills that break published limits, before the lake is loaded (`slips`)
audit          the lake's last months by real rules with the published points
add_findings   one hospital's findings taken, reviewed, answered, decided; last month's statement booked
"""

from datetime import date, datetime, time, timedelta
from pathlib import Path

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.months import first_of, plus_months
from yibao.supervision.casework import answering, decision, experts, review, statements
from yibao.supervision.casework.bills import LakeBills
from yibao.supervision.casework.decision import Ruling
from yibao.supervision.casework.experts import Expert
from yibao.supervision.casework.moves import Actor
from yibao.supervision.casework.taking import findings_of, of_catalogue, take
from yibao.supervision.rulebook import Rulebook
from yibao.web import accounts
from yibao.web.accounts import Visitor

LEAST = 16
"""With fewer findings there is nothing to show."""
EXPERTS = (
    Expert("expert", "演示专家周", "心血管内科"), Expert("expert2", "演示专家吴", "普通外科"),
    Expert("expert3", "演示专家郑", "临床药学"), Expert("expert4", "演示专家王", "检验医学"),
)  # fmt: skip
REVIEWER, SECOND = Actor("reviewer", "reviewer"), Actor("second_reviewer", "second_reviewer")
CLERK = Actor("clerk", "clerk")
NAME = "select fixmedins_name from directory.institution where fixmedins_code = $1"
LOADED = """
select setl_id from settlement.settlement s where setl_id = any($1::text[]) and fund_pay_sumamt > 0
order by setl_time, setl_id
"""


def audit(lake: Path, out: Path, book: Rulebook, today: date) -> None:
    """Audit this month and the one before."""
    from yibao.supervision.audit.run import run_audit

    run_audit(lake, book, out, months=(first_of(plus_months(today, -1)), first_of(today)))


async def add_findings(connection: Connection, lake: Path, out: Path, hospital: str, today: date) -> list[Visitor]:
    """Findings of an audit in every state; the users who work on them. Nothing when there are too few."""
    found = [one for one in findings_of(out) if one.fixmedins_code == hospital]
    name = await connection.fetchval(NAME, hospital)
    bills = [row["setl_id"] for row in await connection.fetch(LOADED, [one.setl_id for one in found])]
    some = sorted((one for one in found if one.setl_id in set(bills)), key=lambda one: bills.index(one.setl_id))
    if len(some) < LEAST or name is None:
        return []
    source = LakeBills(lake)
    await source.prepare(connection, some)
    await take(connection, some, "demo", source, named=of_catalogue, whole=False)
    await _on_desks(connection, Actor("institution", "institution", hospital), [one.finding_id for one in some], today)
    return [
        Visitor("institution", f"演示医院医保办（{name}）", accounts.INSTITUTION, fixmedins_code=hospital),
        Visitor("reviewer", "演示初审人员", accounts.REVIEWER),
        Visitor("second_reviewer", "演示复审人员", accounts.SECOND_REVIEWER),
        Visitor("expert", "演示评审专家", accounts.EXPERT),
        Visitor("inspector", "演示监管人员", accounts.INSPECTOR),
    ]


async def _on_desks(connection: Connection, office: Actor, ids: list[str], today: date) -> None:
    """The earliest third ended last month, with its statement; the others are on their way."""
    for expert in EXPERTS:
        await experts.save_expert(connection, expert)
    ended, last_day = len(ids) // 3, first_of(today) - timedelta(days=1)
    with dates.clock_at(datetime.combine(last_day, time(9))):
        await _ended(connection, office, ids[:ended])
    for one in await statements.make_all(connection, CLERK, first_of(last_day)):
        await statements.post(connection, CLERK, one.statement_no)
    await _on_the_way(connection, office, ids[ended:])


async def _ended(connection: Connection, office: Actor, ids: list[str]) -> None:
    """Last month's: half accepted, the rest appealed and decided."""
    await review.issue(connection, REVIEWER, ids)
    half, upheld, part = len(ids) // 2, len(ids) * 3 // 4, len(ids) * 7 // 8
    await answering.accept(connection, office, ids[:half])
    await answering.appeal(connection, office, ids[half:], "演示申诉：病历有相应医嘱和记录")
    await decision.decide(connection, SECOND, ids[half:upheld], Ruling("upheld", "演示：病历中没有相应医嘱"))
    await decision.decide(connection, SECOND, ids[upheld:part], Ruling("partly", "演示：一半有依据", share=5_000))
    await decision.decide(connection, SECOND, ids[part:], Ruling("dismissed", "演示：编码录错，实际用药不受限"))


async def _on_the_way(connection: Connection, office: Actor, ids: list[str]) -> None:
    """This month's: a quarter new, half waiting for the institution, some appealed, a few with the experts."""
    quarter = len(ids) // 4
    await review.issue(connection, REVIEWER, ids[quarter:])
    appealed = ids[-quarter:]
    await answering.appeal(connection, office, appealed, "演示申诉：病历有相应医嘱和记录")
    await experts.ask(connection, SECOND, appealed[: max(1, quarter // 4)], 2, "演示：需专业判断")

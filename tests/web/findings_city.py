"""Findings of the tests' city: on the old man's stay and the employee's purchase, one in every state."""

from datetime import date, datetime, timedelta
from typing import Any

from yibao.core import dates
from yibao.core.months import plus_months
from yibao.supervision.casework import answering, experts, review, statements
from yibao.supervision.casework.attachments import Upload
from yibao.supervision.casework.bills import DatabaseBills
from yibao.supervision.casework.experts import Expert
from yibao.supervision.casework.moves import Actor
from yibao.supervision.casework.taking import take
from yibao.supervision.model import Finding

REVIEWER, SECOND = Actor("reviewer", "reviewer"), Actor("second_reviewer", "second_reviewer")
CLERK = Actor("clerk", "clerk")
LINES = "select bkkp_sn from settlement.fee_line where setl_id = $1 order by bkkp_sn"
ISSUED = 3
NAMES = {
    "N24": ("同一项目重复收费", "《医疗保障基金使用监督管理条例》第三十八条"),
    "N01": ("限性别用药", "药品目录限定支付范围"),
}


def finding(number: str, setl_id: str, institution: str, lines: tuple[str, ...], amount: int, **more: Any) -> Finding:
    given = {
        "finding_id": number, "rule_id": "N24", "kp_id": "", "severity": "violation", "setl_id": setl_id,
        "mdtrt_id": "", "bkkp_sn": lines, "psn_no": "340600000000000001", "fixmedins_code": institution,
        "bilg_dr_code": "D340600000001", "stake": amount, "amount": amount,
        "reason": f"同一天“血细胞分析（五分类）”收费3次，超出2次，涉及{amount / 100:.2f}元", "evidence": {"times": 3},
    }  # fmt: skip
    return Finding(**(given | more))


def named(rule_id: str) -> tuple[str, str]:
    return NAMES.get(rule_id, ("", ""))


def last_month() -> datetime:
    return datetime.combine(plus_months(dates.today(), -1), datetime.min.time()) + timedelta(days=9, hours=9)


async def add_findings(connection: Any, bills: dict[str, str], institution: str, pharmacy: str) -> None:
    """`new1…`, `issued1…`, `appealed1`, `opinion1`, `accepted1` of last month with its statement, `suspect1`."""
    office = Actor("institution", "institution", institution)
    lines = tuple(str(row["bkkp_sn"]) for row in await connection.fetch(LINES, bills["stay"]))
    await experts.save_expert(connection, Expert("expert", "周明", "心血管内科"))
    with dates.clock_at(last_month()):
        old = [finding("accepted1", bills["stay"], institution, lines[:1], 2_000)]
        await take(connection, old, "last", DatabaseBills(), named=named)
        await review.issue(connection, REVIEWER, ["accepted1"])
        await answering.accept(connection, office, ["accepted1"])
    made = await statements.make(connection, CLERK, institution, last_month().date().replace(day=1))
    await statements.post(connection, CLERK, made.statement_no)
    issued = [f"issued{number}" for number in range(1, ISSUED + 1)]
    names = ["new1", "new2", *issued, "appealed1", "opinion1"]
    some = [finding(name, bills["stay"], institution, lines[4:8], 4_000) for name in names]
    some.append(
        finding(
            "suspect1", bills["pharmacy"], pharmacy, (), 1_500, rule_id="N01", severity="suspect",
            psn_no="340600000000000002", reason="女性使用限男性药品1次，涉及15.00元",
        )
    )  # fmt: skip
    await take(connection, some, "this", DatabaseBills(), named=named)
    await review.issue(connection, REVIEWER, [*issued, "appealed1", "opinion1"])
    file = Upload("病历.pdf", b"%PDF-1.7 pages of a patient's record")
    await answering.appeal(connection, office, ["appealed1", "opinion1"], "两次为复查，附病历", [file])
    await experts.ask(connection, SECOND, ["opinion1"], 1)


def statement_no(institution: str) -> str:
    month: date = last_month().date()
    return f"K{month:%Y%m}{institution}-1"

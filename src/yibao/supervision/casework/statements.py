"""Deduction statements (扣款通知书): what an institution's findings of a month cost it, booked once, reversible.

    make       a draft of the findings that ended in the month; made again, it is drawn up anew
    post       debit what is payable to the institution, credit the expense of the funds that had paid
    reverse    the negative entry; the findings are free for a new version

The entry lowers expense instead of raising an income, because the fees were never the fund's to pay.

Refusals: V451 the month is not over, V452 nothing to deduct, V453 no such statement, V454 not a draft, V455 decided
by the one who posts, V456 not posted, V457 the draft is outdated; V404, V406 as in `moves`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.months import plus_months
from yibao.ledger import Entry, Posting, book
from yibao.ledger.entry import negated
from yibao.settlement.booking import PAYABLE
from yibao.supervision.casework.moves import DEDUCTED, Actor, check_reason, check_role
from yibao.supervision.casework.shares import BillFunds

ENTRY, REVERSAL = "deduction", "deduction_reversal"
POSTERS = ("clerk", "reviewer", "second_reviewer")
LOCK = "select pg_advisory_xact_lock(hashtextextended('yibao deductions', 0))"
STANDING = """
select * from supervision.deduction_statement where fixmedins_code = $1 and month = $2 order by version desc limit 1
"""
ONE = "select * from supervision.deduction_statement where statement_no = $1"
ENDED = """
select f.finding_id, f.setl_id, f.upheld, coalesce(b.inscp_amt, 0) as inscp_amt,
       coalesce(b.fund_pay_sumamt, 0) as fund_pay_sumamt, coalesce(b.funds, '{}') as funds
from supervision.finding f left join supervision.bill b using (setl_id)
where f.fixmedins_code = $1 and f.state = 'closed' and f.closed_at >= $2 and f.closed_at < $3
  and f.outcome = any($4::text[]) and f.upheld > 0
  and not exists (select from supervision.deduction_line l where l.finding_id = f.finding_id and l.live)
  and not exists (select from settlement.settlement c where c.init_setl_id = f.setl_id)
order by f.closed_at, f.finding_id
"""
TAKEN = "select setl_id, funds from supervision.deduction_line where setl_id = any($1::text[]) and live"
INSTITUTIONS = """
select distinct fixmedins_code from supervision.finding
where state = 'closed' and closed_at >= $1 and closed_at < $2 and outcome = any($3::text[]) and upheld > 0
order by fixmedins_code
"""
DRAFTS_WITH = """
select distinct statement_no
from supervision.deduction_line l join supervision.deduction_statement s using (statement_no)
where l.finding_id = any($1::text[]) and l.live and s.status = 'draft'
"""
DROP_DRAFT = """
delete from supervision.deduction_statement where statement_no = $1 and status = 'draft'
"""
DROP_LINES = "delete from supervision.deduction_line where statement_no = $1"
WRITE = """
insert into supervision.deduction_statement
  (statement_no, fixmedins_code, month, version, findings, upheld, deduct, funds, made_by, made_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
WRITE_LINES = """
insert into supervision.deduction_line (statement_no, finding_id, setl_id, upheld, deduct, funds)
select $1, * from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::jsonb[])
"""
LINES = """
select l.finding_id, l.setl_id, l.upheld, l.deduct, l.funds, f.rule_id, f.rule_name, f.clause, f.reason, f.outcome,
       f.psn_no, f.decided_by, f.closed_at, f.state, f.upheld as upheld_now
from supervision.deduction_line l join supervision.finding f using (finding_id)
where l.statement_no = $1 order by f.rule_id, l.setl_id, l.finding_id
"""
CANCELLED = """
select l.setl_id from supervision.deduction_line l
join settlement.settlement c on c.init_setl_id = l.setl_id where l.statement_no = $1 limit 1
"""
POSTED = """
update supervision.deduction_statement set status = 'posted', posted_by = $2, posted_at = $3, entry_id = $4
where statement_no = $1
"""
REVERSED = """
update supervision.deduction_statement
set status = 'reversed', reversed_by = $2, reversed_at = $3, reversal_id = $4, reason = $5 where statement_no = $1
"""
FREE = "update supervision.deduction_line set live = false where statement_no = $1"
STEP = """
insert into supervision.finding_step (finding_id, at, kind, actor, reason, details)
select finding_id, $2, $3, $4, $5, jsonb_build_object('statement', statement_no, 'deduct', deduct)
from supervision.deduction_line where statement_no = $1
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One finding of a statement, fen; `funds` by expense account."""

    finding_id: str
    setl_id: str
    upheld: int
    deduct: int
    funds: dict[str, int]
    rule_id: str = ""
    rule_name: str = ""
    clause: str = ""
    reason: str = ""
    outcome: str = ""
    psn_no: str = ""
    decided_by: str | None = None
    closed_at: datetime | None = None
    state: str = "closed"
    upheld_now: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    """A row of supervision.deduction_statement; amounts in fen, `month` its first day."""

    statement_no: str
    fixmedins_code: str
    month: date
    version: int
    status: str
    findings: int
    upheld: int
    deduct: int
    funds: dict[str, int]
    made_by: str
    made_at: datetime
    posted_by: str | None = None
    posted_at: datetime | None = None
    entry_id: int | None = None
    reversed_by: str | None = None
    reversed_at: datetime | None = None
    reversal_id: int | None = None
    reason: str = ""


async def make_all(connection: Connection, actor: Actor, month: date) -> list[Statement]:
    """The drafts of a month for every institution that has something to deduct and no posted statement of it."""
    _check_over(month)
    made = []
    span = (month, plus_months(month, 1), list(DEDUCTED))
    for row in await connection.fetch(INSTITUTIONS, *span):
        standing = await standing_of(connection, row["fixmedins_code"], month)
        if standing is None or standing.status != "posted":
            draft = await _draft(connection, actor, row["fixmedins_code"], month)
            made += [draft] if draft else []
    return made


async def make(connection: Connection, actor: Actor, fixmedins_code: str, month: date) -> Statement:
    """Draw up (or anew) the draft of an institution's month. Refused V406, V451, V452, V454."""
    check_role(actor, *POSTERS)
    _check_over(month)
    made = await _draft(connection, actor, fixmedins_code, month)
    if made is None:
        raise Refused(Refusal("V452", f"{month:%Y-%m}没有应扣款的疑点", "无须出具通知书", fixmedins_code))
    return made


async def _draft(connection: Connection, actor: Actor, fixmedins_code: str, month: date) -> Statement | None:
    """The draft drawn up anew in place of the one before; None when nothing is left to deduct."""
    await connection.execute(LOCK)
    before = await standing_of(connection, fixmedins_code, month)
    if before and before.status == "posted":
        raise Refused(Refusal("V454", f"{month:%Y-%m}的扣款通知书已记账", "需要更正时请先冲回", before.statement_no))
    if before and before.status == "draft":
        await _throw_away(connection, before.statement_no)
    version = before.version + (before.status == "reversed") if before else 1
    lines = await _drawn_up(connection, fixmedins_code, month)
    if not lines:
        return None
    made = Statement(
        statement_no=f"K{month:%Y%m}{fixmedins_code}-{version}", fixmedins_code=fixmedins_code, month=month,
        version=version, status="draft", findings=len(lines), upheld=sum(one.upheld for one in lines),
        deduct=sum(one.deduct for one in lines), funds=_sums(one.funds for one in lines), made_by=actor.user_name,
        made_at=dates.now(),
    )  # fmt: skip
    await _write(connection, made, lines)
    return made


async def throw_away_drafts(connection: Connection, ids: Sequence[str]) -> None:
    """Remove the drafts that have one of these findings: each will belong to the month of its new end. Under LOCK."""
    for row in await connection.fetch(DRAFTS_WITH, list(ids)):
        await _throw_away(connection, row["statement_no"])


async def _throw_away(connection: Connection, statement_no: str) -> None:
    await connection.execute(DROP_LINES, statement_no)
    await connection.execute(DROP_DRAFT, statement_no)


async def _drawn_up(connection: Connection, fixmedins_code: str, month: date) -> list[Line]:
    rows = await connection.fetch(ENDED, fixmedins_code, month, plus_months(month, 1), list(DEDUCTED))
    bills = {
        row["setl_id"]: BillFunds(row["inscp_amt"], row["fund_pay_sumamt"], dict(row["funds"]))
        for row in rows if row["setl_id"]
    }  # fmt: skip
    for row in await connection.fetch(TAKEN, list(bills)):
        for account, amount in row["funds"].items():
            bills[row["setl_id"]].left[account] -= amount
    lines = []
    for row in rows:
        funds = bills[row["setl_id"]].take(row["upheld"]) if row["setl_id"] else {}
        lines.append(Line(row["finding_id"], row["setl_id"], row["upheld"], sum(funds.values()), funds))
    return lines


def _sums(several: Iterable[dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = defaultdict(int)
    for one in several:
        for account, amount in one.items():
            total[account] += amount
    return dict(sorted(total.items()))


async def _write(connection: Connection, made: Statement, lines: list[Line]) -> None:
    await connection.execute(
        WRITE, made.statement_no, made.fixmedins_code, made.month, made.version, made.findings, made.upheld,
        made.deduct, made.funds, made.made_by, made.made_at,
    )  # fmt: skip
    columns = ("finding_id", "setl_id", "upheld", "deduct", "funds")
    values = [[getattr(one, name) for one in lines] for name in columns]
    await connection.execute(WRITE_LINES, made.statement_no, *values)


async def post(connection: Connection, actor: Actor, statement_no: str) -> Statement:
    """Book a draft, once. Refused V406, V453, V454, V455, V457."""
    check_role(actor, *POSTERS)
    await connection.execute(LOCK)
    statement = await statement_of(connection, statement_no)
    if statement.status != "draft":
        raise Refused(Refusal("V454", f"通知书{statement_no}已记账或已冲回", "不能再次记账", statement_no))
    lines = await lines_of(connection, statement_no)
    _check_apart(actor, lines)
    await _check_fresh(connection, statement, lines)
    now = dates.now()
    number = await book(connection, entry_of(statement, now.date()))
    await connection.execute(POSTED, statement_no, actor.user_name, now, number)
    await connection.execute(STEP, statement_no, now, "deducted", actor.user_name, "")
    return replace(statement, status="posted", posted_by=actor.user_name, posted_at=now, entry_id=number)


def entry_of(statement: Statement, day: date) -> Entry:
    """Debit the institution's payable, credit the funds' benefits."""
    credits = tuple(Posting(account, -amount) for account, amount in statement.funds.items())
    text = f"监管扣款 {statement.month:%Y-%m} {statement.fixmedins_code}"
    postings = (Posting(PAYABLE, statement.deduct, statement.fixmedins_code), *credits)
    return Entry(day, ENTRY, statement.statement_no, text, postings)


def _check_apart(actor: Actor, lines: list[Line]) -> None:
    own = [one.finding_id for one in lines if one.decided_by == actor.user_name]
    if own:
        text = f"本通知书有{len(own)}条疑点由您作出结论，不能由您记账"
        raise Refused(Refusal("V455", text, "请交由其他人员记账", own[0]))


async def _check_fresh(connection: Connection, statement: Statement, lines: list[Line]) -> None:
    changed = any(one.state != "closed" or one.upheld != one.upheld_now for one in lines)
    if changed or await connection.fetchval(CANCELLED, statement.statement_no):
        text = "出具后有疑点改变了结论，或所涉结算已撤销"
        raise Refused(Refusal("V457", text, "请重新出具通知书", statement.statement_no))


async def reverse(connection: Connection, actor: Actor, statement_no: str, reason: str) -> Statement:
    """Book the negative; the findings are free for a new version. Refused V404, V406, V453, V456."""
    check_role(actor, *POSTERS)
    check_reason(reason)
    await connection.execute(LOCK)
    statement = await statement_of(connection, statement_no)
    if statement.status != "posted":
        raise Refused(Refusal("V456", f"通知书{statement_no}没有记账，或已冲回", "无须冲回", statement_no))
    now = dates.now()
    booked = entry_of(statement, now.date())
    text = f"冲回监管扣款 {statement.month:%Y-%m} {statement.fixmedins_code}"
    number = await book(connection, replace(booked, kind=REVERSAL, text=text, postings=negated(booked.postings)))
    await connection.execute(STEP, statement_no, now, "deduction_reversed", actor.user_name, reason)
    await connection.execute(REVERSED, statement_no, actor.user_name, now, number, reason)
    await connection.execute(FREE, statement_no)
    return replace(statement, status="reversed", reversed_by=actor.user_name, reversed_at=now, reversal_id=number)


async def standing_of(connection: Connection, fixmedins_code: str, month: date) -> Statement | None:
    """The newest version of an institution's month."""
    row = await connection.fetchrow(STANDING, fixmedins_code, month)
    return _statement(row) if row else None


async def statement_of(connection: Connection, statement_no: str) -> Statement:
    """One statement; Refused V453."""
    row = await connection.fetchrow(ONE, statement_no)
    if row is None:
        raise Refused(Refusal("V453", f"没有扣款通知书{statement_no}", "请核对编号", "statement_no"))
    return _statement(row)


def _statement(row: Any) -> Statement:
    return Statement(**row)


async def lines_of(connection: Connection, statement_no: str) -> list[Line]:
    """The findings of a statement."""
    return [Line(**row) for row in await connection.fetch(LINES, statement_no)]


def _check_over(month: date) -> None:
    if plus_months(month, 1) > dates.today():
        text = f"{month:%Y-%m}还没有结束"
        raise Refused(Refusal("V451", text, "请在次月出具扣款通知书", "month"))

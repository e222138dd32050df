"""What pages show of findings: lists page by page, counts, and one finding's whole history.

Lists are read from an index, beginning after the last row shown (`after`), so that page 500 is as fast as the first.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from yibao.core.database import Connection
from yibao.supervision.casework.attachments import OF_FINDING

SHOWN_LINES = 20
COLUMNS = """
select f.finding_id, f.rule_id, f.rule_name, f.clause, f.severity, f.setl_id, f.mdtrt_id, f.psn_no, f.fixmedins_code,
       f.bilg_dr_code, f.amount, f.reason, f.state, f.outcome, f.due_on, f.upheld, f.reviewed_by, f.decided_by,
       f.closed_at, f.taken_at, f.missing_since, cardinality(f.bkkp_sn) as line_count, i.fixmedins_name, i.admdvs,
       coalesce(p.psn_name, '') as psn_name
from {source}
join directory.institution i on i.fixmedins_code = f.fixmedins_code
left join population.person p on p.psn_no = f.psn_no
"""
ONE = COLUMNS.format(source="supervision.finding f") + "where f.finding_id = $1"
STATE_COUNTS = """
select state, count(*) as count, count(*) filter (where due_on < $2) as overdue
from supervision.finding where $1::text is null or fixmedins_code = $1 group by state
"""
RULE_COUNTS = """
with counted as (
  select rule_id, count(*) as count from supervision.finding
  where state = $1 and ($2::text is null or fixmedins_code = $2) group by rule_id
)
select rule_id, (select f.rule_name from supervision.finding f where f.state = $1 and f.rule_id = c.rule_id limit 1)
         as rule_name, count
from counted c order by count desc, rule_id
"""
EVIDENCE = """
select f.finding_id, l.bkkp_sn, l.fee_ocur_time, l.med_list_codg, coalesce(c.item_name, l.med_list_codg) as item_name,
       l.chrgitm_lv, l.cnt, l.pric, l.det_item_fee_sumamt, l.inscp_amt, l.bilg_dr_code, l.setl_id
from supervision.finding f
join directory.institution i using (fixmedins_code)
cross join lateral unnest(f.bkkp_sn[1:$2::integer]) b (bkkp_sn)
join supervision.evidence_line l on l.bkkp_sn = b.bkkp_sn
left join lateral (select item_name from directory.item c
                   where c.area = left(i.admdvs, 4) || '00' and c.med_list_codg = l.med_list_codg
                   order by valid_from desc limit 1) c on true
where f.finding_id = any($1::text[]) order by f.finding_id, l.fee_ocur_time, l.bkkp_sn
"""
STEPS = """
select s.at, s.kind, s.actor, coalesce(a.title, '') as title, s.reason, s.details
from supervision.finding_step s left join web.account a on a.user_name = s.actor
where s.finding_id = $1 order by s.step_id
"""
BILL = "select setl_id, medfee_sumamt, inscp_amt, fund_pay_sumamt, setl_time from supervision.bill where setl_id = $1"
OPINIONS = """
select o.round, o.user_name, e.expert_name, e.specialty, o.drawn_at, o.verdict, o.amount, o.text, o.given_at
from supervision.opinion o join supervision.expert e using (user_name)
where o.finding_id = $1 order by o.round, o.user_name
"""
ASKED = COLUMNS.format(source="supervision.opinion o join supervision.finding f using (finding_id)") + (
    "where o.user_name = $1 and o.given_at is null and f.state = 'opinion' order by f.due_on, f.finding_id limit $2"
)
IN_STATEMENT = """
select l.statement_no, l.deduct, s.status from supervision.deduction_line l
join supervision.deduction_statement s using (statement_no) where l.finding_id = $1 order by l.statement_no
"""
STATEMENTS = """
select s.*, i.fixmedins_name,
       (select count(distinct l.setl_id) from supervision.deduction_line l
        join settlement.settlement c on c.init_setl_id = l.setl_id
        where l.statement_no = s.statement_no and s.status = 'posted') as cancelled
from supervision.deduction_statement s
join directory.institution i using (fixmedins_code)
where s.month = $1 and ($2::text is null or s.fixmedins_code = $2) order by s.fixmedins_code, s.version
"""
MONTHS = """
select distinct month from supervision.deduction_statement order by month desc limit 36
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A finding as lists show it; `amount` and `upheld` in fen."""

    finding_id: str
    rule_id: str
    rule_name: str
    clause: str
    severity: str
    setl_id: str
    mdtrt_id: str
    psn_no: str
    fixmedins_code: str
    bilg_dr_code: str
    amount: int
    reason: str
    state: str
    outcome: str | None
    due_on: date
    upheld: int
    reviewed_by: str | None
    decided_by: str | None
    closed_at: datetime | None
    taken_at: datetime
    missing_since: datetime | None
    line_count: int
    fixmedins_name: str
    admdvs: str
    psn_name: str

    @property
    def key(self) -> str:
        """Where the next page begins after this row."""
        return f"{self.due_on}_{self.finding_id}"


@dataclass(frozen=True, slots=True)
class Search:
    """Which findings: `state` always; the rest when given. `after` is the `key` of the last row shown."""

    state: str
    fixmedins_code: str | None = None
    rule_id: str = ""
    due_by: date | None = None
    after: str = ""

    def statement(self, limit: int) -> tuple[str, list[Any]]:
        """SQL and parameters: soonest deadline first; of the closed the newest first."""
        parameters: list[Any] = [self.state, limit]
        newest = self.state == "closed"
        wanted = ["f.state = $1"]

        def add(condition: str, *values: Any) -> None:
            places = [f"${len(parameters) + number}" for number in range(1, len(values) + 1)]
            parameters.extend(values)
            wanted.append(condition.format(*places))

        if self.fixmedins_code is not None:
            add("f.fixmedins_code = {}", self.fixmedins_code)
        if self.rule_id:
            add("f.rule_id = {}", self.rule_id)
        if self.due_by:
            add("f.due_on <= {}::date", self.due_by)
        if start := _position(self.after):
            add(f"(f.due_on, f.finding_id) {'<' if newest else '>'} ({{}}::date, {{}}::text)", *start)
        order = "f.due_on desc, f.finding_id desc" if newest else "f.due_on, f.finding_id"
        rows = COLUMNS.format(source="supervision.finding f")
        return f"{rows}where {' and '.join(wanted)} order by {order} limit $2", parameters


def _position(after: str) -> tuple[date, str] | None:
    day, _, finding_id = after.partition("_")
    try:
        return (date.fromisoformat(day), finding_id) if finding_id else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class StateCount:
    """Findings in one state: how many, how many over their term."""

    count: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """Everything of one finding; rows of the queries above, oldest first."""

    finding: Listed
    steps: list[Any]
    lines: list[Any]
    bill: Any | None
    files: list[Any]
    opinions: list[Any]
    statements: list[Any]


async def found(connection: Connection, search: Search, limit: int) -> list[Listed]:
    """One page."""
    statement, parameters = search.statement(limit)
    return [Listed(**row) for row in await connection.fetch(statement, *parameters)]


async def state_counts(connection: Connection, today: date, of: str | None = None) -> dict[str, StateCount]:
    """Counts by state, of one institution or of all."""
    rows = await connection.fetch(STATE_COUNTS, of, today)
    return {row["state"]: StateCount(row["count"], row["overdue"]) for row in rows}


async def rule_counts(connection: Connection, state: str, of: str | None = None) -> list[tuple[str, str, int]]:
    """Rules with findings in a state: number, name, how many."""
    return [tuple(row) for row in await connection.fetch(RULE_COUNTS, state, of)]


async def evidence_of(connection: Connection, ids: Sequence[str], most: int = SHOWN_LINES) -> dict[str, list[Any]]:
    """The first lines of evidence of each finding."""
    lines: dict[str, list[Any]] = defaultdict(list)
    for row in await connection.fetch(EVIDENCE, list(ids), most):
        lines[row["finding_id"]].append(row)
    return lines


async def history_of(connection: Connection, finding_id: str) -> History | None:
    """One finding with all that happened, None when there is none."""
    row = await connection.fetchrow(ONE, finding_id)
    if row is None:
        return None
    finding = Listed(**row)
    return History(
        finding=finding,
        steps=await connection.fetch(STEPS, finding_id),
        lines=(await evidence_of(connection, [finding_id], 500)).get(finding_id, []),
        bill=await connection.fetchrow(BILL, finding.setl_id),
        files=await connection.fetch(OF_FINDING, finding_id),
        opinions=await connection.fetch(OPINIONS, finding_id),
        statements=await connection.fetch(IN_STATEMENT, finding_id),
    )

"""What the board shows, read from the published tables; every statement goes by an index.

overview      one indicator, or the score, of every institution in a month: for the map and the lists
portrait      one institution: indicators with those of its peers, months, days, score
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yibao.core.database import Connection
from yibao.core.months import plus_months

SCORE = "score"
MONTHS = "select distinct month from supervision.score where kind = 'institution' order by month desc limit 24"
MEASURED = "select max(month) as month from supervision.indicator"
OF_MONTH = """
select fixmedins_code, peer_group, value, verdict, peers, median, lower, upper, z from supervision.indicator
where indicator = $1 and month = $2 and level = 'institution'
"""
SCORES = """
select subject, score, raw_score, place, contributions, method from supervision.score
where kind = 'institution' and month = $1 order by place
"""
PERSONS = """
select subject, score, raw_score, place, contributions from supervision.score
where kind = 'person' and month = $1 order by place limit 20
"""
OWN = """
select indicator, month, peer_group, numerator, denominator, value, verdict, peers, median, lower, upper, z
from supervision.indicator where fixmedins_code = $1 and level = 'institution' and unit = '' and month > $2
order by month
"""
PEERS = """
select indicator, value from supervision.indicator
where level = 'institution' and indicator = any($1::text[]) and month = $2 and peer_group = $3
  and verdict in ('high', 'low', 'usual')
"""
UNITS = """
select i.level, i.unit, i.indicator, i.value, i.verdict, i.peers, i.median, i.z,
       coalesce(d.dept_name, m.dr_name, i.unit) as name
from supervision.indicator i
left join directory.department d on i.level = 'department' and d.fixmedins_code = i.fixmedins_code
  and d.dept_codg = i.unit
left join directory.doctor m on i.level = 'doctor' and m.dr_codg = i.unit
where i.fixmedins_code = $1 and i.level in ('department', 'doctor') and i.month = $2 order by abs(i.z) desc limit 20
"""
DAYS = """
select indicator, day, value, expected, residual, verdict from supervision.indicator_day
where fixmedins_code = $1 and indicator = any($2::text[]) and day between $3 and $4 order by day
"""
OWN_SCORE = """
select month, score, raw_score, place, contributions, method from supervision.score
where kind = 'institution' and subject = $1 and month = $2
"""
BILLS = """
select setl_id, setl_time, med_type, medfee_sumamt, inscp_amt, fund_pay_sumamt, begndate, enddate
from settlement.settlement
where fixmedins_code = $1 and setl_time >= $2 and setl_time < $3 and init_setl_id is null
order by medfee_sumamt desc, setl_id limit 20
"""
BILL = """
select setl_id, setl_time, med_type, medfee_sumamt, inscp_amt, fund_pay_sumamt, begndate, enddate
from settlement.settlement where setl_id = $1 and fixmedins_code = $2
"""
FINDINGS = """
select finding_id, rule_id, rule_name, amount, reason, state from supervision.finding
where fixmedins_code = $1 and state <> 'closed' order by amount desc, finding_id limit 5
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """One institution's value on the map: z in hundredths, verdict; for the score z is None."""

    fixmedins_code: str
    peer_group: str
    value: int
    verdict: str
    z: int | None = None
    peers: int = 0
    median: int = 0
    lower: int = 0
    upper: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)


async def months_of(connection: Connection) -> list[date]:
    """Months with scores, newest first."""
    return [row["month"] for row in await connection.fetch(MONTHS)]


async def overview(connection: Connection, indicator: str, month: date) -> list[Shown]:
    """Every institution that has a value."""
    if indicator == SCORE:
        return [
            Shown(row["subject"], "", row["score"], "scored", extra=dict(row))
            for row in await connection.fetch(SCORES, month)
        ]
    return [Shown(**row) for row in await connection.fetch(OF_MONTH, indicator, month)]


@dataclass(frozen=True, slots=True)
class Portrait:
    """One institution in a month. `course` are the months of an indicator, `peers` the values of its like."""

    month: date
    now: dict[str, Mapping[str, Any]]
    course: dict[str, list[Mapping[str, Any]]]
    peers: dict[str, list[int]]
    units: Sequence[Mapping[str, Any]]
    days: dict[str, list[Mapping[str, Any]]]
    score: Mapping[str, Any] | None
    bills: Sequence[Mapping[str, Any]]
    findings: Sequence[Mapping[str, Any]]


async def portrait(connection: Connection, fixmedins_code: str, month: date, followed: Sequence[str]) -> Portrait:
    """Everything about it; `followed` are the indicators that are followed day by day."""
    course: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in await connection.fetch(OWN, fixmedins_code, plus_months(month, -12)):
        if row["month"] <= month:
            course[row["indicator"]].append(row)
    now = {name: rows[-1] for name, rows in course.items() if rows[-1]["month"] == month}
    peers: dict[str, list[int]] = defaultdict(list)
    if now:
        group = next(iter(now.values()))["peer_group"]
        for row in await connection.fetch(PEERS, list(now), month, group):
            peers[row["indicator"]].append(row["value"])
    days: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    last = plus_months(month, 1)
    for row in await connection.fetch(DAYS, fixmedins_code, list(followed), plus_months(month, -2), last):
        days[row["indicator"]].append(row)
    return Portrait(
        month, now, dict(course), dict(peers), await connection.fetch(UNITS, fixmedins_code, month), dict(days),
        await connection.fetchrow(OWN_SCORE, fixmedins_code, month),
        await connection.fetch(BILLS, fixmedins_code, month, last),
        await connection.fetch(FINDINGS, fixmedins_code),
    )  # fmt: skip

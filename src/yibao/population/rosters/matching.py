"""Who the lines of a roster are (名册比对到人): by certificate, else by name, birth and area for a clerk to decide.

    match_lines(connection, batch_no)                       every open line of a batch, set-based
    review_list(connection, batch_no)                       doubtful lines with who they may be
    accept / reject(connection, batch_no, row_no, …)        the clerk's decision, kept in the audit trail

A certificate number whose name differs, and a name with the same birth and area but another (or no) number, are
doubtful: never taken without a decision.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused

PATIENCE = 900.0
MOST_CANDIDATES = 5
SAME_NAME = "replace(p.psn_name, ' ', '') = r.psn_name"
BY_FIRST_CERTIFICATE = f"""
update population.roster_row r set match = 'number', psn_no = coalesce(p.merged_into, p.psn_no)
from population.person p
where r.batch_no = $1 and r.match = 'open' and p.certno = r.certno and p.psn_cert_type = '01' and {SAME_NAME}
"""
BY_OTHER_CERTIFICATE = f"""
update population.roster_row r set match = 'number', psn_no = coalesce(p.merged_into, p.psn_no)
from (select certno, psn_no from population.person where psn_cert_type <> '01'
      union all select certno, psn_no from population.certificate) c
join population.person p using (psn_no)
where r.batch_no = $1 and r.match = 'open' and c.certno = r.certno and {SAME_NAME}
"""
NAME_DIFFERS = """
insert into population.roster_candidate (batch_no, row_no, psn_no, reason)
select distinct r.batch_no, r.row_no, coalesce(p.merged_into, p.psn_no), 'name_differs'
from population.roster_row r join population.person p on p.certno = r.certno
where r.batch_no = $1 and r.match = 'open'
on conflict do nothing
"""
NUMBER_DIFFERS = f"""
insert into population.roster_candidate (batch_no, row_no, psn_no, reason)
select r.batch_no, r.row_no, f.psn_no, case when r.certno is null then 'without_number' else 'number_differs' end
from population.roster_row r
cross join lateral (
  select p.psn_no from population.person p
  where p.psn_name = r.psn_name and p.brdy = r.brdy and p.merged_into is null
    and (r.area = '' or starts_with(p.live_area, r.area) or starts_with(p.hsreg_area, r.area)
         or (p.live_area = '' and p.hsreg_area = ''))
  order by p.psn_no limit {MOST_CANDIDATES}
) f
where r.batch_no = $1 and r.match = 'open'
on conflict do nothing
"""
TO_REVIEW = """
update population.roster_row r set match = 'review'
where r.batch_no = $1 and r.match = 'open'
  and exists (select 1 from population.roster_candidate c where c.batch_no = $1 and c.row_no = r.row_no)
"""
NOBODY = "update population.roster_row set match = 'none' where batch_no = $1 and match = 'open'"
REVIEW = """
select r.row_no, r.certno, r.psn_name, r.brdy, r.area, r.tag, c.reason,
       p.psn_no, p.certno as known_certno, p.psn_name as known_name, p.brdy as known_brdy, p.live_area as known_area
from population.roster_row r
join population.roster_candidate c using (batch_no, row_no) join population.person p on p.psn_no = c.psn_no
where r.batch_no = $1 and r.match = 'review' order by r.row_no, p.psn_no limit $2
"""
ACCEPT = """
update population.roster_row r set match = 'accepted', psn_no = c.psn_no
from population.roster_candidate c
where r.batch_no = $1 and r.row_no = $2 and r.match = 'review'
  and c.batch_no = $1 and c.row_no = $2 and c.psn_no = $3
returning r.row_no
"""
REJECT = """
update population.roster_row set match = 'none' where batch_no = $1 and row_no = $2 and match = 'review'
returning row_no
"""
REOPEN = """
update population.roster_batch set status = 'staged', fingerprint = ''
where batch_no = $1 and status in ('staged', 'compared') returning batch_no
"""
NOTE = """
insert into core.audit_event (actor, action, subject, details) values ($1, $2, $3, $4)
"""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A doubtful line beside one person it may be; `reason` name_differs, number_differs or without_number."""

    row_no: int
    certno: str | None
    psn_name: str
    brdy: date | None
    area: str
    tag: str | None
    reason: str
    psn_no: str
    known_certno: str
    known_name: str
    known_brdy: date
    known_area: str


async def match_lines(connection: Connection, batch_no: str) -> None:
    """Find the person of every open line; what stays open after all steps belongs to nobody here."""
    steps = (BY_FIRST_CERTIFICATE, BY_OTHER_CERTIFICATE, NAME_DIFFERS, NUMBER_DIFFERS, TO_REVIEW, NOBODY)
    for statement in steps:
        await connection.execute(statement, batch_no, timeout=PATIENCE)


async def review_list(connection: Connection, batch_no: str, limit: int = 500) -> list[Doubt]:
    """What a clerk has to decide, in the order of the file."""
    return [Doubt(**row) for row in await connection.fetch(REVIEW, batch_no, limit)]


async def accept(connection: Connection, batch_no: str, row_no: int, psn_no: str, actor: str) -> None:
    """The line is this person; `Refused` P815 when it is not up for review or the person no candidate, P807."""
    await _decide(connection, batch_no, row_no, actor, "roster.accepted", psn_no, ACCEPT, psn_no)


async def reject(connection: Connection, batch_no: str, row_no: int, actor: str) -> None:
    """The line is none of the candidates; `Refused` P815, P807."""
    await _decide(connection, batch_no, row_no, actor, "roster.rejected", "", REJECT)


async def _decide(
    connection: Connection, batch_no: str, row_no: int, actor: str, action: str, psn_no: str, sql: str, *more: Any
) -> None:
    """A decision makes the comparison stale: the batch has to be compared again."""
    if await connection.fetchval(REOPEN, batch_no) is None:
        raise Refused(Refusal("P807", f"名册批次{batch_no}已办结或不存在", "请刷新后按当前状态办理", "batch_no"))
    if await connection.fetchval(sql, batch_no, row_no, *more) is None:
        raise Refused(Refusal("P815", f"第{row_no}行不在待核实清单，或所选人员不是候选人", "请刷新清单", "row_no"))
    await connection.execute(NOTE, actor, action, batch_no, {"row_no": row_no, "psn_no": psn_no})

"""A compared roster takes effect (名册生效): in one transaction, or not at all.

    apply(connection, packs, batch_no, actor, today)

What was shown is what is done: the comparison is computed again, and when it differs from the one that was approved,
nothing happens (P808). Tags begin and end from the roster's days, every person gets an event, what is still due is
assessed again. Ending very many persons at once has to be asked for (P817): a truncated file looks just like that.
"""

from dataclasses import dataclass
from datetime import date

from yibao.benefits.book import PackBook
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.enrolment.deaths import record_death
from yibao.population.rosters.comparison import differences, standing_tags
from yibao.population.rosters.departments import department_of
from yibao.population.rosters.matching import PATIENCE
from yibao.population.rosters.receiving import LOCK, Batch, find_batch, wrong_state
from yibao.population.rosters.tags import renew_premiums
from yibao.population.rules import rules_of

NEWER = """
select batch_no from population.roster_batch
where insu_admdvs = $1 and department = $2 and mode = 'full' and status = 'applied' and as_of > $3 limit 1
"""
END = """
update population.identity_tag t set endtime = c.endtime, batch_no = $1
from population.roster_change c
where c.batch_no = $1 and c.change = 'end' and c.endtime >= c.old_begntime
  and t.psn_no = c.psn_no and t.tag = c.tag and t.begntime = c.old_begntime
"""
NEVER_BEGAN = """
delete from population.identity_tag t using population.roster_change c
where c.batch_no = $1 and c.change = 'end' and c.endtime < c.old_begntime
  and t.psn_no = c.psn_no and t.tag = c.tag and t.begntime = c.old_begntime
"""
ALTER = """
update population.identity_tag t set begntime = c.begntime, endtime = c.endtime, batch_no = $1
from population.roster_change c
where c.batch_no = $1 and c.change = 'alter' and t.psn_no = c.psn_no and t.tag = c.tag and t.begntime = c.old_begntime
"""
BEGIN = """
insert into population.identity_tag
  (psn_no, psn_idet_type, tag, begntime, endtime, source, owner, evidence, batch_no, admdvs)
select c.psn_no, codes.code, c.tag, c.begntime, c.endtime, $2, $3, coalesce(r.evidence, ''), $1, $4
from population.roster_change c
join unnest($5::text[], $6::text[]) as codes (tag, code) on codes.tag = c.tag
left join population.roster_row r on r.batch_no = $1 and r.row_no = c.row_no
where c.batch_no = $1 and c.change = 'begin'
"""
EVENTS = """
insert into population.event (psn_no, kind, effective, actor, reason, details)
select c.psn_no, case c.change when 'begin' then 'tagged' when 'end' then 'untagged' else 'tag_changed' end,
       case c.change when 'end' then c.endtime else c.begntime end, $2, $3,
       jsonb_build_object('tag', c.tag, 'begntime', c.begntime, 'endtime', c.endtime, 'department', $4::text,
                          'batch_no', $1::text)
       || case c.change when 'alter' then jsonb_build_object('old_begntime', c.old_begntime,
                                                             'old_endtime', c.old_endtime) else '{}' end
from population.roster_change c where c.batch_no = $1 and c.change in ('begin', 'alter', 'end') order by c.psn_no
"""
PERSONS = """
select distinct psn_no from population.roster_change
where batch_no = $1 and change in ('begin', 'alter', 'end') order by psn_no
"""
LOCK_PERSONS = """
select 1 from population.person
where psn_no in (select psn_no from population.roster_change
                 where batch_no = $1 and change in ('begin', 'alter', 'end', 'died'))
order by psn_no for no key update
"""
"""Whom the approved comparison changes: locked before their tags, as a death or another roster locks them."""
DEATHS = """
select psn_no, begntime from population.roster_change
where batch_no = $1 and change = 'died' order by psn_no
"""
APPLIED = """
update population.roster_batch set status = 'applied', report = $2, decided_at = now(), decided_by = $3
where batch_no = $1
"""


@dataclass(frozen=True, slots=True)
class Applied:
    """What a batch did: its counts, how many persons' tags changed, how many due amounts follow."""

    batch_no: str
    report: dict[str, int]
    persons: int
    premiums: int


async def apply(
    connection: Connection,
    packs: PackBook,
    batch_no: str,
    actor: str,
    today: date,
    *,
    many_endings: bool = False,
) -> Applied:
    """Apply a compared batch in the caller's transaction; applied before, it answers again without doing anything.

    `many_endings` confirms that unusually many persons lose a tag. Raises `Refused`: P806 unknown, P807 not compared,
    P808 the comparison no longer holds, P809 a newer full roster was applied, P817 many endings.
    """
    batch = await find_batch(connection, batch_no)
    await connection.execute(LOCK, f"{batch.insu_admdvs[:4]} {batch.department}")
    batch = await find_batch(connection, batch_no)
    if batch.status == "applied":
        return Applied(batch_no, batch.report, 0, 0)
    if batch.status != "compared":
        raise wrong_state(batch)
    await _check_newest(connection, batch)
    await connection.execute(LOCK_PERSONS, batch_no, timeout=PATIENCE)
    report, fingerprint = await differences(connection, batch)
    if fingerprint != batch.fingerprint:
        text = f"名册批次{batch_no}比对之后，人员或身份数据有变化"
        raise Refused(Refusal("P808", text, "请重新比对，核对后再生效", "batch_no"))
    if not many_endings:
        await _check_endings(connection, batch, report, today)
    persons = await _change_tags(connection, batch, actor, today)
    for death in await connection.fetch(DEATHS, batch_no):
        await record_death(connection, death["psn_no"], death["begntime"], actor, f"名册{batch_no}")
    renewed = await renew_premiums(connection, packs, persons, today, actor)
    await connection.execute(APPLIED, batch_no, report, actor)
    return Applied(batch_no, report, len(persons), renewed)


async def _check_newest(connection: Connection, batch: Batch) -> None:
    newer = await connection.fetchval(NEWER, batch.insu_admdvs, batch.department, batch.as_of)
    if newer is not None:
        text = f"已有更新的全量名册{newer}生效，{batch.as_of}的名册不能再生效"
        raise Refused(Refusal("P809", text, "请退回本批次，或请部门重报最新名册", "as_of"))


async def _check_endings(connection: Connection, batch: Batch, report: dict[str, int], today: date) -> None:
    """The brake: a full roster that ends more than the area's share of the standing tags."""
    ending = report.get("end", 0)
    if batch.mode != "full" or not ending:
        return
    most = rules_of(batch.insu_admdvs).on("roster_application", today)["most_ended_percent"]
    standing = await standing_tags(connection, batch)
    if ending * 100 > standing * most:
        text = f"全量名册将使在册{standing}人中的{ending}人失去身份，超过{most}%"
        raise Refused(Refusal("P817", text, "请与部门核实名册是否完整；确属实情的，请确认后再生效", "batch_no"))


async def _change_tags(connection: Connection, batch: Batch, actor: str, today: date) -> list[str]:
    """Set-based; returns the persons whose tags changed."""
    if batch.kind != "tags":
        return []
    department = department_of(batch.insu_admdvs, batch.department, today)
    codes: dict[str, str] = rules_of(batch.insu_admdvs).on("tag_codes", today)
    for statement in (END, NEVER_BEGAN, ALTER):
        await connection.execute(statement, batch.batch_no, timeout=PATIENCE)
    await connection.execute(
        BEGIN, batch.batch_no, department.name, department.code, batch.insu_admdvs, list(codes), list(codes.values()),
        timeout=PATIENCE,
    )  # fmt: skip
    reason = f"{department.name}名册（{batch.as_of}）"
    await connection.execute(EVENTS, batch.batch_no, actor, reason, department.code, timeout=PATIENCE)
    return [row["psn_no"] for row in await connection.fetch(PERSONS, batch.batch_no, timeout=PATIENCE)]

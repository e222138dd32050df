"""What a roster says that the tables do not say yet (名册比对).

    compare(connection, batch_no)             computes and keeps the changes; returns the counts
    changes_of(connection, batch_no, change)  one list of them
    answers(connection, batch_no)             one answer per line of the file

begin, alter, end   tags that start, whose days differ, that end (named to end, or missing from a full roster)
died                deaths that are not known
conflict            days that overlap another period of the same tag, a tag to end that does not run, a day of death
                    before the birth, after the roster or other than the known one
unmatched           lines of nobody who is registered here
not_enrolled        漏保: not insured on the roster's day, nor in the year before
broken              断保: insured in the year before, not on the roster's day

A full roster with a line whose certificate cannot be read ends nothing: whose line it is might be just the missing one.
"""

from dataclasses import dataclass
from datetime import date

from yibao.core.database import Connection
from yibao.population.rosters.departments import department_of
from yibao.population.rosters.matching import PATIENCE
from yibao.population.rosters.receiving import LOCK, Batch, find_batch, prepare_for_bulk, wrong_state

CLEAR = "delete from population.roster_change where batch_no = $1"
CITY = "case when $2 like '%00' then left($2, 4) else $2 end"
WANTED = """
wanted as (
  select distinct on (psn_no, tag) row_no, psn_no, tag, begntime, endtime,
         case when operation = 'end' then 'end' else 'begin' end as operation
  from population.roster_row where batch_no = $1 and match in ('number', 'accepted') and tag is not null
  order by psn_no, tag, row_no
)"""
BEGIN_OR_ALTER = f"""
with {WANTED}, current as (
  select w.row_no, w.psn_no, w.tag, w.begntime as said_begin, w.endtime as said_end,
         t.begntime as old_begin, t.endtime as old_end,
         coalesce(w.begntime, t.begntime, $2::date) as new_begin,
         case when w.endtime is not null then w.endtime when t.endtime >= $2::date then t.endtime end as new_end
  from wanted w left join lateral (
    select begntime, endtime from population.identity_tag t
    where t.psn_no = w.psn_no and t.tag = w.tag and coalesce(t.endtime, 'infinity') >= coalesce(w.begntime, $2::date)
      and t.begntime <= coalesce(w.endtime, 'infinity')
    order by t.begntime limit 1
  ) t on true
  where w.operation = 'begin'
)
insert into population.roster_change
  (batch_no, change, row_no, psn_no, tag, begntime, endtime, old_begntime, old_endtime)
select $1,
       case when new_end < new_begin or exists (
              select 1 from population.identity_tag o
              where o.psn_no = c.psn_no and o.tag = c.tag and o.begntime is distinct from c.old_begin
                and o.begntime <= coalesce(c.new_end, 'infinity') and coalesce(o.endtime, 'infinity') >= c.new_begin)
            then 'conflict' when old_begin is null then 'begin' else 'alter' end,
       row_no, psn_no, tag, new_begin, new_end, old_begin, old_end
from current c
where old_begin is null or new_begin <> old_begin or new_end is distinct from old_end
"""
NAMED_ENDS = f"""
with {WANTED}
insert into population.roster_change
  (batch_no, change, row_no, psn_no, tag, begntime, endtime, old_begntime, old_endtime)
select $1, case when t.begntime is null then 'conflict' else 'end' end, w.row_no, w.psn_no, w.tag, t.begntime,
       coalesce(w.endtime, $2::date - 1), t.begntime, t.endtime
from wanted w left join lateral (
  select begntime, endtime from population.identity_tag t
  where t.psn_no = w.psn_no and t.tag = w.tag and t.begntime <= $2::date and coalesce(t.endtime, 'infinity') >= $2::date
  order by t.begntime desc limit 1
) t on true
where w.operation = 'end' and (t.begntime is null or t.endtime is distinct from coalesce(w.endtime, $2::date - 1))
"""
MISSING_ENDS = f"""
with spared as (
  select psn_no from population.roster_candidate where batch_no = $1
  union select p.psn_no from population.roster_row r join population.person p using (certno)
        where r.batch_no = $1 and r.match = 'faulty'
), named as (
  select distinct psn_no, tag from population.roster_row where batch_no = $1 and match in ('number', 'accepted')
)
insert into population.roster_change (batch_no, change, psn_no, tag, begntime, endtime, old_begntime, old_endtime)
select $1, 'end', t.psn_no, t.tag, t.begntime, $3::date - 1, t.begntime, t.endtime
from population.identity_tag t
where t.tag = any($4) and t.begntime <= $3 and coalesce(t.endtime, 'infinity') >= $3
  and (t.admdvs = $2 or (t.admdvs = '' and exists (
         select 1 from population.enrolment e where e.psn_no = t.psn_no and starts_with(e.insu_admdvs, {CITY}))))
  and not exists (select 1 from named n where n.psn_no = t.psn_no and n.tag = t.tag)
  and not exists (select 1 from spared s where s.psn_no = t.psn_no)
"""
UNREADABLE = """
select count(*) from population.roster_row where batch_no = $1 and match = 'faulty' and certno is null
"""
STANDING = f"""
select count(*) from population.identity_tag t
where t.tag = any($1) and t.begntime <= $3 and coalesce(t.endtime, 'infinity') >= $3
  and (t.admdvs = $2 or (t.admdvs = '' and exists (
         select 1 from population.enrolment e where e.psn_no = t.psn_no and starts_with(e.insu_admdvs, {CITY}))))
"""
DIED = """
insert into population.roster_change (batch_no, change, row_no, psn_no, begntime, old_begntime)
select distinct on (r.psn_no) $1, case when p.die_date is not null or r.begntime < p.brdy or r.begntime > $2::date
                then 'conflict' else 'died' end,
       r.row_no, r.psn_no, r.begntime, p.die_date
from population.roster_row r join population.person p using (psn_no)
where r.batch_no = $1 and r.match in ('number', 'accepted') and p.die_date is distinct from r.begntime
order by r.psn_no, r.row_no
"""
UNMATCHED = """
insert into population.roster_change (batch_no, change, row_no, tag)
select $1, 'unmatched', row_no, coalesce(tag, '') from population.roster_row where batch_no = $1 and match = 'none'
"""
UNINSURED = f"""
with people as (
  select min(row_no) as row_no, psn_no from population.roster_row
  where batch_no = $1 and match in ('number', 'accepted') and operation <> 'end' group by psn_no
), uninsured as (
  select u.row_no, u.psn_no from people u join population.person p using (psn_no)
  where p.die_date is null
    and not exists (select 1 from population.coverage c where c.psn_no = u.psn_no and c.begndate <= $3
                      and coalesce(c.enddate, 'infinity') >= $3)
    and not exists (select 1 from population.contribution c where c.psn_no = u.psn_no and c.status = 'paid'
                      and c.period_from <= $3 and c.period_to >= $3)
    and not exists (select 1 from population.enrolment e where e.psn_no = u.psn_no and e.insutype <> '390'
                      and starts_with(e.insu_admdvs, {CITY}) and e.psn_insu_stas = '1' and e.begndate <= $3
                      and coalesce(e.enddate, 'infinity') >= $3)
)
insert into population.roster_change (batch_no, change, row_no, psn_no)
select $1, case when exists (
         select 1 from population.contribution c where c.psn_no = u.psn_no and c.status = 'paid'
           and c.period_to < $3 and c.period_to >= $3 - interval '1 year')
       or exists (select 1 from population.coverage c where c.psn_no = u.psn_no and c.enddate < $3
                    and c.enddate >= $3 - interval '1 year')
       then 'broken' else 'not_enrolled' end, u.row_no, u.psn_no
from uninsured u
"""
COUNTS = "select change, count(*)::int as count from population.roster_change where batch_no = $1 group by change"
LINES = """
select count(*) filter (where match = 'review')::int as review, count(*) filter (where match = 'faulty')::int as faulty,
       count(*) filter (where match in ('number', 'accepted'))::int as matched
from population.roster_row where batch_no = $1
"""
FINGERPRINT = """
select coalesce(md5(string_agg(concat_ws('|', change, row_no, psn_no, tag, begntime, endtime, old_begntime,
    old_endtime), ';' order by change, psn_no, tag, row_no, begntime)), 'nothing')
from population.roster_change where batch_no = $1 and change in ('begin', 'alter', 'end', 'died')
"""
KEEP = """
update population.roster_batch set status = 'compared', report = $2, fingerprint = $3 where batch_no = $1
"""
CHANGES = """
select c.change, c.row_no, c.psn_no, coalesce(p.certno, r.certno) as certno,
       coalesce(p.psn_name, r.psn_name) as psn_name, c.tag, c.begntime, c.endtime, c.old_begntime, c.old_endtime,
       coalesce(nullif(p.live_area, ''), r.area, '') as area, coalesce(r.unit, '') as unit
from population.roster_change c
left join population.person p on p.psn_no = c.psn_no
left join population.roster_row r on r.batch_no = c.batch_no and r.row_no = c.row_no
where c.batch_no = $1 and c.change = any($2) order by c.change, area, c.psn_no, c.row_no
"""
ANSWERS = """
select r.row_no, r.certno, r.psn_name, coalesce(r.tag, '') as tag, r.match, r.faults, r.notes,
       (select string_agg(c.change, ',' order by c.change) from population.roster_change c
        where c.batch_no = r.batch_no and c.row_no = r.row_no) as changes
from population.roster_row r where r.batch_no = $1 order by r.row_no
"""
CHANGED_SINCE = """
select psn_no, min(since) as since from (
  select psn_no, case when change = 'begin' then begntime when change = 'end' then endtime + 1
                      when begntime <> old_begntime then least(begntime, old_begntime)
                      else least(coalesce(endtime, 'infinity'), coalesce(old_endtime, 'infinity')) + 1 end as since
  from population.roster_change where batch_no = $1 and change in ('begin', 'alter', 'end')
) c where since <= $2 group by psn_no order by psn_no
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `row_no` None: the person is missing from a full roster. Days inclusive."""

    change: str
    row_no: int | None
    psn_no: str | None
    certno: str | None
    psn_name: str | None
    tag: str
    begntime: date | None
    endtime: date | None
    old_begntime: date | None
    old_endtime: date | None
    area: str
    unit: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one line: its match, its faults and notes, and the changes that follow from it."""

    row_no: int
    certno: str | None
    psn_name: str | None
    tag: str
    match: str
    faults: list[dict[str, str]]
    notes: list[str]
    changes: str | None


async def compare(connection: Connection, batch_no: str) -> dict[str, int]:
    """Compare a batch in the caller's transaction; it may be repeated until it is applied. Raises `Refused` P807."""
    batch = await find_batch(connection, batch_no)
    await connection.execute(LOCK, f"{batch.insu_admdvs[:4]} {batch.department}")
    if batch.status not in ("staged", "compared"):
        raise wrong_state(batch)
    report, fingerprint = await differences(connection, batch)
    await connection.execute(KEEP, batch_no, report, fingerprint)
    return report


async def differences(connection: Connection, batch: Batch) -> tuple[dict[str, int], str]:
    """Compute the changes anew: the counts and the fingerprint of what would be applied."""
    await prepare_for_bulk(connection)
    await connection.execute(CLEAR, batch.batch_no, timeout=PATIENCE)
    held = await _tag_changes(connection, batch) if batch.kind == "tags" else 0
    if batch.kind == "deaths":
        await connection.execute(DIED, batch.batch_no, batch.as_of, timeout=PATIENCE)
    else:
        await connection.execute(UNINSURED, batch.batch_no, batch.insu_admdvs, batch.as_of, timeout=PATIENCE)
    await connection.execute(UNMATCHED, batch.batch_no, timeout=PATIENCE)
    report = dict(await connection.fetchrow(LINES, batch.batch_no, timeout=PATIENCE))
    counts = await connection.fetch(COUNTS, batch.batch_no, timeout=PATIENCE)
    report |= {row["change"]: row["count"] for row in counts} | {"endings_held": held}
    fingerprint = await connection.fetchval(FINGERPRINT, batch.batch_no, timeout=PATIENCE)
    return report, fingerprint


async def changes_of(connection: Connection, batch_no: str, *changes: str) -> list[Change]:
    """The differences of these kinds, by area and person."""
    return [Change(**row) for row in await connection.fetch(CHANGES, batch_no, list(changes), timeout=PATIENCE)]


async def answers(connection: Connection, batch_no: str) -> list[Answer]:
    """One answer per line, in the order of the file."""
    return [Answer(**row) for row in await connection.fetch(ANSWERS, batch_no, timeout=PATIENCE)]


async def standing_tags(connection: Connection, batch: Batch) -> int:
    """How many persons of the area have the department's tags on the roster's day."""
    tags = list(department_of(batch.insu_admdvs, batch.department, batch.as_of).tags)
    count: int = await connection.fetchval(STANDING, tags, batch.insu_admdvs, batch.as_of, timeout=PATIENCE)
    return count


async def _tag_changes(connection: Connection, batch: Batch) -> int:
    """Begin, alter, end; returns how many unreadable lines hold the endings of a full roster back."""
    await connection.execute(BEGIN_OR_ALTER, batch.batch_no, batch.as_of, timeout=PATIENCE)
    await connection.execute(NAMED_ENDS, batch.batch_no, batch.as_of, timeout=PATIENCE)
    if batch.mode != "full":
        return 0
    unreadable: int = await connection.fetchval(UNREADABLE, batch.batch_no)
    if not unreadable:
        tags = list(department_of(batch.insu_admdvs, batch.department, batch.as_of).tags)
        await connection.execute(MISSING_ENDS, batch.batch_no, batch.insu_admdvs, batch.as_of, tags, timeout=PATIENCE)
    return unreadable


async def changed_since(connection: Connection, batch_no: str, today: date) -> list[tuple[str, date]]:
    """Whose tags a batch changed for days that are past, with the first of those days."""
    return [tuple(row) for row in await connection.fetch(CHANGED_SINCE, batch_no, today, timeout=PATIENCE)]

"""Counting who is enrolled for a year, by village and upwards and by school, and keeping it per day.

    snapshot(connection, rules, year, day)      count `day`, and every day since the last kept one
    rebuild(connection, rules, year, first, last)   count all these days anew from the days of payment

One statement counts a whole city. Enrolled is who has paid for the year by that day, and where the city's rules say
so who has nothing to pay; uninsured is who lives here, is alive and has no other insurance. Past days are told from
the days of payment as they stand now; where people live, and who is insured otherwise, is taken as on the last day.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from yibao.core.database import Connection
from yibao.population.campaign.parameters import CampaignRules, campaign_rules
from yibao.population.rules import Rules

LOCK = "select pg_advisory_xact_lock(hashtextextended($1, 0))"
WHOLE_TABLES = "set local enable_seqscan = on; set local work_mem = '128MB'"
"""The pool looks things up by key; this reads two million persons and joins them in memory."""
LONGEST = 600.0  # seconds that a count may take; the pool's statements get thirty
LAST_KEPT = "select max(day) from population.campaign_day where year = $1 and unit = $2 and day < $3"
COUNT = """
with counted as (
  select c.psn_no, min(coalesce(c.paid_on, $7)) as since from population.contribution c
  where c.insutype = '390' and c.period_from between make_date($1, 1, 1) and make_date($1, 12, 31)
    and (c.status = 'paid' or (c.status = 'due' and c.personal = 0 and $6))
  group by c.psn_no
), people as (
  select p.psn_no, p.live_area as village,
         case when k.since <= $3 then greatest(k.since, $2) end as since
  from population.person p left join counted k using (psn_no)
  where p.live_area ~>=~ $4 and p.live_area ~<~ $5 and p.merged_into is null
    and (k.psn_no is not null or p.die_date is null) and (k.psn_no is not null or not exists (
      select 1 from population.enrolment e
      where e.psn_no = p.psn_no and e.insutype <> '390' and e.psn_insu_stas = '1'
        and (e.enddate is null or e.enddate >= $3)))
), grouped as (
  select village as unit, since, count(*) as persons from people group by village, since
), units as (
  select d.code as unit, g.since, sum(g.persons) as persons
  from grouped g cross join lateral (
    select distinct left(g.unit, digits) as code from unnest(array[4, 6, 9, 12]) as digits
  ) above join directory.division d on d.code = above.code
  group by d.code, g.since
  union all
  select r.school_no, p.since, count(*) from population.school_roll r
  join population.school s on s.school_no = r.school_no join people p on p.psn_no = r.psn_no
  where r.year = $1 and s.area ~>=~ $4 and s.area ~<~ $5 group by r.school_no, p.since
), grid as (
  select u.unit, u.total, d.day::date as day, coalesce(n.persons, 0) as gained
  from (select unit, sum(persons) as total from units group by unit) u
  cross join generate_series($2::date, $3::date, interval '1 day') as d (day)
  left join units n on n.unit = u.unit and n.since = d.day::date
), running as (
  select unit, day, total, sum(gained) over (partition by unit order by day) as enrolled from grid
)
insert into population.campaign_day (year, day, unit, enrolled, uninsured)
select $1, day, unit, enrolled, total - enrolled from running
on conflict (year, unit, day) do update
  set enrolled = excluded.enrolled, uninsured = excluded.uninsured, taken_at = now()
"""
FORGET = """
delete from population.campaign_day
where year = $1 and day between $2 and $3 and ((unit ~>=~ $4 and unit ~<~ $5)
  or unit in (select school_no from population.school where area ~>=~ $4 and area ~<~ $5))
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """Which days were counted."""

    first: date
    last: date


async def snapshot(connection: Connection, rules: Rules, year: int, day: date) -> Counted:
    """Keep the counts of `day` in the caller's transaction; days missing since the last kept one are filled.

    The same day again gives the same rows, counted afresh. `Refused` P001 when the city has no campaign rules.
    """
    known = campaign_rules(rules, year)
    await connection.execute(LOCK, f"campaign {rules.area_code} {year}")
    kept = await connection.fetchval(LAST_KEPT, year, rules.area_code[:4], day)
    first = kept + timedelta(days=1) if kept else min(known.first_day, day)
    return await _count(connection, rules, known, first, day)


async def rebuild(connection: Connection, rules: Rules, year: int, first: date, last: date) -> Counted:
    """Count the days `first` to `last` anew: after a correction of payments, or when nothing was kept."""
    known = campaign_rules(rules, year)
    await connection.execute(LOCK, f"campaign {rules.area_code} {year}")
    return await _count(connection, rules, known, first, last)


async def _count(connection: Connection, rules: Rules, known: CampaignRules, first: date, last: date) -> Counted:
    below, beyond = below_area(rules.area_code[:4])
    await connection.execute(WHOLE_TABLES)
    await connection.execute(FORGET, known.year, first, last, below, beyond)
    subsidised = known.fully_subsidised_counts
    await connection.execute(
        COUNT, known.year, first, last, below, beyond, subsidised, known.first_day, timeout=LONGEST
    )
    return Counted(first, last)


def below_area(code: str) -> tuple[str, str]:
    """The codes from … to (not included) that begin with a division's code."""
    return code, code[:-1] + chr(ord(code[-1]) + 1)

"""Yearly premiums of residents (城乡居民应缴核定): who owes what for a year.

    assess(connection, packs, psn_nos, year, day, actor)         named persons: creates or renews what is due
    assess_area(connection, packs, admdvs, year, day, actor)     every enrolled resident of an area
    order_for(connection, packs, psn_nos, year, order, actor)    assess, then one payment order for all of them

Persons with the same facts owe the same: one statement counts the combinations, the pack and the calendar decide each
once, and one statement writes the contributions. What is paid, or stands in an order that lives, is left alone. Whom
the subsidy carries in full is settled at once, without an order and without an application (免申即享).
Refusals: P602–P605, see docs/contributions.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.benefits import Facts, Pack, premium
from yibao.benefits.book import PackBook
from yibao.benefits.national import sex_of, status_of
from yibao.benefits.other_rules import MissingRule
from yibao.core.database import Connection
from yibao.core.dates import age_on
from yibao.core.errors import Refusal, Refused
from yibao.population.contributions.effects import PaidPerson, against_enrolment, take_effect
from yibao.population.contributions.payments import NewOrder, Order, create_order
from yibao.population.contributions.windows import Calendar, born_since, calendar, term
from yibao.population.rules import rules_of

RESIDENT = "390"

LOCK = "select 1 from population.person where psn_no = any ($1) order by psn_no for no key update"
PLACES = """
select p.psn_no,
       coalesce(e.insu_admdvs, nullif(left(p.live_area, 6), ''), nullif(left(p.hsreg_area, 6), ''), '') as place
from population.person p
left join lateral (select insu_admdvs from population.enrolment e where e.psn_no = p.psn_no and e.insutype = '390'
                   order by e.enddate is null desc, e.begndate desc limit 1) e on true
where p.psn_no = any ($1)
"""
"""Where a person is, or would be, insured as a resident."""

EMPLOYED = """
select from population.enrolment x where x.psn_no = p.psn_no and x.insutype = '310' and x.psn_insu_stas = '1'
  and (x.enddate is null or x.enddate >= $1)
"""
"""Who is insured as an employee owes no resident's premium."""
NAMED = f"""
select p.psn_no, coalesce(e.psn_type, '') as psn_type, p.gend, p.brdy
from population.person p
left join lateral (select psn_type from population.enrolment e where e.psn_no = p.psn_no and e.insutype = '390'
                   order by e.enddate is null desc, e.begndate desc limit 1) e on true
where p.psn_no = any ($4) and p.die_date is null and p.merged_into is null
  and not exists ({EMPLOYED})
"""
CANCEL_EMPLOYED = f"""
update population.contribution c set status = 'cancelled' from population.person p
where c.psn_no = any ($2) and c.insutype = '390' and c.period_from = $3 and c.status = 'due' and p.psn_no = c.psn_no
  and exists ({EMPLOYED})
  and not exists (select from population.payment_line l
                  where l.contribution_id = c.contribution_id and l.status = 'open')
"""
"""Asked for before he became an employee."""
ENROLLED = """
select distinct on (e.psn_no) e.psn_no, e.psn_type, p.gend, p.brdy
from population.enrolment e join population.person p using (psn_no)
where e.insutype = '390' and e.insu_admdvs like $4 and e.psn_insu_stas in ('1', '2')
  and (e.enddate is null or e.enddate >= $1) and p.die_date is null and p.merged_into is null
order by e.psn_no, e.begndate desc
"""
KEYED = """
candidate as ({candidates}), tagged as (
  select psn_no, string_agg(tag, ',' order by tag) as tags from population.identity_tag
  where begntime <= $1 and (endtime is null or endtime >= $1) {only} group by psn_no
), keyed as (
  select psn_no, concat_ws('|', psn_type, gend, extract(year from age($1::date, brdy))::int, brdy >= $2::date,
                           coalesce(tags, '')) as key
  from candidate left join tagged using (psn_no)
  where not exists (select from population.contribution c where c.psn_no = candidate.psn_no and c.insutype = '390'
                    and c.period_from = $3 and c.status = 'paid')
)
"""
KEYS = "with {keyed} select key, count(*) as persons from keyed group by key"
LOCK_FREED = """
with {keyed}
select 1 from population.person where psn_no in (select psn_no from keyed where key = any ($5))
order by psn_no for no key update
"""
"""Persons who are to be settled at once: locked before contributions, in the order that orders take, too."""
WRITE = """
with {keyed}, written as (
  insert into population.contribution as c
    (psn_no, insutype, category, kind, period_from, period_to, personal, subsidy, fiscal, details)
  select k.psn_no, '390', 'resident', g.kind, $3, make_date(extract(year from $3::date)::int, 12, 31),
         g.personal, g.subsidy, g.fiscal, g.details
  from keyed k join unnest($5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::jsonb[])
       as g (key, kind, personal, subsidy, fiscal, details) using (key)
  order by k.psn_no
  on conflict (psn_no, insutype, period_from) where status in ('due', 'paid') do update
  set kind = excluded.kind, personal = excluded.personal, subsidy = excluded.subsidy, fiscal = excluded.fiscal,
      details = excluded.details
  where c.status = 'due'
    and (c.kind, c.personal, c.subsidy, c.fiscal) is distinct from
        (excluded.kind, excluded.personal, excluded.subsidy, excluded.fiscal)
    and not (c.kind = 'midyear' and excluded.kind = 'late')
    and not exists (select from population.payment_line l
                    where l.contribution_id = c.contribution_id and l.status = 'open')
  returning contribution_id, psn_no, kind, personal
)
select count(*) as written, array_agg(contribution_id) filter (where personal = 0) as settled from written
"""
SETTLE = """
update population.contribution set status = 'paid', paid_on = $2, paid_at = now() where contribution_id = any ($1)
returning psn_no, kind, period_from, details ->> 'ground' as ground
"""
DUE = """
select c.contribution_id, c.psn_no, c.kind from population.contribution c
where c.psn_no = any ($1) and c.insutype = '390' and c.period_from = $2 and c.status = 'due' order by c.psn_no
"""


FACTS = """
select coalesce(e.psn_type, '') as psn_type, p.gend, p.brdy,
       coalesce((select string_agg(t.tag, ',' order by t.tag) from population.identity_tag t
                 where t.psn_no = p.psn_no and t.begntime <= $2 and (t.endtime is null or t.endtime >= $2)), '') as tags
from population.person p
left join lateral (select psn_type from population.enrolment e where e.psn_no = p.psn_no and e.insutype = '390'
                   order by e.enddate is null desc, e.begndate desc limit 1) e on true
where p.psn_no = $1
"""


@dataclass(frozen=True, slots=True)
class Due:
    """What one combination of facts owes: fen; `details` keeps ground and clause of the term."""

    key: str
    kind: str
    personal: int
    subsidy: int
    fiscal: int
    details: dict[str, str]


async def assess(
    connection: Connection,
    packs: PackBook,
    psn_nos: Sequence[str],
    year: int,
    day: date,
    actor: str,
    *,
    ground: str = "",
) -> int:
    """Make or renew the due contribution of `year` as of `day`; returns how many changed.

    Left out are the dead, merged records, employees, and whoever can pay no more for the year. `ground` names why a
    person enters in the middle of the year (`midyear_entrants` of the area). Raises `Refused` P604, P605 or P001.
    """
    await connection.execute(LOCK, list(psn_nos))  # an order over them may be under way
    await connection.execute(CANCEL_EMPLOYED, day, list(psn_nos), date(year, 1, 1))
    places: dict[str, list[str]] = {}
    for row in await connection.fetch(PLACES, list(psn_nos)):
        places.setdefault(row["place"][:4], []).append(row["psn_no"])
    changed = 0
    for place, numbers in places.items():
        if place:
            scope = _Scope(NAMED, "and psn_no = any ($4)", numbers, place)
            changed += await _assess(connection, packs, scope, year, day, actor, ground)
    return changed


async def assess_area(connection: Connection, packs: PackBook, admdvs: str, year: int, day: date, actor: str) -> int:
    """The same for every resident whose enrolment lies in `admdvs` (city or county); returns how many changed."""
    prefix = admdvs[:4] if admdvs.endswith("00") else admdvs
    return await _assess(connection, packs, _Scope(ENROLLED, "", f"{prefix}%", admdvs), year, day, actor, "")


async def order_for(
    connection: Connection,
    packs: PackBook,
    psn_nos: Sequence[str],
    year: int,
    channel: str,
    actor: str,
    *,
    day: date,
    payer: str = "",
) -> Order:
    """One order for the year's premium of these persons; raises `Refused` with every reason, per person (P60x)."""
    numbers = list(dict.fromkeys(psn_nos))
    await assess(connection, packs, numbers, year, day, actor)
    due = {row["psn_no"]: row for row in await connection.fetch(DUE, numbers, date(year, 1, 1))}
    missing = [psn_no for psn_no in numbers if psn_no not in due]
    reasons = [nothing_due(psn_no, year) for psn_no in missing] + await against_enrolment(connection, list(due), day)
    if reasons:
        raise Refused(*reasons)
    places = await connection.fetch(PLACES, numbers)
    place = str(places[0]["place"])
    days = calendar(rules_of(place), year)
    _check_open(days, day)
    identifiers = tuple(row["contribution_id"] for row in due.values())
    until = min(days.last_day(row["kind"]) for row in due.values())
    return await create_order(connection, NewOrder(channel, place, identifiers, payer, until), actor)


async def personal_now(
    connection: Connection, packs: PackBook, psn_no: str, year: int, day: date, *, paid_on: date, ground: str = ""
) -> int:
    """What the person's own part of the year, paid on `paid_on`, would be with the tags of `day`, fen."""
    row = await connection.fetchrow(FACTS, psn_no, day)
    key = f"{row['psn_type']}|{row['gend']}|{age_on(row['brdy'], day)}|f|{row['tags']}"
    place = (await connection.fetch(PLACES, [psn_no]))[0]["place"]
    days = calendar(rules_of(place), year)
    due = _due(packs.pack_of(place), days, key, paid_on, ground)
    return due.personal if due else 0


def nothing_due(psn_no: str, year: int) -> Refusal:
    """The person has nothing to pay for the year, or can pay no more."""
    advice = "可能已缴费、已全额资助、已参加职工医保、已死亡，或已过缴费期；请查询缴费状态"
    return Refusal("P603", f"人员{psn_no}没有{year}年度应缴的居民医保费", advice, psn_no)


def _check_open(days: Calendar, day: date) -> None:
    if day < days.opens:
        text = f"{days.year}年度居民医保自{days.opens}起缴费"
        raise Refused(Refusal("P602", text, "请在集中征缴期开始后缴费", "year"))


@dataclass(frozen=True, slots=True)
class _Scope:
    """Which persons: the statement that finds them, its argument $4, and the place whose rules hold."""

    candidates: str
    only: str
    argument: Any
    place: str

    def statement(self, template: str) -> str:
        return template.format(keyed=KEYED.format(candidates=self.candidates, only=self.only))


async def _assess(
    connection: Connection, packs: PackBook, scope: _Scope, year: int, day: date, actor: str, ground: str
) -> int:
    days = calendar(rules_of(scope.place), year)
    pack = packs.pack_of(scope.place)
    begin = date(year, 1, 1)
    arguments = (day, born_since(days, day), begin, scope.argument)
    keys = [row["key"] for row in await connection.fetch(scope.statement(KEYS), *arguments)]
    found = [due for key in keys if (due := _due(pack, days, key, day, ground)) is not None]
    freed = [due.key for due in found if due.personal == 0]
    if freed:
        await connection.execute(scope.statement(LOCK_FREED), *arguments, freed)
    written = await connection.fetchrow(scope.statement(WRITE), *arguments, *_columns(found))
    if written["settled"]:
        await _settle(connection, written["settled"], day, actor)
    return int(written["written"])


def _due(pack: Pack, days: Calendar, key: str, day: date, ground: str) -> Due | None:
    """What persons of one combination owe, or None when they can pay no more for the year."""
    psn_type, gend, age, newborn, tags = key.split("|", 4)
    facts = Facts(
        insurance="resident",
        status=status_of(psn_type) if psn_type else "adult",
        age=max(0, int(age)),
        sex=sex_of(gend),
        tags=frozenset(filter(None, tags.split(","))),
    )
    try:
        _, subsidy, personal, fiscal = premium(pack, facts, date(days.year, 1, 1))
    except MissingRule as error:
        advice = "请在该市待遇政策包的筹资参数中补充"
        raise Refused(Refusal("P605", f"没有{days.year}年度居民筹资标准：{error}", advice, "year")) from error
    found = term(days, day, ground=ground, newborn=newborn == "t", subsidised=subsidy > 0)
    if found is None:
        return None
    details = {"ground": found.ground, "clause": found.clause}
    if found.with_fiscal:
        personal, fiscal = personal + fiscal, 0
    return Due(key, found.kind, personal, subsidy, fiscal, {name: text for name, text in details.items() if text})


def _columns(found: Iterable[Due]) -> tuple[list[Any], ...]:
    rows = list(found)
    return (
        [due.key for due in rows],
        [due.kind for due in rows],
        [due.personal for due in rows],
        [due.subsidy for due in rows],
        [due.fiscal for due in rows],
        [due.details for due in rows],
    )


async def _settle(connection: Connection, contributions: list[int], day: date, actor: str) -> None:
    """Persons whom the subsidy carries in full: settled at once."""
    rows = await connection.fetch(SETTLE, contributions, day)
    persons = [PaidPerson(row["psn_no"], row["kind"], row["period_from"], row["ground"] or "") for row in rows]
    await take_effect(connection, persons, day, actor, {"channel": "subsidy"})

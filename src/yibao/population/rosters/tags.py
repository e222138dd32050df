"""Identity tags (身份标识): who is what, from when to when, by whose word.

    begin_tag(connection, packs, NewTag(…), office)                   the department that owns the tag, or the bureau
    end_tag(connection, packs, psn_no, tag, last_day, office, …)      its last day, inclusive
    renew_premiums(connection, packs, psn_nos, day, actor)            what is still due follows the tags

A tag counts for benefits from its first day on (settlement reads tags by day of care), and for premiums that are not
paid yet. Bills that were settled before a tag was known stay as they are: `settlement.retroactive` lists them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from yibao.benefits.book import PackBook
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population import events
from yibao.population.contributions import premiums
from yibao.population.events import Event
from yibao.population.queries import unknown_person
from yibao.population.rosters.departments import BUREAU, Department, owner_of, tag_code
from yibao.population.rosters.receiving import LOCK as ROSTER_LOCK

CHUNK = 20_000  # persons assessed at once, so that no statement of a large roster runs into the time limit
LOCK = "select psn_no from population.person where psn_no = $1 for no key update"
OVERLAPPING = """
select begntime, endtime from population.identity_tag
where psn_no = $1 and tag = $2 and begntime <= coalesce($4::date, 'infinity') and coalesce(endtime, 'infinity') >= $3
order by begntime limit 1
"""
INSERT = """
insert into population.identity_tag (psn_no, psn_idet_type, tag, begntime, endtime, source, owner, evidence, admdvs)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
RUNNING = """
select begntime, endtime from population.identity_tag
where psn_no = $1 and tag = $2 and begntime <= $3 and coalesce(endtime, 'infinity') >= $3
order by begntime desc limit 1
"""
END = "update population.identity_tag set endtime = $4, evidence = $5 where psn_no = $1 and tag = $2 and begntime = $3"
DUE_YEARS = """
select extract(year from period_from)::int as year, array_agg(psn_no order by psn_no) as psn_nos
from population.contribution
where psn_no = any($1) and category = 'resident' and status = 'due' and period_to >= $2 group by 1 order by 1
"""
"""Only who owes something already: a roster also names people of other cities, whose rules are not known here."""


@dataclass(frozen=True, slots=True)
class Office:
    """Who acts: a department's code or `BUREAU`, the city it acts in, and the user or program."""

    department: str
    admdvs: str
    actor: str


@dataclass(frozen=True, slots=True)
class NewTag:
    """A tag to be set; days inclusive, `endtime` None until further notice; `evidence` a document or its number."""

    psn_no: str
    tag: str
    begntime: date
    endtime: date | None = None
    evidence: str = ""


async def begin_tag(connection: Connection, packs: PackBook, tag: NewTag, office: Office, today: date) -> None:
    """Set a tag in the caller's transaction.

    Raises `Refused`: P106 unknown person, P802 not this department's tag, P803 overlaps, P805 ends before it begins.
    """
    owner = check_owner(office, tag.tag, today)
    if tag.endtime is not None and tag.endtime < tag.begntime:
        raise Refused(Refusal("P805", "结束日期早于开始日期", "请核对认定文件", "endtime"))
    await _lock(connection, tag.psn_no, office, owner)
    other = await connection.fetchrow(OVERLAPPING, tag.psn_no, tag.tag, tag.begntime, tag.endtime)
    if other is not None:
        raise Refused(_overlap(tag.tag, other["begntime"], other["endtime"]))
    code = tag_code(office.admdvs, tag.tag, today)
    period = (tag.begntime, tag.endtime)
    said = (owner.name, owner.code, tag.evidence, office.admdvs)
    await connection.execute(INSERT, tag.psn_no, code, tag.tag, *period, *said)
    details = {"tag": tag.tag, "endtime": tag.endtime, "department": owner.code}
    event = Event(tag.psn_no, "tagged", tag.begntime, office.actor, tag.evidence, details)
    await _after(connection, packs, office, today, event)


async def end_tag(
    connection: Connection,
    packs: PackBook,
    psn_no: str,
    tag: str,
    last_day: date,
    office: Office,
    evidence: str,
    today: date,
) -> None:
    """Give a running tag its last day. Raises `Refused`: P106, P802, P804 no such tag on that day."""
    owner = check_owner(office, tag, today)
    await _lock(connection, psn_no, office, owner)
    running = await connection.fetchrow(RUNNING, psn_no, tag, last_day)
    if running is None:
        raise Refused(Refusal("P804", f"{last_day}没有正在生效的“{tag}”身份", "请核对人员与身份的起止日期", "endtime"))
    await connection.execute(END, psn_no, tag, running["begntime"], last_day, evidence)
    details = {"tag": tag, "begntime": running["begntime"], "department": owner.code}
    event = Event(psn_no, "untagged", last_day, office.actor, evidence, details)
    await _after(connection, packs, office, today, event)


def check_owner(office: Office, tag: str, day: date) -> Department:
    """The department that recognises a tag: only it may change it, and the bureau; else `Refused` P802."""
    owner = owner_of(office.admdvs, tag, day)
    if office.department not in (BUREAU, owner.code):
        raise Refused(Refusal("P802", f"“{tag}”由{owner.name}认定，本部门不能办理", f"请由{owner.name}提供名册", "tag"))
    return owner


async def renew_premiums(connection: Connection, packs: PackBook, psn_nos: Sequence[str], day: date, actor: str) -> int:
    """Assess again what these persons still owe for running and coming years; returns how many amounts changed."""
    changed = 0
    for first in range(0, len(psn_nos), CHUNK):
        some = list(psn_nos[first : first + CHUNK])
        for row in await connection.fetch(DUE_YEARS, some, day):
            changed += await premiums.assess(connection, packs, row["psn_nos"], row["year"], day, actor)
    return changed


async def _lock(connection: Connection, psn_no: str, office: Office, owner: Department) -> None:
    """Wait for a roster of the department that takes effect just now, then for the person."""
    await connection.execute(ROSTER_LOCK, f"{office.admdvs[:4]} {owner.code}")
    if await connection.fetchval(LOCK, psn_no) is None:
        raise Refused(unknown_person(psn_no))


async def _after(connection: Connection, packs: PackBook, office: Office, today: date, event: Event) -> None:
    await events.note(connection, event)
    await renew_premiums(connection, packs, [event.psn_no], today, office.actor)


def _overlap(tag: str, begins: date, ends: date | None) -> Refusal:
    until = f"至{ends}" if ends else "起长期"
    return Refusal(
        "P803", f"已有“{tag}”身份（{begins}{until}），期间重叠", "请先结束原身份或改用不重叠的日期", "begntime"
    )

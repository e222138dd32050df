"""Classified premium subsidy (分类资助参保): what medical aid and public finance carry of the residents' premiums.

    subsidised(connection, packs, admdvs, year, department)   person by person: standard, subsidy, own share, and why
    summary(connection, packs, admdvs, year)                  persons and amounts per department and tag
    write_statement(target, …)                                the same as a workbook, for a department or for finance
    book(connection, admdvs, year, day, actor)                into the journal when a collection is confirmed

Nobody applies (免申即享): the amounts stand in the contributions since they were assessed. Of several tags the one
with the highest subsidy counts. Only what is paid, or carried in full, is asked for: a subsidy for somebody who never
paid his share is not due. Booking again books the difference only (late payers, refunds).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO

from yibao.benefits import Facts, Pack, premium
from yibao.benefits.book import PackBook
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.sheets import Heading, write_sheet
from yibao.ledger.actions import book as book_entry
from yibao.ledger.entry import Entry, Posting
from yibao.population.rosters.departments import departments_of
from yibao.population.rosters.matching import PATIENCE
from yibao.population.rosters.receiving import prepare_for_bulk

PLACE = "case when $1 like '%00' then left($1, 4) else $1 end"
LIVING = f"""
population.contribution c
join lateral (select insu_admdvs from population.enrolment e where e.psn_no = c.psn_no and e.insutype = '390'
              order by e.begndate desc limit 1) e on starts_with(e.insu_admdvs, {PLACE})
"""
SUBSIDISED = f"""
select c.psn_no, p.certno, p.psn_name, p.live_area, c.personal, c.subsidy, c.status,
       array(select distinct t.tag from population.identity_tag t
             where t.psn_no = c.psn_no and t.begntime <= coalesce(c.paid_on, $3)
               and coalesce(t.endtime, 'infinity') >= coalesce(c.paid_on, $3)) as tags
from {LIVING} join population.person p on p.psn_no = c.psn_no
where c.insutype = '390' and c.period_from = make_date($2, 1, 1) and c.status in ('due', 'paid') and c.subsidy > 0
order by p.live_area, c.psn_no
"""
SUMS = f"""
select coalesce(sum(c.subsidy), 0)::bigint as subsidy, coalesce(sum(c.fiscal), 0)::bigint as fiscal
from {LIVING}
where c.insutype = '390' and c.period_from = make_date($2, 1, 1) and c.status = 'paid'
"""
BOOKED = """
select coalesce(sum(p.amount) filter (where p.account = 'medical_aid.premium_subsidies'), 0)::bigint as subsidy,
       coalesce(sum(p.amount) filter (where p.account = 'fiscal.receivable'), 0)::bigint as fiscal,
       count(distinct e.entry_id)::int as entries
from ledger.entry e join ledger.posting p using (entry_id)
where e.kind = 'premium_subsidy' and e.reference like $1 || '-%'
"""
LOCK = "select pg_advisory_xact_lock(hashtext('premium subsidy ' || $1))"
PERSONS = (
    Heading("人员编号", width=22),
    Heading("证件号码", "identity"),
    Heading("姓名"),
    Heading("居住地"),
    Heading("享受资助的身份"),
    Heading("全部身份", width=24),
    Heading("个人缴费标准", "money"),
    Heading("资助金额", "money"),
    Heading("个人应缴", "money"),
    Heading("状态"),
)
TOTALS = (
    Heading("认定部门", width=24),
    Heading("身份"),
    Heading("人数", "integer"),
    Heading("资助金额", "money"),
    Heading("个人应缴", "money"),
    Heading("其中已缴人数", "integer"),
)
STATES = {"due": "待缴", "paid": "已缴"}


@dataclass(frozen=True, slots=True)
class Subsidised:
    """One person's share; `tag` is the one whose subsidy is the highest. Amounts fen."""

    psn_no: str
    certno: str
    psn_name: str
    area: str
    tag: str
    tags: tuple[str, ...]
    department: str
    subsidy: int
    personal: int
    status: str


@dataclass(frozen=True, slots=True)
class SubsidySum:
    """Persons and fen of one tag; `paid` of them have paid (or owe nothing)."""

    department: str
    tag: str
    persons: int
    subsidy: int
    personal: int
    paid: int


async def subsidised(
    connection: Connection, packs: PackBook, admdvs: str, year: int, day: date, department: str = ""
) -> list[Subsidised]:
    """Whose premium of `year` is subsidised, in a city or county; `department` keeps only tags that it recognises."""
    owners = {tag: one.code for one in departments_of(admdvs, day).values() for tag in one.tags}
    pack = packs.pack_of(admdvs)
    await prepare_for_bulk(connection)
    found = []
    for row in await connection.fetch(SUBSIDISED, admdvs, year, day, timeout=PATIENCE):
        tag = best_tag(pack, row["tags"], year)
        owner = owners.get(tag, "")
        if department in ("", owner):
            who = (row["psn_no"], row["certno"], row["psn_name"], row["live_area"], tag, tuple(row["tags"]), owner)
            found.append(Subsidised(*who, row["subsidy"], row["personal"], row["status"]))
    return found


def best_tag(pack: Pack, tags: Iterable[str], year: int) -> str:
    """Of several tags the one with the highest subsidy; "" without any."""
    ranked = [(-_subsidy_of(pack, tag, year), tag) for tag in tags]
    return min(ranked)[1] if ranked else ""


def _subsidy_of(pack: Pack, tag: str, year: int) -> int:
    facts = Facts(insurance="resident", status="adult", tags=frozenset({tag}))
    return premium(pack, facts, date(year, 1, 1)).subsidy


def summary(persons: Iterable[Subsidised]) -> list[SubsidySum]:
    """Persons and amounts by department and tag."""
    groups: dict[tuple[str, str], list[Subsidised]] = {}
    for one in persons:
        groups.setdefault((one.department, one.tag), []).append(one)
    return [
        SubsidySum(
            department, tag, len(group), sum(one.subsidy for one in group), sum(one.personal for one in group),
            sum(one.status == "paid" for one in group),
        )
        for (department, tag), group in sorted(groups.items())
    ]  # fmt: skip


def write_statement(
    target: Path | IO[bytes], admdvs: str, year: int, day: date, persons: Sequence[Subsidised], *, totals: bool
) -> int:
    """A workbook: sums for finance (`totals`), or person by person for a department; returns the number of rows."""
    names = {code: one.name for code, one in departments_of(admdvs, day).items()}
    note = f"{year}年度　截至{day}　金额单位：元"
    if totals:
        rows = (
            (names.get(one.department, ""), one.tag, one.persons, one.subsidy, one.personal, one.paid)
            for one in summary(persons)
        )
        return write_sheet(target, "资助参保汇总表", TOTALS, rows, note=note)
    return write_sheet(target, "资助参保人员明细表", PERSONS, map(_statement_row, persons), note=note)


def _statement_row(one: Subsidised) -> tuple[str | int, ...]:
    who = (one.psn_no, one.certno, one.psn_name, one.area, one.tag, "、".join(one.tags))
    return (*who, one.subsidy + one.personal, one.subsidy, one.personal, STATES[one.status])


async def book(connection: Connection, admdvs: str, year: int, day: date, actor: str) -> int | None:
    """Book what medical aid and finance owe for the confirmed premiums of `year`, in the caller's transaction.

    Always for the whole city of `admdvs`, so that no county is booked twice. Returns the number of the entry, None when
    nothing is left to book. Raises `Refused` P831 for a year to come.
    """
    if year > day.year + 1:
        raise Refused(Refusal("P831", f"{year}年度尚未开始征缴", "请核对年度", "year"))
    city = f"{admdvs[:4]}00"
    reference = f"{city}-{year}"
    await connection.execute(LOCK, reference)
    await prepare_for_bulk(connection)
    owed = await connection.fetchrow(SUMS, city, year, timeout=PATIENCE)
    booked = await connection.fetchrow(BOOKED, reference, timeout=PATIENCE)
    subsidy, fiscal = owed["subsidy"] - booked["subsidy"], owed["fiscal"] - booked["fiscal"]
    if not subsidy and not fiscal:
        return None
    postings = subsidy_postings(subsidy, fiscal, city)
    text = f"{year}年度居民医保资助参保与财政补助（{actor}）"
    return await book_entry(
        connection, Entry(day, "premium_subsidy", f"{reference}-{booked['entries'] + 1}", text, postings)
    )


def subsidy_postings(subsidy: int, fiscal: int, area: str) -> tuple[Posting, ...]:
    """Medical aid pays the subsidy, public finance its part, both into the residents' fund."""
    postings = (
        Posting("medical_aid.premium_subsidies", subsidy, area),
        Posting("resident.contributions", -subsidy, "medical_aid"),
        Posting("fiscal.receivable", fiscal, area),
        Posting("resident.fiscal_subsidies", -fiscal, area),
    )
    return tuple(posting for posting in postings if posting.amount)

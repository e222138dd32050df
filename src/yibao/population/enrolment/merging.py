"""Merging duplicates (重复登记合并): one person was registered twice; one number stays.

`merge(connection, duplicate, survivor, actor, reason)` moves everything of the duplicate in one transaction:

1. enrolments on the same days: the duplicate's is shortened to the days before, or declared invalid; refused (P122)
   where both have bills on those days, since one of them has been paid from the wrong enrolment, and P123 where the
   duplicate's would have to go on after the other's end
2. the balance of the personal account, by movements and a journal entry; the old account is closed (frozen at zero)
3. tags, links, contributions, visits, bills, yearly totals, and every other row that names the person
4. both get an event; the old number and its certificates lead to the new one, and messages with it are refused (P118)

Refusals: P106, P118, P121 nothing to merge, P122, P123, P124 different persons, P125 frozen account, P126 paid twice,
P127 another table has the same for both.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from asyncpg.exceptions import RestrictViolationError, UniqueViolationError

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.ledger.actions import book
from yibao.ledger.entry import Entry, Posting
from yibao.population.enrolment.enrolment_rules import BASIC, ONE_DAY, Row
from yibao.population.enrolment.enrolments import enrolments_of, invalidate, snapshot, suspensions_of, take_over
from yibao.population.enrolment.persons import IDENTITY_CARD, locked
from yibao.population.entitlement import coverage
from yibao.population.events import Event, note

BILLS = "select setl_id from settlement.bills_of($1, $2, $3)"
MOVE_CARE = "select settlement.move_person($1, $2)"
SHORTEN = """
update population.enrolment set psn_insu_stas = '4', enddate = $2, reason = 'duplicate' where psn_insu_rlts_id = $1
"""
ACCOUNTS = """
select psn_no, balance, frozen from population.account where psn_no = any ($1) order by psn_no for no key update
"""
OPEN_ACCOUNT = "insert into population.account (psn_no) values ($1) on conflict (psn_no) do nothing"
MOVE_MONEY = """
select count(*) from population.move_accounts(array[$1, $2], array[-$3::bigint, $3::bigint], 'merging', $4)
"""
CLOSE_ACCOUNT = "update population.account set frozen = true where psn_no = $1"
DROP_TAGS = """
delete from population.identity_tag t where t.psn_no = $1 and exists (
  select from population.identity_tag s where s.psn_no = $2 and s.tag = t.tag
    and s.begntime <= coalesce(t.endtime, 'infinity') and coalesce(s.endtime, 'infinity') >= t.begntime)
returning tag, begntime, endtime
"""
DROP_LINKS = """
delete from population.family_link l
where (l.beneficiary = $1 and l.payer = $2) or (l.beneficiary = $2 and l.payer = $1)
  or (l.beneficiary = $1 and exists (select from population.family_link s where s.beneficiary = $2 and s.payer = l.payer
      and s.begndate <= coalesce(l.enddate, 'infinity') and coalesce(s.enddate, 'infinity') >= l.begndate))
  or (l.payer = $1 and exists (select from population.family_link s where s.payer = $2 and s.beneficiary = l.beneficiary
      and s.begndate <= coalesce(l.enddate, 'infinity') and coalesce(s.enddate, 'infinity') >= l.begndate))
returning beneficiary, payer, begndate
"""
SAME_PERIOD = """
select d.contribution_id as theirs, d.status, s.contribution_id as ours, s.status as our_status, d.period_from
from population.contribution d join population.contribution s using (insutype, period_from)
where d.psn_no = $1 and s.psn_no = $2 and d.status in ('due', 'paid') and s.status in ('due', 'paid')
"""
CANCEL = "update population.contribution set status = 'cancelled' where contribution_id = $1"
FORGET_COVERAGE = "delete from population.coverage where psn_no = $1 and origin = 'computed'"
COLUMNS = """
select c.conrelid::regclass::text as place, a.attname as name
from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
where c.contype = 'f' and cardinality(c.conkey) = 1
  and c.confrelid in ('population.person'::regclass, 'population.account'::regclass)
union
select format('population.%I', c.table_name), c.column_name from information_schema.columns c
join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'population' and t.table_type = 'BASE TABLE' and c.column_name = 'psn_no'
order by 1, 2
"""
STAY = {"population.person", "population.event", "population.account", "population.account_movement"}
"""The duplicate's own record, log and account history stay under its number."""
MARK = """
update population.person set merged_into = $2, household_no = null, hshd_relation = ''
where psn_no = $1 or merged_into = $1 returning psn_no
"""
LEAVE_HEAD = "update population.household set head = $2 where head = $1"
TAKE_PLACE = """
update population.person s set household_no = d.household_no, hshd_relation = d.hshd_relation
from population.person d where s.psn_no = $2 and d.psn_no = $1 and s.household_no is null and d.household_no is not null
returning s.household_no
"""


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of it: fen moved, rows moved by table, and what the surviving record had already (dropped)."""

    survivor: str
    balance: int = 0
    moved: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, list[str]] = field(default_factory=dict)


async def merge(connection: Connection, duplicate: str, survivor: str, actor: str, reason: str) -> Merged:
    """Merge `duplicate` into `survivor` in the caller's transaction; raises `Refused` and then nothing is done."""
    async with connection.transaction():
        await _check_persons(connection, duplicate, survivor)
        await _part_enrolments(connection, duplicate, survivor, actor)
        facts = await _what_moves(connection, duplicate)
        balance = await _move_balance(connection, duplicate, survivor)
        dropped = await _drop_what_both_have(connection, duplicate, survivor)
        await _settle_contributions(connection, duplicate, survivor)
        moved = await _move_rows(connection, duplicate, survivor)
        await _close_record(connection, duplicate, survivor, actor, reason)
        merged = Merged(survivor, balance, moved, dropped)
        await _tell(connection, duplicate, merged, facts, actor, reason)
        await coverage.refresh(connection, [survivor])
    return merged


def same_person(one: Any, other: Any) -> list[Refusal]:
    """P124 for two records that cannot be one person: other birth date or sex, or two good identity numbers. Pure."""
    if (one["brdy"], one["gend"]) != (other["brdy"], other["gend"]):
        return [Refusal("P124", "两条登记的出生日期或性别不同", "请先更正有误的登记，再合并", "survivor")]
    if {one["psn_cert_type"], other["psn_cert_type"]} == {IDENTITY_CARD} and one["psn_name"] != other["psn_name"]:
        return [Refusal("P124", "两条登记的身份证号码和姓名都不同", "请核对是否同一人；如是，请先更正姓名", "survivor")]
    return []


async def _check_persons(connection: Connection, duplicate: str, survivor: str) -> None:
    if duplicate == survivor:
        raise Refused(Refusal("P121", "两个人员编号相同，无需合并", "请核对人员编号", "survivor"))
    rows = {number: await locked(connection, number) for number in sorted((duplicate, survivor))}
    reasons = same_person(rows[duplicate], rows[survivor])
    if reasons:
        raise Refused(*reasons)


async def _part_enrolments(connection: Connection, duplicate: str, survivor: str, actor: str) -> None:
    """Leave no day on which both records have the same right."""
    ours = [row for row in await enrolments_of(connection, survivor) if row.last_day >= row.begndate]
    for row in await enrolments_of(connection, duplicate):
        await take_over(connection, row, actor)
        clashing = [one for one in ours if _clash(row, one)]
        if clashing:
            await _refuse_bills_of_both(connection, row, clashing)
            await _cut(connection, row, clashing, actor)


def _clash(one: Row, other: Row) -> bool:
    same_right = one.insutype == other.insutype or {one.insutype, other.insutype} <= set(BASIC)
    return same_right and max(one.begndate, other.begndate) <= min(one.last_day, other.last_day)


async def _refuse_bills_of_both(connection: Connection, row: Row, clashing: list[Row]) -> None:
    for one in clashing:
        first, last = max(row.begndate, one.begndate), min(row.last_day, one.last_day)
        theirs = [bill[0] for bill in await connection.fetch(BILLS, row.psn_no, first, last)]
        ours = [bill[0] for bill in await connection.fetch(BILLS, one.psn_no, first, last)]
        if theirs and ours:
            text = f"两个编号在{first}之后都有结算：{'、'.join([*theirs, *ours][:10])}"
            raise Refused(Refusal("P122", text, "请先核查并撤销重复享受的结算，再合并", "duplicate"))


async def _cut(connection: Connection, row: Row, clashing: list[Row], actor: str) -> None:
    if row.last_day > max(one.last_day for one in clashing):
        text = f"参保关系{row.psn_insu_rlts_id}与保留编号的参保期间交叉且结束更晚"
        raise Refused(Refusal("P123", text, "请改为保留另一编号，或先整理参保期间", "duplicate"))
    first = min(one.begndate for one in clashing)
    if row.begndate >= first:
        await invalidate(connection, row, actor, "duplicate")
        return
    await connection.execute(SHORTEN, row.psn_insu_rlts_id, first - ONE_DAY)
    details = {"psn_insu_rlts_id": row.psn_insu_rlts_id}
    await note(connection, Event(row.psn_no, "ended", first - ONE_DAY, actor, "duplicate", details))


async def _what_moves(connection: Connection, duplicate: str) -> dict[str, Any]:
    rows = await enrolments_of(connection, duplicate)
    suspensions = await suspensions_of(connection, duplicate)
    return {
        "enrolments": [snapshot(row) for row in rows],
        "suspensions": [[number, str(first), str(again)] for number, first, again in suspensions],
    }


async def _move_balance(connection: Connection, duplicate: str, survivor: str) -> int:
    rows = {row["psn_no"]: row for row in await connection.fetch(ACCOUNTS, [duplicate, survivor])}
    if duplicate not in rows:
        return 0
    balance: int = rows[duplicate]["balance"]
    if rows[duplicate]["frozen"]:
        raise Refused(Refusal("P125", f"人员{duplicate}的个人账户已冻结", "请先解冻，再合并", "duplicate"))
    await connection.execute(OPEN_ACCOUNT, survivor)
    if balance:
        await connection.execute(MOVE_MONEY, duplicate, survivor, balance, f"{duplicate}>{survivor}")
        await book(connection, entry_of(duplicate, survivor, balance, dates.today()))
    await connection.execute(CLOSE_ACCOUNT, duplicate)
    return balance


def entry_of(duplicate: str, survivor: str, balance: int, day: date) -> Entry:
    """The journal entry: the fund owes the same money under the other number."""
    postings = (
        Posting("personal_account.balances", balance, duplicate),
        Posting("personal_account.balances", -balance, survivor),
    )
    return Entry(day, "merging", f"{duplicate}>{survivor}", f"合并重复登记 {duplicate} 并入 {survivor}", postings)


async def _drop_what_both_have(connection: Connection, duplicate: str, survivor: str) -> dict[str, list[str]]:
    tags = await connection.fetch(DROP_TAGS, duplicate, survivor)
    links = await connection.fetch(DROP_LINKS, duplicate, survivor)
    dropped = {
        "tags": [f"{row['tag']} {row['begntime']}–{row['endtime'] or ''}" for row in tags],
        "links": [f"{row['payer']}→{row['beneficiary']} {row['begndate']}" for row in links],
    }
    return {kind: rows for kind, rows in dropped.items() if rows}


async def _settle_contributions(connection: Connection, duplicate: str, survivor: str) -> None:
    """Of two contributions for one period the unpaid goes; two paid ones have to be refunded first."""
    for row in await connection.fetch(SAME_PERIOD, duplicate, survivor):
        if row["status"] == row["our_status"] == "paid":
            text = f"两个编号都缴纳了{row['period_from']:%Y-%m}起的保费"
            raise Refused(Refusal("P126", text, "请先为其中一个办理退费，再合并", "duplicate"))
        await connection.execute(CANCEL, row["theirs"] if row["status"] == "due" else row["ours"])


async def _move_rows(connection: Connection, duplicate: str, survivor: str) -> dict[str, int]:
    """Give every row that names the duplicate to the survivor; returns how many by table."""
    await connection.execute(FORGET_COVERAGE, duplicate)
    await connection.execute(MOVE_CARE, duplicate, survivor)
    moved: dict[str, int] = {}
    for place, name in await connection.fetch(COLUMNS):
        if place not in STAY and (count := await _move_column(connection, place, name, duplicate, survivor)):
            moved[place] = moved.get(place, 0) + count
    return moved


async def _move_column(connection: Connection, place: str, name: str, duplicate: str, survivor: str) -> int:
    """`place` and `name` come from the catalogue of the database, quoted by it. A log that is never changed stays."""
    try:
        async with connection.transaction():
            done = await connection.execute(
                f'update {place} set "{name}" = $2 where "{name}" = $1', duplicate, survivor
            )
    except RestrictViolationError:
        return 0
    except UniqueViolationError as error:
        text = f"两个编号在{place}中都有同一项记录"
        raise Refused(Refusal("P127", text, "请先核对并撤销其中一项，再合并", "duplicate")) from error
    return int(done.split()[-1])


async def _close_record(connection: Connection, duplicate: str, survivor: str, actor: str, reason: str) -> None:
    household_no = await connection.fetchval(TAKE_PLACE, duplicate, survivor)
    await connection.execute(LEAVE_HEAD, duplicate, survivor if household_no else None)
    marked = [row[0] for row in await connection.fetch(MARK, duplicate, survivor)]
    earlier = [number for number in marked if number != duplicate]
    details = {"merged_into": survivor}
    await note(connection, *[Event(number, "merged", dates.today(), actor, reason, details) for number in earlier])
    if household_no:
        details = {"household_no": household_no, "relation": ""}
        await note(connection, Event(survivor, "household_joined", dates.today(), actor, reason, details))


async def _tell(
    connection: Connection, duplicate: str, merged: Merged, facts: dict[str, Any], actor: str, reason: str
) -> None:
    today = dates.today()
    details = {"merged_into": merged.survivor, "balance": merged.balance, "moved": merged.moved, **facts}
    absorbed = {"duplicate": duplicate, "balance": merged.balance, "dropped": merged.dropped, **facts}
    await note(
        connection,
        Event(duplicate, "merged", today, actor, reason, details),
        Event(merged.survivor, "absorbed", today, actor, reason, absorbed),
    )

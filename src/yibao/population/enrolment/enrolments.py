"""Enrolments (参保关系): start, suspend, resume, end, reclassify, switch.

    start(connection, Start(…), actor, reason)              a new enrolment; returns psn_insu_rlts_id
    suspend(connection, psn_insu_rlts_id, day, …)           `day` is the first day without enrolment 暂停
    resume(connection, psn_insu_rlts_id, day, …)            `day` is the first day of enrolment again 恢复
    end(connection, psn_insu_rlts_id, day, …)               `day` is the last day of the enrolment 终止
    reclassify(connection, psn_insu_rlts_id, Change(…), …)  another employer, flexible, another kind of person
    switch(connection, psn_insu_rlts_id, Start(…), …)       end the one and start the other the day after 险种转换

Each works in the caller's transaction under the lock of the person, writes its event and renews coverage. `reason` is
a code of data/reasons.yaml. Nobody has two basic medical insurances (310, 390) on one day: checked here by days and
held by the index enrolment_active. Raises `Refused` with every reason at once: P106, P118, P143, P144, P171–P173 (other
areas), P521 unknown, P522 enrolled already, P523 state, P524 days, P525 died, P526 reason, P527 kinds, P528
employer, P529 retired within the enrolment.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from asyncpg.exceptions import UniqueViolationError

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.enrolment import employers, national
from yibao.population.enrolment.enrolment_rules import (
    ACTIONS,
    BASIC,
    ENDED,
    NORMAL,
    ONE_DAY,
    STATES,
    SUSPENDED,
    Row,
    check_kind,
    overlapping,
)
from yibao.population.enrolment.persons import check_area, locked
from yibao.population.entitlement import coverage
from yibao.population.events import Event, note
from yibao.population.reasons import unknown_reason

ROW = """
psn_insu_rlts_id, psn_no, insutype, category, psn_type, insu_admdvs, psn_insu_stas, begndate, enddate, paus_date,
emp_no, emp_name, reason
"""
OF_PERSON = f"select {ROW} from population.enrolment where psn_no = $1 order by begndate, psn_insu_rlts_id"
BY_ID = f"select {ROW} from population.enrolment where psn_insu_rlts_id = $1"
PERSON_OF = "select psn_no from population.enrolment where psn_insu_rlts_id = $1"
SUSPENSIONS = """
select s.psn_insu_rlts_id, s.paus_date, s.resu_date from population.suspension s
join population.enrolment e using (psn_insu_rlts_id) where e.psn_no = $1 order by s.paus_date
"""
INSERT = """
insert into population.enrolment (psn_no, insutype, category, psn_type, insu_admdvs, psn_insu_stas, begndate, emp_no,
  emp_name, reason)
values ($1, $2, $3, $4, $5, '1', $6, $7, $8, $9) returning psn_insu_rlts_id
"""
SUSPEND = """
update population.enrolment set psn_insu_stas = '2', paus_date = $2, reason = $3 where psn_insu_rlts_id = $1
"""
RESUME = """
update population.enrolment set psn_insu_stas = '1', paus_date = null, reason = $2 where psn_insu_rlts_id = $1
"""
KEEP_SUSPENSION = "insert into population.suspension (psn_insu_rlts_id, paus_date, resu_date) values ($1, $2, $3)"
END = "update population.enrolment set psn_insu_stas = '4', enddate = $2, reason = $3 where psn_insu_rlts_id = $1"
INVALIDATE = "update population.enrolment set psn_insu_stas = '3', reason = $2 where psn_insu_rlts_id = $1"
RECLASSIFY = """
update population.enrolment set category = $2, psn_type = $3, emp_no = $4, emp_name = $5, reason = $6
where psn_insu_rlts_id = $1
"""
DECIDED_EARLIER = """
select jsonb_agg(to_jsonb(v) order by v.begndate) from population.coverage v
where v.psn_no = $1 and v.psn_insu_rlts_id = $2 and v.origin = 'taken_over' and (v.enddate is null or v.enddate >= $3)
"""
"""Coverage that no payment gives: a suspension cuts it, and its event keeps it."""
PUT_BACK = """
insert into population.coverage (psn_no, psn_insu_rlts_id, insutype, state, begndate, enddate, reason, clause, origin)
select $1, $2, c.insutype, c.state, greatest(c.begndate, $3), c.enddate, c.reason, c.clause, c.origin
from population.event e, jsonb_populate_recordset(null::population.coverage, e.details -> 'taken_over') c
where e.event_id = (select max(event_id) from population.event
                    where psn_no = $1 and kind = 'suspended' and (details ->> 'psn_insu_rlts_id')::bigint = $2)
  and (c.enddate is null or c.enddate >= $3)
on conflict do nothing
"""
HAS_EVENTS = """
select exists (select from population.event
               where psn_no = $1 and kind = any ($3) and details ->> 'psn_insu_rlts_id' = $2)
"""
RETIRED = "retired"
BEGINNINGS = ["enrolled", "enrolment_taken_over"]


@dataclass(frozen=True, slots=True)
class Start:
    """A new enrolment from `begndate` on. `category` resident (390), employee (310, with `emp_no`), flexible, retired;
    "" for insurances beside the basic ones. `psn_type` as in the national dictionary.
    """

    psn_no: str
    insutype: str
    category: str
    psn_type: str
    insu_admdvs: str
    begndate: date
    emp_no: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What an enrolment is from `day` on: category and psn_type, and the employer of an employee."""

    day: date
    category: str
    psn_type: str
    emp_no: str | None = None


async def start(connection: Connection, new: Start, actor: str, reason: str) -> int:
    """Start an enrolment; returns psn_insu_rlts_id. Raises `Refused`, see the module."""
    person = await locked(connection, new.psn_no)
    reasons = [
        *check_area(new.insu_admdvs),
        *check_kind(new.insutype, new.category, new.psn_type),
        *unknown_reason("start", reason),
        *_against_life(person, new.begndate),
    ]
    emp_name, wrong = await _employer(connection, new.category, new.emp_no, new.begndate)
    reasons.extend(wrong)
    if new.insutype in BASIC:
        rows = await enrolments_of(connection, new.psn_no)
        reasons.extend(overlapping(rows, new.begndate, None))
        reasons.extend(await national.against(connection, new.psn_no, new.insu_admdvs))
    if reasons:
        raise Refused(*reasons)
    number = await _insert(connection, new, emp_name, reason)
    details = {**_started(new, emp_name), "psn_insu_rlts_id": number}
    await _done(connection, Event(new.psn_no, "enrolled", new.begndate, actor, reason, details))
    return number


async def suspend(connection: Connection, psn_insu_rlts_id: int, day: date, actor: str, reason: str) -> None:
    """Suspend from `day` on; raises `Refused` P521, P523, P524, P526."""
    row = await _changing(connection, psn_insu_rlts_id, "suspend", day, reason, (NORMAL,))
    await take_over(connection, row, actor)
    decided = await connection.fetchval(DECIDED_EARLIER, row.psn_no, psn_insu_rlts_id, day)
    await connection.execute(SUSPEND, psn_insu_rlts_id, day, reason)
    details = {"taken_over": decided} if decided else {}
    await _done(connection, _event(row, "suspended", day, actor, reason, details))


async def resume(connection: Connection, psn_insu_rlts_id: int, day: date, actor: str, reason: str) -> None:
    """Go on from `day` on; the days between stay on record, what an earlier system decided for later days holds again.

    Raises `Refused` P521–P526 and P171–P173."""
    row = await _changing(connection, psn_insu_rlts_id, "resume", day, reason, (SUSPENDED,))
    paused = row.paus_date or row.begndate
    reasons = []
    if day < paused:
        reasons.append(Refusal("P524", f"恢复日期{day}早于暂停日期{paused}", "请核对恢复日期", "day"))
    if row.insutype in BASIC:
        others = [
            one for one in await enrolments_of(connection, row.psn_no) if one.psn_insu_rlts_id != psn_insu_rlts_id
        ]
        reasons.extend(overlapping(others, day, row.enddate))
        reasons.extend(await national.against(connection, row.psn_no, row.insu_admdvs))
    if reasons:
        raise Refused(*reasons)
    await take_over(connection, row, actor)
    await connection.execute(RESUME, psn_insu_rlts_id, reason)
    await connection.execute(KEEP_SUSPENSION, psn_insu_rlts_id, paused, day)
    await connection.execute(PUT_BACK, row.psn_no, psn_insu_rlts_id, day)
    await _done(connection, _event(row, "resumed", day, actor, reason))


async def end(connection: Connection, psn_insu_rlts_id: int, day: date, actor: str, reason: str) -> None:
    """End after `day`, or earlier than it was to end; raises `Refused` P521, P523, P524, P526."""
    row = await _changing(connection, psn_insu_rlts_id, "end", day, reason, (NORMAL, SUSPENDED, ENDED))
    if row.psn_insu_stas == ENDED and day >= (row.enddate or day):
        raise Refused(_wrong_state(row, "end"))
    await take_over(connection, row, actor)
    await connection.execute(END, psn_insu_rlts_id, day, reason)
    await _done(connection, _event(row, "ended", day, actor, reason))


async def invalidate(connection: Connection, row: Row, actor: str, reason: str) -> None:
    """Say that the enrolment never counted (无效参保): it overlapped another of the same person, or began after death.

    Coverage is the caller's to renew.
    """
    await take_over(connection, row, actor)
    await connection.execute(INVALIDATE, row.psn_insu_rlts_id, reason)
    await note(connection, _event(row, "invalidated", row.begndate, actor, reason))


async def reclassify(connection: Connection, psn_insu_rlts_id: int, change: Change, actor: str, reason: str) -> None:
    """Make the enrolment one of another kind within its insurance: another employer, flexible, another psn_type.

    Whoever retires begins a new enrolment (`retirement.retire`): a pensioner's covers without payment, the months of
    the working one do not. Raises `Refused` P143, P144, P521, P523, P524, P526–P529.
    """
    row = await _changing(connection, psn_insu_rlts_id, "reclassify", change.day, reason, (NORMAL, SUSPENDED))
    reasons = check_kind(row.insutype, change.category, change.psn_type)
    if (change.category == RETIRED) != (row.category == RETIRED):
        text = "退休或恢复在职不能在原参保关系内变更，否则未缴费的月份会被视同退休"
        reasons.append(Refusal("P529", text, "请办理在职转退休（终止原参保关系、以退休身份参保）", "category"))
    emp_name, wrong = await _employer(connection, change.category, change.emp_no, change.day)
    if reasons or wrong:
        raise Refused(*reasons, *wrong)
    await take_over(connection, row, actor)
    await connection.execute(
        RECLASSIFY, psn_insu_rlts_id, change.category, change.psn_type, change.emp_no, emp_name, reason
    )
    details = {"category": change.category, "psn_type": change.psn_type, "emp_no": change.emp_no, "emp_name": emp_name}
    await _done(connection, _event(row, "reclassified", change.day, actor, reason, details))


async def switch(connection: Connection, psn_insu_rlts_id: int, new: Start, actor: str) -> int:
    """Change between resident and employee insurance (险种转换) in one action: the old one ends the day before
    `new.begndate`. Raises `Refused` as `end` and `start`; then nothing of it is done.
    """
    async with connection.transaction():
        await end(connection, psn_insu_rlts_id, new.begndate - ONE_DAY, actor, "changed_insurance")
        return await start(connection, new, actor, "changed_insurance")


async def enrolments_of(connection: Connection, psn_no: str) -> list[Row]:
    """Every enrolment of a person, the oldest first."""
    return [Row(**row) for row in await connection.fetch(OF_PERSON, psn_no)]


async def suspensions_of(connection: Connection, psn_no: str) -> list[tuple[int, date, date]]:
    """Suspensions that are over: enrolment, first day without, first day again."""
    return [tuple(row) for row in await connection.fetch(SUSPENSIONS, psn_no)]


def _against_life(person: Any, day: date) -> list[Refusal]:
    reasons = []
    if day < person["brdy"]:
        reasons.append(Refusal("P524", f"开始日期{day}早于出生日期{person['brdy']}", "请核对开始日期", "begndate"))
    if person["die_date"] is not None:
        reasons.append(Refusal("P525", f"该人员已于{person['die_date']}死亡", "请核实身份", "psn_no"))
    return reasons


async def _employer(connection: Connection, category: str, emp_no: str | None, day: date) -> tuple[str, list[Refusal]]:
    """The employer's name, and what is wrong with naming it."""
    if emp_no is None:
        missing = Refusal("P528", "职工参保必须由单位办理", "请填写参保单位；无单位的按灵活就业参保", "emp_no")
        return "", [missing] if category == "employee" else []
    if category == "resident":
        return "", [Refusal("P528", "居民参保不经单位", "请去掉参保单位", "emp_no")]
    try:
        found = await employers.employer(connection, emp_no)
    except Refused as error:
        return "", list(error.refusals)
    if found.enddate is not None and found.enddate < day:
        return found.emp_name, [employers.closed_employer(found)]
    return found.emp_name, []


async def _insert(connection: Connection, new: Start, emp_name: str, reason: str) -> int:
    try:
        async with connection.transaction():
            number: int = await connection.fetchval(
                INSERT,
                new.psn_no,
                new.insutype,
                new.category,
                new.psn_type,
                new.insu_admdvs,
                new.begndate,
                new.emp_no,
                emp_name,
                reason,
            )
    except UniqueViolationError as error:
        text = "该人员已有一个在保的基本医疗保险"
        raise Refused(Refusal("P522", text, "请先终止或转换原参保关系", "insutype")) from error
    return number


async def _changing(
    connection: Connection, psn_insu_rlts_id: int, action: str, day: date, reason: str, states: tuple[str, ...]
) -> Row:
    """The enrolment to change, under the lock of its person; raises `Refused` with what speaks against the change."""
    psn_no = await connection.fetchval(PERSON_OF, psn_insu_rlts_id)
    if psn_no is None:
        raise Refused(Refusal("P521", f"参保关系{psn_insu_rlts_id}不存在", "请核对参保关系", "psn_insu_rlts_id"))
    person = await locked(connection, psn_no)
    row = Row(**await connection.fetchrow(BY_ID, psn_insu_rlts_id))
    reasons = unknown_reason(action, reason)
    if row.psn_insu_stas not in states:
        reasons.append(_wrong_state(row, action))
    if day < row.begndate:
        reasons.append(Refusal("P524", f"日期{day}早于参保开始日期{row.begndate}", "请核对日期", "day"))
    if person["die_date"] is not None and action != "end":
        reasons.append(Refusal("P525", f"该人员已于{person['die_date']}死亡", "请核实身份", "psn_no"))
    if reasons:
        raise Refused(*reasons)
    return row


def _wrong_state(row: Row, action: str) -> Refusal:
    text = f"参保关系{row.psn_insu_rlts_id}当前为{STATES[row.psn_insu_stas]}，不能{ACTIONS[action]}"
    return Refusal("P523", text, "请刷新后核对参保状态", "psn_insu_rlts_id")


async def take_over(connection: Connection, row: Row, actor: str) -> None:
    """Before the first change of an enrolment that came from an earlier system, put what it was on record."""
    if await connection.fetchval(HAS_EVENTS, row.psn_no, str(row.psn_insu_rlts_id), BEGINNINGS):
        return
    await note(connection, Event(row.psn_no, "enrolment_taken_over", row.begndate, actor, "taken_over", snapshot(row)))


def snapshot(row: Row) -> dict[str, Any]:
    """The whole enrolment as the details of an event."""
    facts: dict[str, Any] = msgspec.to_builtins(row)
    del facts["psn_no"]
    return facts


def _started(new: Start, emp_name: str) -> dict[str, Any]:
    return {
        "insutype": new.insutype,
        "category": new.category,
        "psn_type": new.psn_type,
        "insu_admdvs": new.insu_admdvs,
        "emp_no": new.emp_no,
        "emp_name": emp_name,
    }


def _event(row: Row, kind: str, day: date, actor: str, reason: str, details: dict[str, Any] | None = None) -> Event:
    return Event(row.psn_no, kind, day, actor, reason, {"psn_insu_rlts_id": row.psn_insu_rlts_id, **(details or {})})


async def _done(connection: Connection, event: Event) -> None:
    await note(connection, event)
    await coverage.refresh(connection, [event.psn_no])

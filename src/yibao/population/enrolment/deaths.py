"""A death (死亡登记) stops everything at once: enrolments, links, tags, filings, credentials, account, what is due.

    await record_death(connection, psn_no, die_date, actor, source)     see `stopping` for what stops
    await undo_death(connection, psn_no, actor, reason)                 a death recorded wrongly (死亡登记撤销)

Both work in the caller's transaction; the event of the death keeps what everything was before. What cannot be undone by
stopping is handed back as findings for a clerk: bills for care after the death (they may be fraud, or the date may be
wrong) and contributions paid for a time after it (to be refunded). Care on the day of death is paid.
Refusals: P106, P118, P161 recorded before, P162 date before birth or in the future, P165 no death recorded.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.enrolment.enrolment_rules import INVALID
from yibao.population.enrolment.enrolments import end, enrolments_of, invalidate, snapshot
from yibao.population.enrolment.persons import locked
from yibao.population.enrolment.stopping import go_on, stop_everything
from yibao.population.entitlement import coverage
from yibao.population.events import Event, note

SET_DEATH = "update population.person set die_date = $2 where psn_no = $1"
FORGET_DEATH = "update population.person set die_date = null where psn_no = $1"
AS_BEFORE = """
update population.enrolment set psn_insu_stas = $2, enddate = $3, paus_date = $4, reason = $5
where psn_insu_rlts_id = $1
"""
LAST_DEATH = """
select details from population.event where psn_no = $1 and kind = 'died' order by event_id desc limit 1
"""
BILLS = "select setl_id, begndate, fund_pay_sumamt from settlement.bills_of($1, $2::date + 1, 'infinity')"
PAID_BEYOND = """
select contribution_id, period_from, personal from population.contribution
where psn_no = $1 and status = 'paid' and period_from > $2 order by period_from
"""
AUDIT = "insert into core.audit_event (actor, action, subject, details) values ($1, $2, $3, $4)"


class AsItWas(msgspec.Struct, frozen=True):
    """What of an enrolment a death changes."""

    psn_insu_rlts_id: int
    psn_insu_stas: str
    reason: str
    enddate: date | None = None
    paus_date: date | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a clerk must look at: P163 a bill after the death, P164 a contribution for later; fen."""

    code: str
    reference: str
    day: date
    amount: int
    text: str


@dataclass(frozen=True, slots=True)
class Death:
    """What was stopped, by kind, and what is left to look at."""

    psn_no: str
    die_date: date
    stopped: dict[str, list[str]]
    findings: tuple[Finding, ...]


async def record_death(connection: Connection, psn_no: str, die_date: date, actor: str, source: str) -> Death:
    """Record the death and stop everything; `source` says who reported it (police, hospital, family)."""
    person = await locked(connection, psn_no)
    reasons = check_death(person["brdy"], person["die_date"], die_date, dates.today())
    if reasons:
        raise Refused(*reasons)
    told, rows = await stop_everything(connection, psn_no, die_date)
    enrolments = await _end_enrolments(connection, psn_no, die_date, actor)
    stopped = {"enrolment": [str(row["psn_insu_rlts_id"]) for row in enrolments]} | told if enrolments else told
    await connection.execute(SET_DEATH, psn_no, die_date)
    if "account" in told:
        await connection.execute(AUDIT, actor, "account.freeze", psn_no, {"reason": "died"})
    findings = await findings_after(connection, psn_no, die_date)
    details: dict[str, Any] = {"stopped": stopped, "findings": [finding.text for finding in findings]}
    details |= {"rows": rows, "enrolments": enrolments}
    await note(connection, Event(psn_no, "died", die_date, actor, source, details))
    await coverage.refresh(connection, [psn_no])
    return Death(psn_no, die_date, stopped, findings)


async def undo_death(connection: Connection, psn_no: str, actor: str, reason: str) -> dict[str, int]:
    """Take back a death that was recorded wrongly: what it stopped goes on as before; returns how much by kind.

    Raises `Refused` P106, P118, P165. What somebody has changed since stays changed, payment orders stay given up, and
    of a death that came with an earlier system's data nothing but the date is taken back.
    """
    person = await locked(connection, psn_no)
    if person["die_date"] is None:
        raise Refused(Refusal("P165", "该人员没有死亡登记", "请核对人员编号", "psn_no"))
    details = await connection.fetchval(LAST_DEATH, psn_no) or {}
    enrolments = details.get("enrolments", [])
    await connection.execute(FORGET_DEATH, psn_no)
    for row in msgspec.convert(enrolments, list[AsItWas]):
        before = (row.psn_insu_stas, row.enddate, row.paus_date, row.reason)
        await connection.execute(AS_BEFORE, row.psn_insu_rlts_id, *before)
    restored = await go_on(connection, person["die_date"], details.get("rows", {}))
    restored |= {"enrolment": len(enrolments)} if enrolments else {}
    if restored.get("account"):
        await connection.execute(AUDIT, actor, "account.release", psn_no, {"reason": "death_undone"})
    told = {"restored": restored, "enrolments": enrolments}
    await note(connection, Event(psn_no, "death_undone", person["die_date"], actor, reason, told))
    await coverage.refresh(connection, [psn_no])
    return restored


def check_death(brdy: date, known: date | None, die_date: date, today: date) -> list[Refusal]:
    """Whether the death can be recorded. Pure."""
    if known is not None:
        return [Refusal("P161", f"该人员已登记于{known}死亡", "日期有误请先核实再更正", "die_date")]
    if not brdy <= die_date <= today:
        text = f"死亡日期{die_date}早于出生日期{brdy}或在今天之后"
        return [Refusal("P162", text, "请核对死亡日期", "die_date")]
    return []


async def findings_after(connection: Connection, psn_no: str, die_date: date) -> tuple[Finding, ...]:
    """Bills and paid contributions for a time after the death."""
    bills = [
        Finding("P163", row[0], row[1], row[2], f"死亡后发生的结算{row[0]}（{row[1]}），请核查是否冒用")
        for row in await connection.fetch(BILLS, psn_no, die_date)
    ]
    paid = [
        Finding("P164", str(row[0]), row[1], row[2], f"已缴{row[1]:%Y-%m}起的保费，请办理退费")
        for row in await connection.fetch(PAID_BEYOND, psn_no, die_date)
    ]
    return (*bills, *paid)


async def _end_enrolments(connection: Connection, psn_no: str, die_date: date, actor: str) -> list[dict[str, Any]]:
    """End what is open; an enrolment that would begin after the death never counts. Returns each as it was."""
    ended = []
    for row in await enrolments_of(connection, psn_no):
        if row.psn_insu_stas == INVALID or (row.enddate is not None and row.enddate <= die_date):
            continue
        if row.begndate > die_date:
            await invalidate(connection, row, actor, "died")
        else:
            await end(connection, row.psn_insu_rlts_id, die_date, actor, "died")
        ended.append(snapshot(row))
    return ended

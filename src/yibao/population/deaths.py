"""A death (死亡登记) stops everything at once: enrolments, links, tags, filings, credentials, account, what is due.

`record_death(connection, psn_no, die_date, actor, source)` works in the caller's transaction. What cannot be undone by
stopping is handed back as findings for a clerk: bills for care after the death (they may be fraud, or the date may be
wrong) and contributions paid for a time after it (to be refunded). Care on the day of death is paid.
Refusals: P106, P118, P161 recorded before, P162 date before birth or in the future.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population import coverage
from yibao.population.enrolment_rules import INVALID
from yibao.population.enrolments import end, enrolments_of, invalidate
from yibao.population.events import Event, note
from yibao.population.persons import locked

SET_DEATH = "update population.person set die_date = $2 where psn_no = $1"
STOP = {
    "links": """
        update population.family_link set enddate = $2
        where (beneficiary = $1 or payer = $1) and begndate <= $2 and (enddate is null or enddate > $2)
        returning payer || '→' || beneficiary""",
    "links_not_begun": """
        delete from population.family_link where (beneficiary = $1 or payer = $1) and begndate > $2
        returning payer || '→' || beneficiary""",
    "tags": """
        update population.identity_tag set endtime = $2
        where psn_no = $1 and begntime <= $2 and (endtime is null or endtime > $2) returning tag""",
    "tags_not_begun": "delete from population.identity_tag where psn_no = $1 and begntime > $2 returning tag",
    "filings": """
        update population.filing set enddate = greatest(begndate, $2::date)
        where psn_no = $1 and status = 'active' and (enddate is null or enddate > $2) returning trt_dcla_detl_sn""",
    "credentials": """
        update population.credential set valid_to = $2
        where psn_no = $1 and (valid_to is null or valid_to > $2) returning mdtrt_cert_type""",
    "contributions": """
        update population.contribution set status = 'cancelled'
        where psn_no = $1 and status = 'due' and (insutype = '390' or period_from > $2)
        returning insutype || ' ' || period_from""",
    "account": """
        update population.account set frozen = true
        where psn_no = $1 and not frozen returning balance::text""",
    "household": """
        update population.household set head = null where head = $1 returning household_no""",
}
"""What stops, by name; each names what it stopped. What an employer owes for months before the death stays due."""
BILLS = "select setl_id, begndate, fund_pay_sumamt from settlement.bills_of($1, $2::date + 1, 'infinity')"
PAID_BEYOND = """
select contribution_id, period_from, personal from population.contribution
where psn_no = $1 and status = 'paid' and period_from > $2 order by period_from
"""
AUDIT = "insert into core.audit_event (actor, action, subject, details) values ($1, 'account.freeze', $2, $3)"


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
    stopped = {"enrolments": await _end_enrolments(connection, psn_no, die_date, actor)}
    await connection.execute(SET_DEATH, psn_no, die_date)
    for name, statement in STOP.items():
        given = (psn_no, die_date) if "$2" in statement else (psn_no,)
        stopped[name] = [row[0] for row in await connection.fetch(statement, *given)]
    if stopped["account"]:
        await connection.execute(AUDIT, actor, psn_no, {"reason": "died"})
    stopped = {name: what for name, what in stopped.items() if what}
    findings = await findings_after(connection, psn_no, die_date)
    details: dict[str, Any] = {"stopped": stopped, "findings": [finding.text for finding in findings]}
    await note(connection, Event(psn_no, "died", die_date, actor, source, details))
    await coverage.refresh(connection, [psn_no])
    return Death(psn_no, die_date, stopped, findings)


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


async def _end_enrolments(connection: Connection, psn_no: str, die_date: date, actor: str) -> list[str]:
    """End what is open; an enrolment that would begin after the death never counts."""
    ended = []
    for row in await enrolments_of(connection, psn_no):
        if row.psn_insu_stas == INVALID or (row.enddate is not None and row.enddate <= die_date):
            continue
        if row.begndate > die_date:
            await invalidate(connection, row, actor, "died")
        else:
            await end(connection, row.psn_insu_rlts_id, die_date, actor, "died")
        ended.append(str(row.psn_insu_rlts_id))
    return ended

"""Monthly declaration of an employer (单位月度申报): a table with one line per person, answered line by line.

    rows, digest = read_file(source)                              columns of `COLUMNS`; C1xx for the whole file
    answer = await declare(connection, Declaration(…), actor)     one transaction of the caller

1. The employer is locked, so two uploads at once follow each other; a file sent again gets the answer it got.
2. `declared_lines.judge` answers every line from the facts (pure).
3. Leavers are suspended from the month, new staff registered and enrolled from it, the month's contributions made or
   renewed. Where the area takes files only as a whole and a line is refused, nothing of this happens.
4. File and answers are kept: `population.declaration`, `declaration_line`.

Persons of the roster who are not in the file keep their last base when the month's bill is issued (`employer_bills`).
Refusals of lines: P701–P709, P716–P718 and those of registration and enrolment; of the whole: P710, P711, P143, P144.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.months import first_of, plus_months
from yibao.core.sheets import Column, Row, read_sheet
from yibao.population import reasons
from yibao.population.employees.arrears import due_day
from yibao.population.employees.bases import base_limits
from yibao.population.employees.declared_lines import (
    ACCEPTED,
    CORRECTED,
    EXIT,
    REFUSED,
    UNCHANGED,
    DeclaredRow,
    Line,
    hold,
    judge,
)
from yibao.population.employees.declared_staff import staff_of
from yibao.population.employees.due_months import DueMonth, write_due
from yibao.population.employees.split import premium_rates, split_wages
from yibao.population.enrolment import employers, enrolments, persons
from yibao.population.entitlement import coverage
from yibao.population.rules import Rules, rules_of

COLUMNS = (
    Column("certno", "证件号码", ("身份证号", "身份证号码", "公民身份号码", "居民身份号码"), kind="identity"),
    Column("psn_name", "姓名", ("职工姓名", "人员姓名")),
    Column("wage", "月工资", ("缴费工资", "申报工资", "月工资（元）", "缴费基数"), required=False, kind="money"),
    Column("change", "变动类型", ("增减类型",), required=False),
    Column("reason", "变动原因", ("增减原因",), required=False),
    Column("psn_cert_type", "证件类型", required=False),
    Column("gend", "性别", required=False),
    Column("brdy", "出生日期", required=False, kind="date"),
)
SEXES = {"男": "1", "女": "2"}
WHOLE = "whole"
INSUTYPE, CATEGORY, WORKING = "310", "employee", "11"

SEEN = """
select declaration_no, digest, outcome, totals from population.declaration
where emp_no = $1 and month = $2 order by received_at desc, declaration_no desc
"""
INSERT = """
insert into population.declaration (declaration_no, emp_no, month, digest, file_name, actor, outcome, totals)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
INSERT_LINES = """
insert into population.declaration_line
  (declaration_no, line_no, certno, psn_name, psn_no, change, reason, wage, base, answer, refusals)
select $1, l.line_no, l.certno, l.psn_name, l.psn_no, l.change, l.reason, l.wage, l.base, l.answer, l.refusals::jsonb
from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
            $10::text[], $11::text[])
  as l (line_no, certno, psn_name, psn_no, change, reason, wage, base, answer, refusals)
"""
LINES = """
select line_no, certno, psn_name, psn_no, change, reason, wage, base, answer, refusals
from population.declaration_line where declaration_no = $1 order by line_no
"""
DECLARATIONS = """
select declaration_no, month, file_name, actor, received_at, outcome, totals from population.declaration
where emp_no = $1 order by received_at desc, declaration_no desc limit $2
"""
NEW_NUMBER = "select 'D' || to_char($1::date, 'YYYYMM') || lpad(nextval('population.declaration_number')::text, 8, '0')"
CANCEL_DUE = """
update population.contribution set status = 'cancelled'
where psn_no = $1 and insutype = '310' and emp_no = $2 and period_from >= $3 and status = 'due'
  and bill_no is null and order_no is null
"""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One file of an employer for `month` (any day of it); `digest` SM3 of the file."""

    emp_no: str
    month: date
    rows: Sequence[DeclaredRow]
    digest: bytes
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class AnsweredLine:
    """One line as it was answered; amounts fen, `refusals` with code, text, advice and place."""

    line_no: int
    certno: str
    psn_name: str
    psn_no: str | None
    change: str
    reason: str
    wage: int | None
    base: int | None
    answer: str
    refusals: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a file: `outcome` accepted, partly or refused; lines by answer; `repeated` when sent before."""

    declaration_no: str
    outcome: str
    totals: dict[str, int]
    repeated: bool = False


def read_file(source: Path | bytes) -> tuple[list[DeclaredRow], bytes]:
    """The rows of a table and its SM3; `Refused` C1xx when the file cannot be read as one."""
    content = source if isinstance(source, bytes) else source.read_bytes()
    return [_row(row) for row in read_sheet(content, COLUMNS)], hashlib.new("sm3", content).digest()


async def declare(connection: Connection, declaration: Declaration, actor: str) -> Answer:
    """Take a declaration in the caller's transaction; raises `Refused` for the whole (P001, P143, P144, P710)."""
    month = first_of(declaration.month)
    employer = await employers.locked(connection, declaration.emp_no)
    _check_month(employer, month)
    known = await _answered_before(connection, declaration, month)
    if known is not None:
        return known
    rules = rules_of(employer.insu_admdvs)
    staff = await staff_of(connection, declaration.rows, employer.emp_no, month)
    lines = judge(declaration.rows, staff, month, employer.emp_no, base_limits(rules, month))
    lines = await _apply(connection, lines, employer, month, rules, actor)
    return await _keep(connection, declaration, month, lines, actor)


async def lines_of(connection: Connection, declaration_no: str) -> list[AnsweredLine]:
    """The answers to the lines of a file, in its order."""
    return [AnsweredLine(**row) for row in await connection.fetch(LINES, declaration_no)]


async def declarations_of(connection: Connection, emp_no: str, limit: int = 50) -> list[dict[str, Any]]:
    """The employer's declarations, newest first: number, month, file, actor, time, outcome, totals."""
    return [dict(row) for row in await connection.fetch(DECLARATIONS, emp_no, limit)]


def _row(row: Row) -> DeclaredRow:
    value = row.values
    sex = value.get("gend") or ""
    return DeclaredRow(
        row.number,
        value.get("certno") or "",
        value.get("psn_name") or "",
        value.get("wage"),
        value.get("change") or "",
        value.get("reason") or "",
        value.get("psn_cert_type") or persons.IDENTITY_CARD,
        SEXES.get(sex, sex),
        value.get("brdy"),
        row.faults,
    )


def _check_month(employer: employers.Employer, month: date) -> None:
    if employer.enddate is not None and employer.enddate < month:
        raise Refused(employers.closed_employer(employer))
    if month > plus_months(dates.today(), 1):
        raise Refused(Refusal("P710", f"{month:%Y-%m}还不能申报", "最早在前一个月申报", "month"))
    if month < first_of(employer.begndate):
        advice = "请核对申报月份"
        raise Refused(Refusal("P711", f"单位自{employer.begndate}起参保，不能申报{month:%Y-%m}", advice, "month"))


async def _answered_before(connection: Connection, declaration: Declaration, month: date) -> Answer | None:
    """The stored answer of the same file; None where its refused lines may now fare better: it is the last one."""
    for place, row in enumerate(await connection.fetch(SEEN, declaration.emp_no, month)):
        if bytes(row["digest"]) == declaration.digest and (place or row["outcome"] == ACCEPTED):
            return Answer(row["declaration_no"], row["outcome"], row["totals"], repeated=True)
    return None


async def _apply(
    connection: Connection, lines: list[Line], employer: employers.Employer, month: date, rules: Rules, actor: str
) -> list[Line]:
    """Carry out what was judged right; whole files are taken back when a line fails on the way."""
    whole = rules.on("declaration_acceptance", month) == WHOLE
    if whole and _any_refused(lines):
        return hold(lines)
    savepoint = connection.transaction()
    await savepoint.start()
    done = [await _enrol(connection, line, employer, month, actor) for line in lines]
    if whole and _any_refused(done):
        await savepoint.rollback()
        return hold(done)
    await savepoint.commit()
    await _charge(connection, done, employer, month, rules)
    changed = [line.psn_no for line in done if line.psn_no and line.answer in (ACCEPTED, CORRECTED)]
    await coverage.refresh(connection, changed)
    return done


def _any_refused(lines: Iterable[Line]) -> bool:
    return any(line.answer == REFUSED for line in lines)


async def _enrol(connection: Connection, line: Line, employer: employers.Employer, month: date, actor: str) -> Line:
    """Entry or exit of one line in a savepoint of its own; a refusal there is the line's."""
    if line.answer in (REFUSED, UNCHANGED) or not (line.change or line.resumes):
        return line
    try:
        async with connection.transaction():
            if line.change == EXIT:
                return await _leave(connection, line, employer, month, actor)
            return await _enter(connection, line, employer, month, actor)
    except Refused as refused:
        place = f"第{line.row.line_no}行"
        return line.refused(*(replace(one, place=place) for one in refused.refusals))


async def _leave(connection: Connection, line: Line, employer: employers.Employer, month: date, actor: str) -> Line:
    reason = _reason(line.row.reason, "suspend", "left_employer")
    assert line.psn_insu_rlts_id is not None
    await connection.execute(CANCEL_DUE, line.psn_no, employer.emp_no, month)
    await enrolments.suspend(connection, line.psn_insu_rlts_id, month, actor, reason)
    return line


async def _enter(connection: Connection, line: Line, employer: employers.Employer, month: date, actor: str) -> Line:
    row = line.row
    if line.resumes and line.psn_insu_rlts_id is not None:
        await enrolments.resume(connection, line.psn_insu_rlts_id, month, actor, _reason(row.reason, "resume", "hired"))
        return line
    if line.psn_insu_rlts_id is not None:
        return line  # works here already: only the base is new
    person = persons.NewPerson(row.certno, row.psn_name, employer.insu_admdvs, row.gend, row.brdy, row.psn_cert_type)
    reason = _reason(row.reason, "start", "hired")
    psn_no = line.psn_no or await persons.find_or_register(connection, person, actor, reason)
    start = enrolments.Start(psn_no, INSUTYPE, CATEGORY, WORKING, employer.insu_admdvs, month, employer.emp_no)
    if line.resident is not None:
        number = await enrolments.switch(connection, line.resident, start, actor)
    else:
        number = await enrolments.start(connection, start, actor, reason)
    return replace(line, psn_no=psn_no, psn_insu_rlts_id=number)


def _reason(words: str, action: str, usual: str) -> str:
    """The code of what the employer wrote: a code or a title of the list, else the usual one."""
    known = reasons.reasons()[action]
    if words in known:
        return words
    return next((code for code, title in known.items() if title == words), usual)


async def _charge(
    connection: Connection, lines: Sequence[Line], employer: employers.Employer, month: date, rules: Rules
) -> None:
    """The month's contributions of the accepted lines."""
    rates = premium_rates(rules, month)
    kind = "back_payment" if dates.today() > due_day(rules, month) else "normal"
    due = [
        DueMonth(line.psn_no, month, kind, split_wages(line.base, rates), employer.emp_no)
        for line in lines
        if line.psn_no and line.base is not None and line.answer in (ACCEPTED, CORRECTED)
    ]
    await write_due(connection, CATEGORY, due)


async def _keep(
    connection: Connection, declaration: Declaration, month: date, lines: Sequence[Line], actor: str
) -> Answer:
    totals: dict[str, int] = {}
    for line in lines:
        totals[line.answer] = totals.get(line.answer, 0) + 1
    outcome = _outcome(totals)
    number = await connection.fetchval(NEW_NUMBER, month)
    await connection.execute(
        INSERT, number, declaration.emp_no, month, declaration.digest, declaration.file_name, actor, outcome, totals
    )
    await connection.execute(INSERT_LINES, number, *_columns(lines))
    return Answer(number, outcome, totals)


def _outcome(totals: dict[str, int]) -> str:
    taken = sum(totals.get(answer, 0) for answer in (ACCEPTED, CORRECTED, UNCHANGED))
    if not totals.get(REFUSED, 0):
        return "accepted"
    return "partly" if taken else "refused"


def _columns(lines: Sequence[Line]) -> list[list[Any]]:
    return [
        [line.row.line_no for line in lines],
        [line.row.certno for line in lines],
        [line.row.psn_name for line in lines],
        [line.psn_no for line in lines],
        [line.change for line in lines],
        [line.row.reason for line in lines],
        [line.row.wage for line in lines],
        [line.base for line in lines],
        [line.answer for line in lines],
        [msgspec.json.encode(line.refusals).decode() for line in lines],
    ]

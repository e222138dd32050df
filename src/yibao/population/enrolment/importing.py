"""First load of persons from a table (参保人员批量登记): every row checked, then all of them in a few statements.

    rows = read_sheet(path, COLUMNS)
    imported = await import_persons(connection, rows, "340600", actor)

A table with a faulty row changes nothing, unless `partial` says that the good rows are wanted: each faulty row is in
`faults` with its number and every reason. Rows whose certificate is registered already are counted as known and left
as they are. Where a row names an insurance, the person is enrolled from its day on, as taken over from an earlier
system: without a check with other areas, and without coverage, which `coverage_city.refresh_city` gives afterwards.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.sheets import Column, Row
from yibao.population.enrolment.enrolment_rules import check_kind
from yibao.population.enrolment.persons import NewPerson, check_area, check_person, completed
from yibao.population.entitlement.decision import INSURANCE_TITLES

SEX_WORDS = {"男": "1", "女": "2", "1": "1", "2": "2"}
CATEGORY_WORDS = {"居民": "resident", "职工": "employee", "灵活就业": "flexible", "退休": "retired"}

COLUMNS = (
    Column("certno", "证件号码", ("身份证号码", "身份证号"), kind="identity"),
    Column("psn_name", "姓名"),
    Column("psn_cert_type", "证件类型", required=False),
    Column("gend", "性别", required=False, check=lambda word: "" if word in SEX_WORDS else "应为男或女"),
    Column("brdy", "出生日期", required=False, kind="date"),
    Column("hsreg_area", "户籍区划", required=False),
    Column("live_area", "居住区划", required=False),
    Column("tel", "联系电话", required=False),
    Column("addr", "住址", required=False),
    Column("insutype", "险种", required=False, check=lambda code: "" if code in INSURANCE_TITLES else "不是险种代码"),
    Column("category", "参保身份", required=False, check=lambda word: "" if word in CATEGORY_WORDS else "不是参保身份"),
    Column("psn_type", "人员类别", required=False),
    Column("begndate", "参保日期", required=False, kind="date"),
    Column("uscc", "单位统一社会信用代码", required=False),
)

STAGE = """
create temp table person_import (row_no integer, psn_no text, psn_cert_type text, certno text, psn_name text, gend text,
  brdy date, tel text, addr text, hsreg_area text, live_area text, insutype text, category text, psn_type text,
  begndate date, uscc text, emp_no text, emp_name text) on commit drop
"""
STAGED = (
    "row_no", "psn_cert_type", "certno", "psn_name", "gend", "brdy", "tel", "addr", "hsreg_area", "live_area",
    "insutype", "category", "psn_type", "begndate", "uscc",
)  # fmt: skip
LOCK = "lock table population.person in share row exclusive mode"
INDEX = "create index on person_import (psn_cert_type, certno)"
ANALYZE = "analyze person_import"
REPEATED = """
select row_no, first from (select row_no, min(row_no) over (partition by psn_cert_type, certno) as first
                           from person_import) i where row_no <> first order by row_no
"""
UNKNOWN_AREAS = """
select row_no, code from person_import, lateral (values (hsreg_area), (live_area)) a (code)
where code <> '' and not exists (select from directory.division d where d.code = a.code) order by row_no
"""
UNKNOWN_EMPLOYERS = """
select row_no, uscc from person_import i
where uscc <> '' and not exists (select from population.employer m where m.uscc = i.uscc) order by row_no
"""
DROP = "delete from person_import where row_no = any ($1)"
DROP_KNOWN = """
with known as (
  delete from person_import i using population.person p
  where p.psn_cert_type = i.psn_cert_type and p.certno = i.certno returning 1
), further as (
  delete from person_import i using population.certificate c
  where c.psn_cert_type = i.psn_cert_type and c.certno = i.certno returning 1
) select (select count(*) from known) + (select count(*) from further)
"""
NUMBER = """
update person_import i set psn_no = $1 || lpad(nextval('population.person_no')::text, 14, '0'),
  emp_no = (select m.emp_no from population.employer m where m.uscc = i.uscc and i.uscc <> ''),
  emp_name = coalesce((select m.emp_name from population.employer m where m.uscc = i.uscc and i.uscc <> ''), '')
"""
PERSONS = """
insert into population.person (psn_no, psn_cert_type, certno, psn_name, gend, brdy, tel, addr, hsreg_area, live_area)
select psn_no, psn_cert_type, certno, psn_name, gend, brdy, tel, addr, hsreg_area, live_area from person_import
"""
REGISTERED = """
insert into population.event (psn_no, kind, effective, actor, reason, details)
select psn_no, 'registered', $1, $2, 'taken_over',
  jsonb_build_object('psn_cert_type', psn_cert_type, 'certno', certno, 'psn_name', psn_name, 'gend', gend,
                     'brdy', brdy, 'hsreg_area', hsreg_area, 'live_area', live_area) from person_import
"""
ENROLLED = """
with enrolled as (
  insert into population.enrolment (psn_no, insutype, category, psn_type, insu_admdvs, psn_insu_stas, begndate, emp_no,
    emp_name, reason)
  select psn_no, insutype, category, psn_type, $1, '1', begndate, emp_no, emp_name, 'taken_over' from person_import
  where insutype <> '' returning *
)
insert into population.event (psn_no, kind, effective, actor, reason, details)
select psn_no, 'enrolled', begndate, $2, 'taken_over',
  jsonb_build_object('psn_insu_rlts_id', psn_insu_rlts_id, 'insutype', insutype, 'category', category,
                     'psn_type', psn_type, 'insu_admdvs', insu_admdvs, 'emp_no', emp_no, 'emp_name', emp_name)
from enrolled
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows there were, were registered, enrolled and known before; the faults by row number."""

    rows: int
    registered: int = 0
    enrolled: int = 0
    known: int = 0
    faults: dict[int, tuple[Refusal, ...]] = field(default_factory=dict)


async def import_persons(
    connection: Connection, rows: Iterable[Row], insu_admdvs: str, actor: str, *, partial: bool = False
) -> Imported:
    """Register (and enrol) the rows in the caller's transaction; with a fault and not `partial`, nothing is done."""
    wrong_area = check_area(insu_admdvs)
    if wrong_area:
        raise Refused(*wrong_area)
    faults: dict[int, list[Refusal]] = {}
    count = await _stage(connection, rows, insu_admdvs, faults)
    await _check_together(connection, faults)
    told = {number: tuple(found) for number, found in sorted(faults.items())}
    good = partial or not faults
    imported = await _write(connection, insu_admdvs, actor, count, told) if good else Imported(count, faults=told)
    await connection.execute("drop table person_import")
    return imported


async def _write(
    connection: Connection, insu_admdvs: str, actor: str, count: int, told: dict[int, tuple[Refusal, ...]]
) -> Imported:
    """Persons, enrolments and their events, of every staged row without a fault."""
    await connection.execute(DROP, list(told))
    known = await connection.fetchval(DROP_KNOWN)
    await connection.execute(NUMBER, insu_admdvs)
    registered = _count(await connection.execute(PERSONS))
    await connection.execute(REGISTERED, dates.today(), actor)
    enrolled = _count(await connection.execute(ENROLLED, insu_admdvs, actor))
    return Imported(count, registered, enrolled, known, told)


async def _stage(
    connection: Connection, rows: Iterable[Row], insu_admdvs: str, faults: dict[int, list[Refusal]]
) -> int:
    """Copy the rows that are right in themselves into a table of this transaction; returns how many rows there were."""
    count = 0

    def records() -> Iterator[tuple[Any, ...]]:
        nonlocal count
        today = dates.today()
        for row in rows:
            count += 1
            values = {name: "" if value is None and name not in DATES else value for name, value in row.values.items()}
            person = as_person(values, insu_admdvs)
            reasons = [*row.faults] or [*check_person(person, today), *check_enrolment(values)]
            if reasons:
                faults[row.number] = reasons
            else:
                yield _record(row.number, person, values)

    await connection.execute(STAGE)
    await connection.execute(LOCK)
    await connection.copy_records_to_table("person_import", records=records(), columns=STAGED)
    await connection.execute(INDEX)
    await connection.execute(ANALYZE)
    return count


DATES = ("brdy", "begndate")


def as_person(values: dict[str, Any], insu_admdvs: str) -> NewPerson:
    """A row's values as a person, with birth date and sex from an identity number. Pure."""
    return completed(
        NewPerson(
            certno=values["certno"],
            psn_name=values["psn_name"],
            insu_admdvs=insu_admdvs,
            gend=SEX_WORDS.get(values.get("gend", ""), ""),
            brdy=values.get("brdy"),
            psn_cert_type=values.get("psn_cert_type") or "01",
            tel=values.get("tel", ""),
            addr=values.get("addr", ""),
            hsreg_area=values.get("hsreg_area", ""),
            live_area=values.get("live_area", ""),
        )
    )


def check_enrolment(values: dict[str, Any]) -> list[Refusal]:
    """What is wrong with the insurance that a row names; none is right too. Pure."""
    insutype, category = values.get("insutype", ""), CATEGORY_WORDS.get(values.get("category", ""), "")
    if not insutype:
        return []
    reasons = check_kind(insutype, category, values.get("psn_type", ""))
    if values.get("begndate") is None:
        reasons.append(Refusal("P524", "填写了险种但没有参保日期", "请填写参保日期", "begndate"))
    if (category == "employee") != bool(values.get("uscc")):
        reasons.append(Refusal("P528", "职工参保须填写单位，其他参保身份不填", "请核对单位统一社会信用代码", "uscc"))
    return reasons


def _record(number: int, person: NewPerson, values: dict[str, Any]) -> tuple[Any, ...]:
    return (
        number,
        person.psn_cert_type,
        person.certno,
        person.psn_name,
        person.gend,
        person.brdy,
        person.tel,
        person.addr,
        person.hsreg_area,
        person.live_area,
        values.get("insutype", ""),
        CATEGORY_WORDS.get(values.get("category", ""), ""),
        values.get("psn_type", ""),
        values.get("begndate"),
        values.get("uscc", "").upper(),
    )


async def _check_together(connection: Connection, faults: dict[int, list[Refusal]]) -> None:
    """What is seen only in all rows or in the tables: a certificate twice, unknown divisions and employers."""
    for number, first in await connection.fetch(REPEATED):
        reason = Refusal("P111", f"证件号码与第{first}行重复", "请删除重复的行", "certno")
        faults.setdefault(number, []).append(reason)
    for number, code in await connection.fetch(UNKNOWN_AREAS):
        reason = Refusal("P115", f"区划代码{code}不存在", "请填写到村（居）委会的区划代码", "live_area")
        faults.setdefault(number, []).append(reason)
    for number, uscc in await connection.fetch(UNKNOWN_EMPLOYERS):
        reason = Refusal("P143", f"单位{uscc}未登记", "请先办理单位参保登记", "uscc")
        faults.setdefault(number, []).append(reason)


def _count(status: str) -> int:
    return int(status.split()[-1])

"""Who goes to which school, and who looks after whom: tables of the education and rural departments, read row by row.

    import_schools(connection, source)                   学校编号, 学校名称, 所属区划
    import_roll(connection, year, source)                学校编号, 证件号码, 姓名, 班级
    import_helpers(connection, day, source)              证件号码, 姓名, 帮扶责任人, 联系电话, 帮扶单位, 整户

A table with a faulty cell is refused as a whole with every fault. Persons whom nobody knows are answered row by row
and the others are taken: a new pupil must first be registered. The later row of a person counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.sheets import Column, Row, read_sheet

KNOWN = """
select w.certno, p.psn_no, p.psn_name, p.household_no from unnest($1::text[]) as w (certno)
cross join lateral (
  select coalesce(k.merged_into, k.psn_no) as psn_no from population.person k
  where k.certno = w.certno and k.psn_cert_type = '01'
  union all
  select c.psn_no from population.certificate c where c.psn_cert_type = '01' and c.certno = w.certno limit 1
) found join population.person p on p.psn_no = found.psn_no
"""
SAVE_SCHOOL = """
insert into population.school (school_no, name, area) values ($1, $2, $3)
on conflict (school_no) do update set name = excluded.name, area = excluded.area
"""
SAVE_ROLL = """
insert into population.school_roll (school_no, year, psn_no, class)
select w.school_no, $1, w.psn_no, w.class
from unnest($2::text[], $3::text[], $4::text[]) as w (school_no, psn_no, class)
on conflict (year, psn_no) do update set school_no = excluded.school_no, class = excluded.class
"""
MEMBERS = (
    "select household_no, psn_no from population.person where household_no = any ($1::text[]) and die_date is null"
)
END_HELPERS = """
update population.helper_responsible set enddate = $2::date - 1
where psn_no = any ($1::text[]) and begndate < $2::date and (enddate is null or enddate >= $2::date)
"""
SAVE_HELPERS = """
insert into population.helper_responsible (psn_no, helper, tel, unit, begndate)
select w.psn_no, w.helper, w.tel, w.unit, $5 from unnest($1::text[], $2::text[], $3::text[], $4::text[])
  as w (psn_no, helper, tel, unit)
on conflict (psn_no, begndate) do update
  set helper = excluded.helper, tel = excluded.tel, unit = excluded.unit, enddate = null
"""
SCHOOLS = (
    Column("school_no", "学校编号", ("学校代码", "学校标识码")),
    Column("name", "学校名称", ("学校",)),
    Column("area", "所属区划", ("区划编码", "区划代码")),
)
ROLL = (
    Column("school_no", "学校编号", ("学校代码", "学校标识码")),
    Column("certno", "证件号码", ("身份证号", "身份证号码", "公民身份号码"), kind="identity"),
    Column("psn_name", "姓名", ("学生姓名",)),
    Column("class", "班级", ("年级班级",), required=False),
)
HELPERS = (
    Column("certno", "证件号码", ("身份证号", "身份证号码", "公民身份号码"), kind="identity"),
    Column("psn_name", "姓名", ("帮扶对象",)),
    Column("helper", "帮扶责任人", ("帮扶干部", "包保干部", "责任人")),
    Column("tel", "联系电话", ("帮扶责任人电话", "电话"), required=False),
    Column("unit", "帮扶单位", required=False),
    Column("household", "整户", ("是否整户",), required=False),
)
WHOLE = ("是", "整户")


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows were taken, and why the others were not (P905, P906; `place` is the row)."""

    taken: int
    left: tuple[Refusal, ...] = ()


async def import_schools(connection: Connection, source: Path | bytes) -> Imported:
    """Add schools or rename them, in the caller's transaction; `Refused` C1xx or P901 for a division nobody knows."""
    rows = _whole(source, SCHOOLS)
    areas = [row.values["area"] for row in rows]
    known = await connection.fetch("select code from directory.division where code = any ($1::text[])", areas)
    there = {row["code"] for row in known}
    unknown = [
        Refusal("P901", f"编码{row.values['area']}不是本市的区划", "请核对编码", _place(row))
        for row in rows
        if row.values["area"] not in there
    ]
    if unknown:
        raise Refused(*unknown)
    await connection.executemany(SAVE_SCHOOL, [tuple(row.values[c.name] for c in SCHOOLS) for row in rows])
    return Imported(len(rows))


async def import_roll(connection: Connection, year: int, source: Path | bytes) -> Imported:
    """Say who goes to which school in `year`; `Refused` C1xx or P907 for a school nobody knows."""
    rows = _whole(source, ROLL)
    named = [row.values["school_no"] for row in rows]
    known = await connection.fetch("select school_no from population.school where school_no = any ($1::text[])", named)
    there = {row["school_no"] for row in known}
    unknown = [
        Refusal("P907", f"没有编号为{row.values['school_no']}的学校", "请先导入学校名单", _place(row))
        for row in rows
        if row.values["school_no"] not in there
    ]
    if unknown:
        raise Refused(*unknown)
    found, left = await _matched(connection, rows)
    last = {person["psn_no"]: row for row, person in found}
    columns = [[row.values["school_no"] for row in last.values()], list(last), _texts(last.values(), "class")]
    await connection.execute(SAVE_ROLL, year, *columns)
    return Imported(len(found), left)


async def import_helpers(connection: Connection, day: date, source: Path | bytes) -> Imported:
    """Say who looks after whom from `day` on; earlier helpers end the day before. `Refused` C1xx."""
    found, left = await _matched(connection, _whole(source, HELPERS))
    households = [person["household_no"] for row, person in found if row.values.get("household") in WHOLE]
    members: dict[str, list[str]] = {}
    for member in await connection.fetch(MEMBERS, [number for number in households if number]):
        members.setdefault(member["household_no"], []).append(member["psn_no"])
    last: dict[str, Row] = {}
    for row, person in found:
        whole = members.get(person["household_no"], []) if row.values.get("household") in WHOLE else []
        last |= dict.fromkeys([*whole, person["psn_no"]], row)
    await connection.execute(END_HELPERS, list(last), day)
    columns = [_texts(last.values(), name) for name in ("helper", "tel", "unit")]
    await connection.execute(SAVE_HELPERS, list(last), *columns, day)
    return Imported(len(found), left)


async def _matched(connection: Connection, rows: Sequence[Row]) -> tuple[list[tuple[Row, Any]], tuple[Refusal, ...]]:
    """Rows with the person whose certificate and name they give; why the others have none."""
    known = await connection.fetch(KNOWN, list({row.values["certno"] for row in rows}))
    persons = {person["certno"]: person for person in known}
    found, left = [], []
    for row in rows:
        person = persons.get(row.values["certno"])
        if person is None:
            left.append(Refusal("P905", "证件号码未登记", "请先办理人员登记再导入", _place(row)))
        elif person["psn_name"] != row.values["psn_name"]:
            left.append(Refusal("P906", f"姓名与登记的{person['psn_name']}不一致", "请核对姓名或证件号码", _place(row)))
        else:
            found.append((row, person))
    return found, tuple(left)


def _whole(source: Path | bytes, columns: Sequence[Column]) -> list[Row]:
    """Every row of a table, or `Refused` with the faults of all of them."""
    rows = list(read_sheet(source, columns, ignore_unknown=True))
    faults = [Refusal(f.code, f.text, f.advice, _place(row)) for row in rows for f in row.faults]
    if faults:
        raise Refused(*faults)
    return rows


def _texts(rows: Any, name: str) -> list[str]:
    return [row.values.get(name) or "" for row in rows]


def _place(row: Row) -> str:
    return f"第{row.number}行"

"""Tasks (参保任务数): how many persons a division or school is to bring in for a year, and how they were revised.

    tasks_of(connection, year, area)                 the tasks in force by unit
    revise(connection, Revision(…), actor)           set or change several at once, all or none
    import_tasks(connection, …, source, actor)       the same from a table (区划编码或学校编号, 任务数)

Sums up the tree are checked: where a division and divisions below it have tasks, the parts make the whole. A single
village is changed with `pass_up`, which carries the difference to every division above. Old rows stay as trace.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.sheets import Column, read_sheet
from yibao.population.campaign.counting import below_area

IN_FORCE = "select unit, task from population.campaign_task where year = $1 and superseded_at is null"
UNITS = """
select code as unit, name, coalesce(parent, '') as parent, 'division' as kind
from directory.division where code ~>=~ $1 and code ~<~ $2
union all
select school_no, name, '', 'school' from population.school where area ~>=~ $1 and area ~<~ $2
"""
SUPERSEDE = """
update population.campaign_task set superseded_at = now()
where year = $1 and unit = any ($2::text[]) and superseded_at is null
"""
REVISE = """
insert into population.campaign_task (year, unit, revision, kind, task, actor, reason)
select $1, w.unit, 1 + coalesce((select max(revision) from population.campaign_task t
                                 where t.year = $1 and t.unit = w.unit), 0), w.kind, w.task, $5, $6
from unnest($2::text[], $3::text[], $4::integer[]) as w (unit, kind, task)
"""
HISTORY = """
select revision, task, actor, reason, set_at from population.campaign_task
where year = $1 and unit = $2 order by revision desc
"""
COLUMNS = (
    Column("unit", "编码", ("区划编码", "学校编号", "区划代码")),
    Column("name", "名称", ("单位名称", "乡镇", "村（社区）", "学校"), required=False),
    Column("task", "任务数", ("参保任务数", "任务"), kind="integer"),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A division or a school that can have a task; a school has no `parent` (empty)."""

    unit: str
    name: str
    parent: str
    kind: str


@dataclass(frozen=True, slots=True)
class Revision:
    """Tasks to set for a year in one city (`area`: the first four digits of its codes), and why."""

    year: int
    area: str
    tasks: Mapping[str, int] = field(default_factory=dict)
    reason: str = ""
    pass_up: bool = False


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One revision of a task, as its history shows it."""

    revision: int
    task: int
    actor: str
    reason: str
    set_at: datetime


async def units_of(connection: Connection, area: str) -> dict[str, Unit]:
    """Divisions and schools of an area (any level) by code."""
    return {row["unit"]: Unit(**row) for row in await connection.fetch(UNITS, *below_area(area))}


async def tasks_of(connection: Connection, year: int, area: str) -> dict[str, int]:
    """The tasks in force in an area, by unit."""
    units = await units_of(connection, area)
    return {row["unit"]: row["task"] for row in await connection.fetch(IN_FORCE, year) if row["unit"] in units}


async def history_of(connection: Connection, year: int, unit: str) -> list[TaskRow]:
    """Every revision of a unit's task, newest first."""
    return [TaskRow(**row) for row in await connection.fetch(HISTORY, year, unit)]


async def revise(connection: Connection, revision: Revision, actor: str) -> int:
    """Set tasks in the caller's transaction; returns how many changed. `Refused` P901, P902 or P904, all at once."""
    await connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"tasks {revision.area}")
    units = await units_of(connection, revision.area)
    known = await tasks_of(connection, revision.year, revision.area)
    refusals = _check_units(revision, units)
    wanted = {**known, **revision.tasks}
    if revision.pass_up and not refusals:
        wanted = _passed_up(known, revision.tasks, units)
    refusals += check_sums(wanted, units)
    if refusals:
        raise Refused(*refusals)
    changed = {unit: task for unit, task in wanted.items() if known.get(unit) != task}
    kinds = [units[unit].kind for unit in changed]
    await connection.execute(SUPERSEDE, revision.year, list(changed))
    written = (revision.year, list(changed), kinds, list(changed.values()), actor, revision.reason)
    await connection.execute(REVISE, *written)
    return len(changed)


async def import_tasks(
    connection: Connection, year: int, area: str, source: Path | bytes, actor: str, reason: str
) -> int:
    """Set the tasks of a table; returns how many changed. Every row's fault at once, and then nothing is changed."""
    tasks: dict[str, int] = {}
    refusals: list[Refusal] = []
    for row in read_sheet(source, COLUMNS, ignore_unknown=True):
        place = f"第{row.number}行"
        refusals += [Refusal(fault.code, fault.text, fault.advice, place) for fault in row.faults]
        unit, task = row.values["unit"], row.values["task"]
        if unit is not None and unit in tasks:
            refusals.append(Refusal("P903", f"编码{unit}在表中出现两次", "请只保留一行", place))
        elif unit is not None and task is not None:
            tasks[unit] = task
    if refusals:
        raise Refused(*refusals)
    return await revise(connection, Revision(year, area, tasks, reason), actor)


def check_sums(tasks: Mapping[str, int], units: Mapping[str, Unit]) -> list[Refusal]:
    """Where the tasks of the divisions below do not make the task of a division, and by how much."""
    parts: dict[str, int] = {}
    for unit, task in tasks.items():
        parent = units[unit].parent if unit in units else ""
        if parent in tasks:
            parts[parent] = parts.get(parent, 0) + task
    return [
        Refusal(
            "P902",
            f"{units[parent].name}任务数{tasks[parent]}，所辖各单位合计{total}，相差{total - tasks[parent]:+d}",
            "请核对后使各级任务数逐级相等",
            parent,
        )
        for parent, total in sorted(parts.items())
        if total != tasks[parent]
    ]


def _check_units(revision: Revision, units: Mapping[str, Unit]) -> list[Refusal]:
    unknown = [
        Refusal("P901", f"编码{unit}不是本市的区划或学校", "请核对编码", unit)
        for unit in revision.tasks
        if unit not in units
    ]
    negative = [
        Refusal("P904", f"任务数{task}不能小于零", "请填写零或正整数", unit)
        for unit, task in revision.tasks.items()
        if task < 0
    ]
    return unknown + negative


def _passed_up(known: Mapping[str, int], changed: Mapping[str, int], units: Mapping[str, Unit]) -> dict[str, int]:
    """The changed tasks, and their differences added to every division above that has a task."""
    wanted = {**known, **changed}
    for unit, task in changed.items():
        above = units[unit].parent
        while above in units:
            if above in known and above not in changed:
                wanted[above] += task - known.get(unit, 0)
            above = units[above].parent
    return wanted

"""`yibao campaign`: tables in, counts, the bulletin and the weekly list, without any page."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from yibao.core import dates
from yibao.core.config import ConfigurationError
from yibao.core.database import Connection, Database
from yibao.core.errors import Refused
from yibao.core.installation import open_installation
from yibao.core.options import HomeOption
from yibao.population.campaign import bulletin as bulletins
from yibao.population.campaign import counting, rolls, supervision, tasks
from yibao.population.rules import Rules, rules_of

campaign_app = typer.Typer(help="The yearly collection campaign of residents.", no_args_is_help=True)
ACTOR = "yibao campaign"
LEVELS = {"county": bulletins.COUNTY, "town": bulletins.TOWN, "village": bulletins.VILLAGE, "school": bulletins.SCHOOL}

Area = Annotated[str, typer.Option(help="Area code of the city, e.g. 340600.")]
Year = Annotated[int, typer.Option(help="Insured year, e.g. 2024.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day; today when left out.")]
Table = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="xlsx, xls or csv.")]
Work = Callable[[Connection, Rules], Awaitable[str]]


@campaign_app.command("tasks")
def import_tasks(
    file: Table, area: Area, year: Year, reason: Annotated[str, typer.Option(help="Why.")], home: HomeOption = None
) -> None:
    """Set or revise tasks from a table (区划编码或学校编号, 任务数); all rows or none."""

    async def work(connection: Connection, rules: Rules) -> str:
        changed = await tasks.import_tasks(connection, year, rules.area_code[:4], file, ACTOR, reason)
        return f"{changed} tasks changed"

    _run(work, area, home)


@campaign_app.command("schools")
def import_schools(file: Table, area: Area, home: HomeOption = None) -> None:
    """Add or rename schools (学校编号, 学校名称, 所属区划)."""
    _run(lambda connection, rules: _told(rolls.import_schools(connection, file)), area, home)


@campaign_app.command("roll")
def import_roll(file: Table, area: Area, year: Year, home: HomeOption = None) -> None:
    """Say who goes to which school (学校编号, 证件号码, 姓名, 班级)."""
    _run(lambda connection, rules: _told(rolls.import_roll(connection, year, file)), area, home)


@campaign_app.command("helpers")
def import_helpers(file: Table, area: Area, day: Day = None, home: HomeOption = None) -> None:
    """Say who looks after whom (证件号码, 姓名, 帮扶责任人, 联系电话, 帮扶单位, 整户)."""
    _run(lambda connection, rules: _told(rolls.import_helpers(connection, _day(day), file)), area, home)


@campaign_app.command()
def snapshot(area: Area, year: Year, day: Day = None, home: HomeOption = None) -> None:
    """Count a day and the days since the last counted one; the same day again counts it afresh."""

    async def work(connection: Connection, rules: Rules) -> str:
        counted = await counting.snapshot(connection, rules, year, _day(day))
        return f"counted {counted.first} to {counted.last}"

    _run(work, area, home)


@campaign_app.command()
def rebuild(
    area: Area,
    year: Year,
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")],
    home: HomeOption = None,
) -> None:
    """Count all these days anew from the days of payment; what was reported for them is replaced."""

    async def work(connection: Connection, rules: Rules) -> str:
        counted = await counting.rebuild(connection, rules, year, first.date(), last.date())
        return f"counted {counted.first} to {counted.last}"

    _run(work, area, home)


@campaign_app.command()
def bulletin(
    area: Area,
    year: Year,
    to: Annotated[Path, typer.Option(help="File to write, .xlsx.")],
    day: Day = None,
    level: Annotated[str, typer.Option(help="county, town, village or school.")] = "town",
    within: Annotated[str, typer.Option(help="Division code; the whole city when left out.")] = "",
    home: HomeOption = None,
) -> None:
    """Write the bulletin of a day with its chart."""
    if level not in LEVELS:
        raise ConfigurationError(f"--level is one of {', '.join(LEVELS)}, not {level!r}")

    async def work(connection: Connection, rules: Rules) -> str:
        found = await bulletins.bulletin(connection, rules, year, _day(day), within=within, level=LEVELS[level])
        return f"{to}: {bulletins.write_bulletin(to, found)} units on {found.day}"

    _run(work, area, home)


@campaign_app.command()
def supervise(area: Area, year: Year, day: Day = None, home: HomeOption = None) -> None:
    """Write this week's list of towns that lag; a list that stands is not changed."""

    async def work(connection: Connection, rules: Rules) -> str:
        lagging = await supervision.supervise(connection, rules, year, _day(day))
        return "\n".join([*(f"{one.figures.name} {one.reason}" for one in lagging), f"{len(lagging)} towns"])

    _run(work, area, home)


def _run(work: Work, area: str, home: Path | None) -> None:
    """Do `work` in one transaction and print what it says; refusals, one a line, end with exit code 1."""

    async def inside(url: str) -> str:
        rules = rules_of(area)
        database = await Database.open(url, connections=1)
        try:
            async with database.transaction() as connection:
                return await work(connection, rules)
        finally:
            await database.close()

    try:
        with open_installation(home) as installation:
            print(asyncio.run(inside(installation.url)))
    except Refused as refused:
        for refusal in refused.refusals:
            typer.echo(str(refusal), err=True)
        raise typer.Exit(1) from refused


async def _told(done: Awaitable[rolls.Imported]) -> str:
    imported = await done
    return "\n".join([*map(str, imported.left), f"{imported.taken} rows taken, {len(imported.left)} left"])


def _day(day: datetime | None) -> date:
    return day.date() if day else dates.today()

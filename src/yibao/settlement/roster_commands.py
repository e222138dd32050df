"""`yibao roster`: rosters, exchange, subsidies and warnings without any page; answers are JSON."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.config import ConfigurationError
from yibao.core.database import Connection, Database
from yibao.core.errors import Refused
from yibao.core.installation import open_installation
from yibao.core.options import HomeOption
from yibao.core.sheets import write_sheet
from yibao.directory.cache import DirectoryCache
from yibao.ledger.chart import install_chart
from yibao.population.rosters import comparison, exchange_lists, matching, subsidies
from yibao.population.rosters import receiving as rosters
from yibao.population.rosters.exchange_folders import sweep
from yibao.population.rosters.exchange_keys import create_key, revoke_key
from yibao.population.rosters.receiving import Incoming
from yibao.settlement.poverty_return import tell
from yibao.settlement.retroactive import note_batch, open_effects
from yibao.settlement.roster_actions import bring_to_effect
from yibao.settlement.services import Services

roster_app = typer.Typer(help="Rosters of departments, exchange, premium subsidies.", no_args_is_help=True)
ACTOR = "yibao roster"

Area = Annotated[str, typer.Option(help="Area code of the city or county, e.g. 340600.")]
Batch = Annotated[str, typer.Argument(metavar="BATCH_NO")]
Department = Annotated[str, typer.Argument(help="Code of the area's rule `departments`, e.g. civil_affairs.")]
Target = Annotated[Path, typer.Argument(dir_okay=False, help="xlsx to write.")]
Year = Annotated[int, typer.Argument(help="Insured year.")]
Work = Callable[[Services, Connection], Awaitable[Any]]


@roster_app.command("import")
def import_command(
    department: Department,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="xlsx, xls or csv.")],
    area: Area,
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day the roster speaks of.")],
    incremental: Annotated[bool, typer.Option(help="Only changes, not everybody who has the tag.")] = False,
    home: HomeOption = None,
) -> None:
    """Stage a roster and match its lines; nothing takes effect. The same file again is the same batch."""
    mode: rosters.Mode = "incremental" if incremental else "full"
    incoming = Incoming(area, department, mode, as_of.date(), file.name)

    async def work(services: Services, connection: Connection) -> Any:
        return await rosters.receive(connection, incoming, file, ACTOR, dates.today(), _progress)

    _run(work, home)


@roster_app.command()
def compare(batch_no: Batch, home: HomeOption = None) -> None:
    """Compare a batch with what is in force; prints the counts."""
    _run(lambda services, connection: comparison.compare(connection, batch_no), home)


@roster_app.command()
def answers(batch_no: Batch, target: Target, home: HomeOption = None) -> None:
    """Write one answer per line of a batch."""

    async def work(services: Services, connection: Connection) -> Any:
        said = await comparison.answers(connection, batch_no)
        rows = map(exchange_lists.answer_row, said)
        return {"rows": write_sheet(target, "名册比对回执", exchange_lists.ANSWER_HEADINGS, rows, note=batch_no)}

    _run(work, home)


@roster_app.command()
def review(batch_no: Batch, home: HomeOption = None) -> None:
    """Lines that a clerk has to decide, each with the persons it may be."""
    _run(lambda services, connection: matching.review_list(connection, batch_no), home)


@roster_app.command()
def decide(
    batch_no: Batch,
    row_no: Annotated[int, typer.Argument(help="Line of the file.")],
    psn_no: Annotated[str, typer.Argument(help="The person it is; left out: none of the candidates.")] = "",
    home: HomeOption = None,
) -> None:
    """Decide one doubtful line; the batch has to be compared again."""

    async def work(services: Services, connection: Connection) -> Any:
        if psn_no:
            await matching.accept(connection, batch_no, row_no, psn_no, ACTOR)
        else:
            await matching.reject(connection, batch_no, row_no, ACTOR)
        return {"row_no": row_no, "psn_no": psn_no or None}

    _run(work, home)


@roster_app.command()
def apply(
    batch_no: Batch,
    many_endings: Annotated[bool, typer.Option(help="Yes, unusually many persons lose a tag.")] = False,
    home: HomeOption = None,
) -> None:
    """Bring a compared batch to effect; settled bills that would differ are listed."""

    async def work(services: Services, connection: Connection) -> Any:
        today = dates.today()
        done, bills = await bring_to_effect(services, connection, batch_no, ACTOR, today, many_endings=many_endings)
        return {**msgspec.to_builtins(done), "bills_that_would_differ": bills}

    _run(work, home)


@roster_app.command()
def reject(
    batch_no: Batch, reason: Annotated[str, typer.Argument(help="Why, for the record.")], home: HomeOption = None
) -> None:
    """Set a batch aside."""
    _run(lambda services, connection: rosters.reject(connection, batch_no, ACTOR, reason), home)


@roster_app.command()
def exchange(
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Root of the departments' folders.")],
    area: Area,
    home: HomeOption = None,
) -> None:
    """Take in every inbox and put out what is ready, once; run it every few minutes."""

    async def work(services: Services, connection: Connection) -> Any:
        today = dates.today()
        note = partial(note_batch, services, today=today)
        return await sweep(services.database, services.packs, folder, area, ACTOR, today, note)

    _run(work, home)


@roster_app.command("grant")
def grant(department: Department, area: Area, home: HomeOption = None) -> None:
    """Make an access key of the exchange interface; the secret is printed once and kept sealed."""
    with open_installation(home) as installation:
        master = installation.key

    async def work(services: Services, connection: Connection) -> Any:
        key = await create_key(connection, master, area, department)
        return {"access_key": key.access_key, "secret": key.secret, "department": department}

    _run(work, home)


@roster_app.command("revoke")
def revoke(access_key: Annotated[str, typer.Argument()], home: HomeOption = None) -> None:
    """End an access key of the exchange interface."""
    _run(lambda services, connection: revoke_key(connection, access_key), home)


@roster_app.command()
def statement(
    year: Year,
    target: Target,
    area: Area,
    department: Annotated[str, typer.Option(help="Only tags of this department, person by person.")] = "",
    home: HomeOption = None,
) -> None:
    """Write the premium subsidies: sums for finance, or person by person for one department."""

    async def work(services: Services, connection: Connection) -> Any:
        day = dates.today()
        persons = await subsidies.subsidised(connection, services.packs, area, year, day, department)
        rows = subsidies.write_statement(target, area, year, day, persons, totals=not department)
        return {"persons": len(persons), "fen": sum(one.subsidy for one in persons), "rows": rows}

    _run(work, home)


@roster_app.command("book")
def book(year: Year, area: Area, home: HomeOption = None) -> None:
    """Book subsidies and public finance for the premiums that are paid; again, only the difference."""

    async def work(services: Services, connection: Connection) -> Any:
        await install_chart(connection)
        return {"entry": await subsidies.book(connection, area, year, dates.today(), ACTOR)}

    _run(work, home)


@roster_app.command()
def warn(year: Year, area: Area, home: HomeOption = None) -> None:
    """Tell the departments whose own burden of the year stays high (防返贫预警)."""

    async def work(services: Services, connection: Connection) -> Any:
        return {"persons": len(await tell(connection, area, year, dates.today(), ACTOR))}

    _run(work, home)


@roster_app.command()
def effects(home: HomeOption = None) -> None:
    """Settled bills that would differ because a tag began or ended in the past."""
    _run(lambda services, connection: open_effects(connection), home)


def _run(work: Work, home: Path | None) -> None:
    """One transaction over the installation; refusals become one clear line."""
    with open_installation(home) as installation:
        try:
            answer = asyncio.run(_in_transaction(installation.url, work))
        except Refused as refused:
            raise ConfigurationError(str(refused)) from refused
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(answer, enc_hook=str), indent=1) + b"\n")


async def _in_transaction(url: str, work: Work) -> Any:
    database = await Database.open(url)
    try:
        services = Services(database, DirectoryCache(database), PackBook.load())
        async with database.transaction() as connection:
            return await work(services, connection)
    finally:
        await database.close()


def _progress(rows: int) -> None:
    print(f"{rows} lines read", file=sys.stderr, flush=True)

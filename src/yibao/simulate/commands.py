"""`yibao city`: draw a city with a year of care into a lake, and load it into the database.

yibao city build --area huaibei --people 2000000 --year 2021 --to LAKE [--scale 0.01] [--seed N] [--load]
yibao city load LAKE [--months N]
"""

import asyncio
import datetime
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from yibao.core import dates
from yibao.core.config import ConfigurationError
from yibao.core.database import connect
from yibao.core.installation import open_installation
from yibao.core.options import HomeOption
from yibao.ledger import install_chart
from yibao.simulate.city import build_city
from yibao.simulate.load import Loaded
from yibao.simulate.loading import LoadPlan, load_all, progress
from yibao.simulate.model import City
from yibao.simulate.year import build_year

city_app = typer.Typer(no_args_is_help=True, help="A city that never existed: draw it, load it.")
Months = Annotated[int, typer.Option(min=0, max=12, help="Load the bills of so many last months; 0 none.")]
Totals = Annotated[
    bool,
    typer.Option("--totals", help="Count the year's bills into people's yearly totals; two minutes per million bills."),
]


class About(msgspec.Struct, frozen=True):
    """about.json of a lake: what makes the same city again."""

    area: str
    year: int
    seed: int
    people: int
    visits: int = 0
    lines: int = 0


@city_app.command("build")
def build(
    area: Annotated[str, typer.Option(help="Folder of the city below areas/.")],
    people: Annotated[int, typer.Option(min=1, help="How many persons live there.")],
    year: Annotated[int, typer.Option(min=2000, max=2100, help="The year of the bills.")],
    to: Annotated[Path, typer.Option(help="New folder for the lake.")],
    scale: Annotated[float, typer.Option(min=0.00001, max=1, help="Draw only this share of the persons.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="Another seed gives another city.")] = 1,
    load: Annotated[bool, typer.Option("--load", help="Load it into the database as well.")] = False,
    months: Months = 1,
    totals: Totals = False,
    processes: Annotated[int, typer.Option(min=0, help="Processes; 0 is one per core.")] = 0,
    home: HomeOption = None,
) -> None:
    """Draw a city and a year of its care, settle every bill, write the lake."""
    console, began = Console(stderr=True), time.monotonic()
    with console.status("drawing the city"):
        city = build_city(area, people, seed, scale, year)
    try:
        with progress(console, "people's year of care", len(city.people)) as told:
            counts = build_year(city, year, to, lambda done, _: told(done), processes)
    except FileExistsError as error:
        raise ConfigurationError(str(error)) from error
    console.print(f"{to}: {_told(counts)} in {time.monotonic() - began:.0f} s")
    if load:
        _load(LoadPlan(city, to, _as_of(city), months, totals), home, console)


@city_app.command("load")
def load(
    lake: Annotated[Path, typer.Argument(help="A lake written by yibao city build.")],
    months: Months = 1,
    totals: Totals = False,
    home: HomeOption = None,
) -> None:
    """Load the persons, institutions, catalogue and last bills of a lake into the database."""
    console = Console(stderr=True)
    about = read_about(lake)
    with console.status("drawing the city again"):
        city = build_city(about.area, about.people, about.seed, 1.0, about.year)
    _load(LoadPlan(city, lake, _as_of(city), months, totals), home, console)


def read_about(lake: Path) -> About:
    """What the lake says of itself; `ConfigurationError` when it is none."""
    file = lake / "about.json"
    try:
        return msgspec.json.decode(file.read_bytes(), type=About)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(f"{lake} is no lake of yibao city build: {error}") from error


def _as_of(city: City) -> datetime.date:
    """The day on which an earlier system hands over."""
    return min(dates.today(), datetime.date(city.year, 12, 31))


def _load(plan: LoadPlan, home: Path | None, console: Console) -> None:
    began = time.monotonic()
    with open_installation(home) as installation:
        loaded, bills = asyncio.run(_loaded(installation.url, plan, console))
    seconds = time.monotonic() - began
    counts = {**msgspec.to_builtins(loaded), "bills": bills}
    console.print(f"loaded as of {plan.as_of}: {_told(counts)} in {seconds:.0f} s")


async def _loaded(url: str, plan: LoadPlan, console: Console) -> tuple[Loaded, int]:
    connection = await connect(url)
    try:
        async with connection.transaction():
            await install_chart(connection)
            return await load_all(connection, plan, console)
    finally:
        await connection.close()


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())

"""`yibao bench settle`: settlements per second on this machine, against the floor, and where the time goes."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from yibao.bench import entitlement, orders, rosters
from yibao.bench.floor import floor
from yibao.bench.load import Load, Numbers, bench_home, closed_loop, server, stream
from yibao.bench.stages import stages
from yibao.bench.town import Town, build
from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.database import Database
from yibao.core.installation import Installation, open_installation
from yibao.core.migrations import migrate
from yibao.directory.cache import DirectoryCache
from yibao.settlement.services import Services

ROUNDS = 3

bench_app = typer.Typer(help="Measure this machine.", no_args_is_help=True, add_completion=False)


@bench_app.callback()
def bench() -> None:
    """Measure this machine."""


@bench_app.command()
def settle(
    seconds: Annotated[float, typer.Option(min=1, help="Length of each measurement.")] = 10.0,
    clients: Annotated[int, typer.Option(min=1, help="Clients at once.")] = 16,
    lines: Annotated[int, typer.Option(min=1, help="Fee lines of a settlement.")] = 10,
    persons: Annotated[int, typer.Option(min=1, help="Insured people in the town.")] = 20_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Settle over HTTP with signatures in a town of its own; nothing of an installation is touched."""
    console = Console(stderr=True)
    with bench_home() as home:
        found = measure(home, seconds, clients, lines, persons, console)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        show(found, Console())


@bench_app.command()
def roster(
    rows: Annotated[int, typer.Option(min=100, help="Lines of the roster.")] = 200_000,
    persons: Annotated[int, typer.Option(min=1000, help="Persons of the city.")] = 2_000_000,
) -> None:
    """Read, match, compare and apply a department's roster in a city of its own; prints JSON."""
    with bench_home() as home, open_installation(home, migrated=False, say=lambda line: None) as installation:
        migrate(installation.url)
        print(json.dumps(uvloop.run(rosters.measure(installation.url, home, rows, persons)), ensure_ascii=False))


@bench_app.command("orders")
def orders_command(
    lines: Annotated[int, typer.Option(min=1, help="Orders per question.")] = 40,
    per_second: Annotated[float, typer.Option(min=1, help="Questions per second over HTTP.")] = 100,
    persons: Annotated[int, typer.Option(min=1, help="Insured people in the town, each with a year of care.")] = 2_000,
) -> None:
    """Ask 3101 about orders with a year of history: CPU of one question, and latencies over HTTP; prints JSON."""
    with bench_home() as home:
        print(json.dumps(measure_orders(home, lines, per_second, persons), ensure_ascii=False))


def measure_orders(home: Path, lines: int, per_second: float, persons: int) -> dict[str, Any]:
    """Both numbers of the counter, on one database."""
    numbers = Numbers()
    with open_installation(home, migrated=False, say=lambda line: None) as installation:
        migrate(installation.url)
        town = uvloop.run(build(installation.url, installation.key, persons))
        codes, found = uvloop.run(orders_alone(installation, town, numbers, lines))
        with server(home) as address:
            return found | uvloop.run(orders.over_http(address, town, numbers, codes, per_second))


async def orders_alone(
    installation: Installation, town: Town, numbers: Numbers, lines: int
) -> tuple[list[str], dict[str, Any]]:
    """A year of history for the town, and the CPU of one question in this process."""
    database = await Database.open(installation.url)
    try:
        codes = await orders.touched_items(database, lines)
        await orders.add_history(installation.url, town.persons, codes, dates.now())
        return codes, {"orders": lines} | await orders.cpu(database, town, codes, numbers, 200)
    finally:
        await database.close()


@bench_app.command("entitlement")
def entitlement_command(
    persons: Annotated[int, typer.Option(min=1, help="Insured people in the town.")] = 20_000,
    seconds: Annotated[float, typer.Option(min=0.1, help="Length of each measurement.")] = 3.0,
) -> None:
    """Decide entitlement one by one from the database, and a city's coverage in arrays; prints JSON."""
    with bench_home() as home, open_installation(home, migrated=False, say=lambda line: None) as installation:
        migrate(installation.url)
        found = uvloop.run(entitlement_rates(installation, persons, seconds))
    print(json.dumps({name: round(rate) for name, rate in found.items()}, ensure_ascii=False))


async def entitlement_rates(installation: Installation, persons: int, seconds: float) -> dict[str, float]:
    """Every number of entitlement, in a town of its own."""
    await build(installation.url, installation.key, persons)
    database = await Database.open(installation.url)
    try:
        return await entitlement.single_rates(database, persons, seconds) | entitlement.batch_rate()
    finally:
        await database.close()


def measure(home: Path, seconds: float, count: int, lines: int, persons: int, console: Console) -> dict[str, Any]:
    """Every number of the benchmark, in one run on one database."""
    numbers = Numbers()
    with open_installation(home, migrated=False, say=lambda line: None) as installation:
        with console.status("building a town"):
            migrate(installation.url)
            town = uvloop.run(build(installation.url, installation.key, persons))
        with console.status("taking a settlement apart"):
            parts = uvloop.run(with_services(installation, stages_of(installation, town, numbers, lines)))
        with server(home) as address:
            with console.status("settling at full load, and the floor, in turns"):
                uvloop.run(closed_loop(address, town, numbers, seconds=2, count=count, lines=lines))
                rounds = [
                    one_round(installation, address, town, numbers, seconds / ROUNDS, count, lines)
                    for _ in range(ROUNDS)
                ]
            full, lowest = sorted(rounds, key=lambda loads: loads[0].per_second / loads[1].per_second)[ROUNDS // 2]
            with console.status("settling at half load"):
                half = uvloop.run(
                    stream(
                        address, town, numbers, seconds=seconds, count=4 * count, lines=lines,
                        per_second=full.per_second / 2,
                    )
                )  # fmt: skip
    return {"lines": lines, "clients": count, **rounded(full, half, lowest, parts)}


def one_round(
    installation: Installation, address: str, town: Town, numbers: Numbers, seconds: float, count: int, lines: int
) -> tuple[Load, Load]:
    """Full load and the floor one right after the other, since a shared machine changes its speed meanwhile."""
    full = uvloop.run(closed_loop(address, town, numbers, seconds=seconds, count=count, lines=lines))
    lowest = uvloop.run(with_services(installation, floor_of(town, numbers, seconds, count, lines)))
    return full, lowest


def rounded(full: Load, half: Load, lowest: Load, parts: dict[str, float]) -> dict[str, Any]:
    """The numbers by name, of the round in the middle; latencies and CPU in milliseconds."""
    return {
        "settlements_per_second": round(full.per_second, 1),
        "p50_ms": round(full.p50, 1), "p99_ms": round(full.p99, 1), "failures": full.failures + half.failures,
        "half_load_per_second": round(half.per_second, 1), "half_load_p50_ms": round(half.p50, 1),
        "half_load_p99_ms": round(half.p99, 1), "floor_per_second": round(lowest.per_second, 1),
        "share_of_floor": round(full.per_second / lowest.per_second, 3),
        "cpu_ms_by_stage": {name: round(spent, 3) for name, spent in parts.items()},
    }  # fmt: skip


Work = Callable[[Services], Awaitable[Any]]


async def with_services(installation: Installation, work: Work) -> Any:
    """Run `work` with the city's services in this process, as a worker of the server has them."""
    database = await Database.open(installation.url)
    directory = DirectoryCache(database)
    await directory.listen()
    try:
        return await work(Services(database, directory, PackBook.load()))
    finally:
        await directory.close()
        await database.close()


def floor_of(town: Town, numbers: Numbers, seconds: float, count: int, lines: int) -> Work:
    """The floor as work for `with_services`."""

    async def work(services: Services) -> Load:
        return await floor(services, town, numbers, seconds=seconds, count=count, lines=lines)

    return work


def stages_of(installation: Installation, town: Town, numbers: Numbers, lines: int) -> Work:
    """The stages as work for `with_services`; 300 settlements."""

    async def work(services: Services) -> dict[str, float]:
        return await stages(services, installation.key, town, numbers, repeat=300, lines=lines)

    return work


def show(found: dict[str, Any], console: Console) -> None:
    """The numbers as a table for people."""
    table = Table(title=f"settling {found['lines']} lines, {found['clients']} clients, durable commits")
    table.add_column("what")
    table.add_column("measured", justify="right")
    for name, value in found.items():
        if not isinstance(value, dict):
            table.add_row(name.replace("_", " "), str(value))
    for name, value in found["cpu_ms_by_stage"].items():
        table.add_row(f"server CPU: {name}", f"{value} ms")
    console.print(table)

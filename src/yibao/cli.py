"""The command `yibao`.

Commands of the installation (up, migrate, backup, restore) are here; those of an area live in the area and are
named in `ELSEWHERE` by module and attribute, a Typer app or a plain function. They are imported when called,
so that the help is quick and a broken area does not break the rest. What people read goes to standard error,
what programs read to standard output. Exit codes: 1 it went wrong, 2 it was called or configured wrongly.
"""

import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from yibao.core.config import ConfigurationError
from yibao.core.errors import Refused, Unavailable
from yibao.core.options import HomeOption

ELSEWHERE = {
    "benefits": ("yibao.benefits.commands:benefits_app", "Evaluate bills, check cases, simulate changes of a pack."),
    "policy": ("yibao.benefits.commands:policy_app", "The vocabulary of policy packs as JSON Schema."),
    "demo": ("yibao.demo.commands:demo", "What the demo city holds: credentials, institutions, persons."),
    "credential": ("yibao.gateway.commands:credential_app", "Access keys of institutions to the interface."),
    "user": ("yibao.web.user_commands:user_app", "Users of the pages and their roles."),
    "campaign": ("yibao.population.campaign.commands:campaign_app", "The yearly collection campaign of residents."),
    "enrol": ("yibao.population.enrolment.commands:enrol_app", "Persons, employers, enrolments, newborns, deaths."),
    "premium": ("yibao.population.contributions.commands:premium_app", "Residents' premiums and payment channels."),
    "declare": (
        "yibao.population.employees.commands:declare_app",
        "Employees: declarations, bills, crediting.",
    ),
    "refund": ("yibao.settlement.refund_command:refund_command", "Give residents' premiums back."),
    "roster": ("yibao.settlement.roster_commands:roster_app", "Rosters of departments, exchange, premium subsidies."),
    "transfer": ("yibao.population.entitlement.commands:transfer_app", "Transfers of insurance between areas."),
    "entitlement": (
        "yibao.population.entitlement.commands:entitlement_app",
        "What somebody is insured for; retiring.",
    ),
    "maternity": ("yibao.settlement.maternity_command:maternity_command", "Propose maternity allowances."),
    "audit": ("yibao.supervision.commands:audit_app", "Supervision: knowledge, audit of a lake, findings, scores."),
    "verify": ("yibao.supervision.verify:verify_command", "Check everything that must always hold."),
    "seal": ("yibao.ledger.commands:seal", "Seal the ledger of a day."),
    "city": ("yibao.simulate.commands:city_app", "A city that never existed: draw it with a year of bills, load it."),
    "bulletin": ("yibao.simulate.bulletin_command:bulletin_command", "A city's figures beside the published ones."),
    "bench": ("yibao.bench.commands:bench_app", "Measure this machine."),
}


class LazyGroup(TyperGroup):
    """Replaces the stub of a command in `ELSEWHERE` by the real one when it is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] in ELSEWHERE:
            self.commands[args[0]] = _load(args[0])
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=LazyGroup,
    help="医保 yibao: the medical-insurance platform of a city.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def up(
    home: HomeOption = None,
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    demo: Annotated[bool, typer.Option("--demo", help="Load the demo city when it is not there yet.")] = False,
    demo_people: Annotated[
        int, typer.Option(min=0, max=1_000_000, help="Size of the made-up city around the demo's cast; 0 for none.")
    ] = 5_000,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 is one per core.")] = 0,
) -> None:
    """Start the database, migrate it and serve until Ctrl-C."""
    from yibao.benefits.book import PackBook
    from yibao.core.installation import open_installation
    from yibao.core.migrations import migrate
    from yibao.core.serving import serving_at
    from yibao.server import StartFailed, Supervisor, bind, reachable

    PackBook.load()  # a fault in a policy pack is told here, before anything starts
    listeners = bind(host, port, workers or os.cpu_count() or 1)
    with open_installation(home, migrated=False) as installation:
        migrate(installation.url)
        _install_chart(installation)
        _ = installation.key  # made here, or refused here, before any worker needs it
        if demo:
            _load_demo(installation, demo_people)
        address = f"http://{reachable(host)}:{listeners[0].getsockname()[1]}"
        supervisor = Supervisor(installation, listeners)
        try:
            with serving_at(installation.settings.home, address):
                supervisor.run(lambda: _say_ready(address, demo=demo))
        except StartFailed as error:
            raise Unavailable(f"the server did not start: {error}") from error


@app.command()
def migrate(
    home: HomeOption = None,
    down: Annotated[bool, typer.Option("--down", help="Undo all migrations: EVERY table and row goes.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before --down.")] = False,
) -> None:
    """Bring the database to this version of yibao, or empty it with --down."""
    from yibao.core import migrations
    from yibao.core.installation import open_installation

    with open_installation(home, migrated=False) as installation:
        if down and not yes:
            typer.confirm("This deletes every table and row. Go on?", abort=True, err=True)
        run = migrations.migrate_down if down else migrations.migrate
        before, after = run(installation.url)
        if not down:
            _install_chart(installation)
        _tell(f"database at version {after}" + (f", was {before}" if before != after else ""))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="File to write (pg_dump's custom format).")],
    home: HomeOption = None,
) -> None:
    """Write a consistent backup while the server works; it does not hold the master key."""
    from yibao.core import backup as backups
    from yibao.core.installation import open_installation

    with open_installation(home) as installation, _progress(f"writing {file}"):
        size = backups.backup(installation.url, file)
    _tell(f"{file}: {size / 1e6:.1f} MB. The master key is not in it: keep {_key_place(installation)} elsewhere")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file written by yibao backup.")],
    home: HomeOption = None,
) -> None:
    """Load a backup into an empty home or database."""
    from yibao.core import backup as backups
    from yibao.core.installation import open_installation

    with open_installation(home, migrated=False) as installation, _progress(f"reading {file}"):
        version, after = backups.restore(installation.url, file)
    _tell(f"restored at version {version}" + (f", migrated to {after}" if after != version else ""))
    _tell(f"gateway credentials open only with the master key of then: put it into {_key_place(installation)}")


def main() -> None:
    """Run the command line; faults become one clear line and an exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    try:
        app(standalone_mode=True)
    except ConfigurationError as error:
        _tell(f"yibao: {error}")
        sys.exit(2)
    except (Refused, Unavailable) as error:
        _tell(f"yibao: {error}")
        sys.exit(1)


def _end(number: int, frame: object) -> None:
    """Leave by an exception, so that a database this command started is stopped."""
    sys.exit(128 + number)


def _say_ready(address: str, *, demo: bool) -> None:
    """The one line programs wait for; people also hear where to look next."""
    print(f"ready {address}", flush=True)
    if demo:
        _tell("`yibao demo` lists users of the pages, credentials of hospitals and persons to try; Ctrl-C stops all")


def _install_chart(installation: Any) -> None:
    import asyncio

    from yibao.ledger.chart import install_chart_at

    asyncio.run(install_chart_at(installation.url))


def _load_demo(installation: Any, people: int) -> None:
    import asyncio

    try:
        load = import_module("yibao.demo").load
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("yibao.demo"):
            raise
        raise ConfigurationError("this build has no demo city: leave out --demo") from error
    with _progress("loading the demo city"):
        asyncio.run(load(installation.url, installation.key, people))


def _load(name: str) -> Any:
    """The real command behind a name in `ELSEWHERE`."""
    module_name, attribute = ELSEWHERE[name][0].split(":")
    try:
        found = getattr(import_module(module_name), attribute)
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("yibao."):
            raise ConfigurationError(f"yibao {name} needs {error.name}: pip install 'yibao[analysis]'") from error
        raise ConfigurationError(f"yibao {name} is not part of this build ({error})") from error
    if isinstance(found, typer.Typer):
        return typer.main.get_group(found)
    single = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    single.command(name)(found)
    return typer.main.get_command(single)


def _add_stubs() -> None:
    """Names and help texts of the commands that live elsewhere, for `yibao --help`."""
    for name, (_, text) in ELSEWHERE.items():
        app.command(name, help=text)(lambda: None)


def _key_place(installation: Any) -> str:
    return "YIBAO_KEY" if os.environ.get("YIBAO_KEY") else str(installation.settings.key_file)


def _progress(text: str) -> Any:
    """A spinner on standard error while something long runs; nothing where that is no terminal."""
    from rich.console import Console

    return Console(stderr=True).status(text)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


_add_stubs()

if __name__ == "__main__":
    main()

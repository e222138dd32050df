"""`yibao premium`: assess, files of the channels out and in, reconciliation, without any page."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.commands import Work, run_in_transaction
from yibao.core.config import ConfigurationError, load_settings, master_key
from yibao.core.database import Connection
from yibao.core.options import HomeOption
from yibao.ledger.chart import install_chart
from yibao.population import payment_orders, premiums, reconciliation
from yibao.population.channels import access, bank, tax
from yibao.population.payment_state import payment_state

premium_app = typer.Typer(help="Residents' premiums: due, files of the channels, reconciliation.", no_args_is_help=True)
ACTOR = "yibao premium"

Area = Annotated[str, typer.Option(help="Area code of the city or county, e.g. 340600.")]
Year = Annotated[int, typer.Option(help="Insured year, e.g. 2024.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day; today when left out.")]
Channel = Annotated[str, typer.Argument(help="tax, bank, village …")]
Table = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="xlsx, xls or csv.")]
Target = Annotated[Path, typer.Argument(dir_okay=False, help="xlsx or csv to write.")]


@premium_app.command()
def assess(area: Area, year: Year, day: Day = None, home: HomeOption = None) -> None:
    """Say who owes what for a year: every enrolled resident of an area; prints how many changed."""
    packs = PackBook.load()
    _run(lambda c: premiums.assess_area(c, packs, area, year, _day(day), ACTOR), home, "changed")


@premium_app.command("file-out")
def file_out(channel: Channel, target: Target, area: Area, year: Year = 0, home: HomeOption = None) -> None:
    """Write the list for a channel: who owes what (tax), or the batch of open orders (bank)."""

    async def work(connection: Connection) -> dict[str, int]:
        if channel == tax.CHANNEL:
            rows, amount = await tax.write_list(connection, target, area, year or dates.today().year)
        elif channel == bank.CHANNEL:
            rows, amount = await bank.write_batch(connection, target, area, ACTOR)
        else:
            raise ConfigurationError(f"no file goes out to channel {channel}")
        return {"rows": rows, "fen": amount}

    _run(work, home, "file")


@premium_app.command("file-in")
def file_in(channel: Channel, file: Table, area: Area, home: HomeOption = None) -> None:
    """Take what a channel's file says, and print the answer to every row that was not simply paid."""
    packs = PackBook.load()

    async def work(connection: Connection) -> dict[str, Any]:
        content = file.read_bytes()
        if channel == tax.CHANNEL:
            answer = await tax.take_list(connection, packs, area, file.name, content, ACTOR)
        elif channel == bank.CHANNEL:
            answer = await bank.take_results(connection, file.name, content, ACTOR)
        else:
            raise ConfigurationError(f"no file comes in from channel {channel}")
        facts: dict[str, Any] = msgspec.to_builtins(answer)
        facts["rows"] = [row for row in facts["rows"] if row["outcome"] != "paid"]
        return facts

    _run(work, home, "answer")


@premium_app.command()
def reconcile(
    channel: Channel,
    file: Table,
    day: Day = None,
    differences: Annotated[Path | None, typer.Option(help="xlsx to write the difference list to.")] = None,
    home: HomeOption = None,
) -> None:
    """Compare a day of a channel with its own list; books what is equal and prints what is not."""

    async def work(connection: Connection) -> dict[str, Any]:
        content = file.read_bytes()
        found = await reconciliation.reconcile(connection, channel, _day(day), content, ACTOR)
        if differences is not None:
            await reconciliation.write_differences(connection, differences, found.run_id)
        facts: dict[str, Any] = msgspec.to_builtins(found)
        return facts

    _run(work, home, "reconciliation")


@premium_app.command()
def grant(
    channel: Channel, title: Annotated[str, typer.Option(help="Name of the channel.")] = "", home: HomeOption = None
) -> None:
    """Give a channel a new secret for its callback; it is printed once and kept sealed."""
    key = master_key(load_settings(home))

    async def work(connection: Connection) -> dict[str, str]:
        return {"channel": channel, "secret": await access.grant(connection, key, channel, title)}

    run_in_transaction(work, home)


@premium_app.command()
def revoke(channel: Channel, home: HomeOption = None) -> None:
    """End a channel's access to the callback."""
    _run(lambda c: access.revoke(c, channel), home, "revoked")


@premium_app.command()
def expire(home: HomeOption = None) -> None:
    """Give up every order that was not paid in time; prints how many persons may order anew."""
    _run(payment_orders.expire_orders, home, "released")


@premium_app.command()
def state(psn_no: Annotated[str, typer.Argument(help="Person number.")], year: Year, home: HomeOption = None) -> None:
    """Where a person's premium of a year stands."""
    _run(lambda c: payment_state(c, psn_no, year), home, "payment")


def _run(work: Work, home: Path | None, name: str) -> None:
    async def named(connection: Connection) -> dict[str, Any]:
        await install_chart(connection)
        return {name: await work(connection)}

    run_in_transaction(named, home)


def _day(day: datetime | None) -> date:
    return day.date() if day else dates.today()

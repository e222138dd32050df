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
from yibao.population.contributions import payment_orders, payments, premiums, reconciliation, refunds
from yibao.population.contributions.channels import access, bank, family_account, tax
from yibao.population.contributions.channels.files import waiting
from yibao.population.contributions.payment_state import payment_state

premium_app = typer.Typer(help="Residents' premiums: due, files of the channels, reconciliation.", no_args_is_help=True)
ACTOR = "yibao premium"

Area = Annotated[str, typer.Option(help="Area code of the city or county, e.g. 340600.")]
Year = Annotated[int, typer.Option(help="Insured year, e.g. 2024.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day; today when left out.")]
Channel = Annotated[str, typer.Argument(help="tax, bank, village …")]
Person = Annotated[str, typer.Argument(help="Person number.")]
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
def state(psn_no: Person, year: Year, home: HomeOption = None) -> None:
    """Where a person's premium of a year stands."""
    _run(lambda c: payment_state(c, psn_no, year), home, "payment")


@premium_app.command()
def admit(
    psn_no: Person,
    year: Year,
    ground: Annotated[str, typer.Option(help="Why in the middle of a year, e.g. veteran, graduate.")],
    day: Day = None,
    home: HomeOption = None,
) -> None:
    """Let a person enter in the middle of a year by a ground of the area; prints whether the amount changed."""
    packs = PackBook.load()
    _run(lambda c: premiums.assess(c, packs, [psn_no], year, _day(day), ACTOR, ground=ground), home, "changed")


@premium_app.command("pay-from")
def pay_from(
    payer: Annotated[str, typer.Argument(help="Person number of the relative whose account pays.")],
    psn_no: Annotated[list[str], typer.Argument(help="Persons whose premium is paid.")],
    year: Year,
    home: HomeOption = None,
) -> None:
    """Pay the year's premium of near relatives from a personal account."""
    packs = PackBook.load()
    _run(lambda c: family_account.pay(c, packs, payer, psn_no, year, ACTOR), home, "order")


@premium_app.command()
def reverse(
    order_no: Annotated[str, typer.Argument(help="Payment order.")],
    reason: Annotated[str, typer.Option(help="Why, in a few words.")],
    home: HomeOption = None,
) -> None:
    """Take a payment back before its cash is booked, or give up an order that is not paid."""
    _run(lambda c: payments.reverse(c, order_no, ACTOR, reason), home, "order")


@premium_app.command()
def unallocated(channel: Channel, home: HomeOption = None) -> None:
    """Money of a channel that fits no order: serial, fen, day, why."""
    _run(lambda c: waiting(c, channel), home, "receipts")


@premium_app.command("return")
def give_back(
    channel: Channel,
    serial: Annotated[str, typer.Argument(help="The channel's number of the receipt.")],
    reason: Annotated[str, typer.Option(help="Why, in a few words.")],
    home: HomeOption = None,
) -> None:
    """Owe such money to who paid it; prints the number of the refund."""
    _run(lambda c: refunds.return_receipt(c, channel, serial, ACTOR, reason), home, "refund_no")


def _run(work: Work, home: Path | None, name: str) -> None:
    async def named(connection: Connection) -> dict[str, Any]:
        await install_chart(connection)
        return {name: await work(connection)}

    run_in_transaction(named, home)


def _day(day: datetime | None) -> date:
    return day.date() if day else dates.today()

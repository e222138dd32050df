"""`yibao transfer`, `yibao entitlement`: transfers, retirement, what a person is insured for, without any page."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from yibao.core import dates
from yibao.core.commands import Work, run_in_transaction
from yibao.core.database import Connection
from yibao.core.options import HomeOption
from yibao.ledger.chart import install_chart
from yibao.population.entitlement import neighbours, retirement, transfer_exchange, transfers
from yibao.population.entitlement.certificates import certificate_sheet, read_certificate
from yibao.population.entitlement.coverage_city import refresh_city
from yibao.population.entitlement.report import entitlement_report

transfer_app = typer.Typer(help="Transfers of insurance between areas.", no_args_is_help=True)
entitlement_app = typer.Typer(help="What a person is insured for; retirement.", no_args_is_help=True)
ACTOR = "yibao transfer"

Person = Annotated[str, typer.Argument(help="Person number.")]
Number = Annotated[str, typer.Argument(help="Number of the transfer.")]
Insurance = Annotated[str, typer.Option(help="310 employee, 390 resident.")]
Area = Annotated[str, typer.Option(help="Area code of the other city.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day; today when left out.")]
Source = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Certificate file.")]
Target = Annotated[Path, typer.Argument(dir_okay=False, help="Certificate file to write.")]


@transfer_app.command("out")
def ask_out(psn_no: Person, area: Area, insutype: Insurance = "310", day: Day = None, home: HomeOption = None) -> None:
    """Somebody moves away; prints the number of the transfer."""
    _run(lambda c: transfers.ask_out(c, psn_no, insutype, area, _day(day), ACTOR), home)


@transfer_app.command("in")
def ask_in(psn_no: Person, area: Area, insutype: Insurance = "310", day: Day = None, home: HomeOption = None) -> None:
    """Somebody moves here; prints the number of the transfer."""
    _run(lambda c: transfers.ask_in(c, psn_no, insutype, area, _day(day), ACTOR), home)


@transfer_app.command()
def send(transfer_no: Number, target: Target, day: Day = None, home: HomeOption = None) -> None:
    """Write the certificate (.json or .xlsx) of who moves away; the money of the account leaves with it."""

    async def work(connection: Connection) -> str:
        file = await transfers.send(connection, transfer_no, _day(day), ACTOR)
        if target.suffix == ".xlsx":
            file = certificate_sheet(read_certificate(file))
        target.write_bytes(file)
        return str(target)

    _run(work, home)


@transfer_app.command()
def receive(transfer_no: Number, source: Source, day: Day = None, home: HomeOption = None) -> None:
    """Take the certificate of who moves here."""
    _run(lambda c: transfers.receive(c, transfer_no, source.read_bytes(), _day(day), ACTOR), home)


@transfer_app.command()
def merge(transfer_no: Number, day: Day = None, home: HomeOption = None) -> None:
    """Let a received certificate count here: days, months, the account's money."""
    _run(lambda c: transfers.merge(c, transfer_no, _day(day), ACTOR), home)


@transfer_app.command()
def done(transfer_no: Number, day: Day = None, home: HomeOption = None) -> None:
    """The other area has merged what was sent."""
    _run(lambda c: transfers.finish_out(c, transfer_no, _day(day), ACTOR), home)


@transfer_app.command()
def refuse(transfer_no: Number, reason: str, day: Day = None, home: HomeOption = None) -> None:
    """End a transfer without effect; money that had left comes back."""
    _run(lambda c: transfers.refuse(c, transfer_no, _day(day), ACTOR, reason), home)


@transfer_app.command()
def collect(day: Day = None, home: HomeOption = None) -> None:
    """Take what other areas have answered; prints what came of each answer."""
    _run(lambda c: transfer_exchange.collect(c, _day(day), ACTOR), home)


@transfer_app.command()
def messages(
    transfer_no: Annotated[str, typer.Option(help="Number of the transfer; all when left out.")] = "",
    home: HomeOption = None,
) -> None:
    """What was sent to other areas and received from them."""
    _run(lambda c: neighbours.messages(c, transfer_no), home)


@transfer_app.command()
def overdue(day: Day = None, home: HomeOption = None) -> None:
    """Transfers whose term of working days is over."""
    _run(lambda c: transfers.overdue(c, _day(day)), home)


@entitlement_app.command("of")
def report(psn_no: Person, day: Day = None, home: HomeOption = None) -> None:
    """Whether a person is insured on a day, since when, for what, and why."""
    _run(lambda c: entitlement_report(c, psn_no, _day(day)), home)


@entitlement_app.command()
def refresh(area: Annotated[str, typer.Option(help="Area code of the city.")], home: HomeOption = None) -> None:
    """Recompute the coverage of everybody of a city; prints how many persons changed."""
    _run(lambda c: refresh_city(c, area), home)


@entitlement_app.command("months")
def months(psn_no: Person, day: Day = None, home: HomeOption = None) -> None:
    """Months counted and missing for retirement on a day, and what the missing ones cost."""
    _run(lambda c: retirement.retirement_account(c, psn_no, _day(day)), home)


@entitlement_app.command("buy-months")
def buy_months(psn_no: Person, day: Day = None, home: HomeOption = None) -> None:
    """Make the missing months due at once; prints the number of the contribution."""
    _run(lambda c: retirement.buy_months(c, psn_no, _day(day), ACTOR), home)


@entitlement_app.command()
def retire(psn_no: Person, day: Day = None, home: HomeOption = None) -> None:
    """Switch to a pensioner's benefits from a day on."""
    _run(lambda c: retirement.retire(c, psn_no, _day(day), ACTOR), home)


def _run(work: Work, home: Path | None) -> None:
    async def with_chart(connection: Connection) -> Any:
        await install_chart(connection)
        return await work(connection)

    run_in_transaction(with_chart, home)


def _day(day: datetime | None) -> date:
    return day.date() if day else dates.today()

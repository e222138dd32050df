"""`yibao declare`: declarations of employers, their bills, crediting of accounts and rosters, without any page.

What programs read (JSON, one object) goes to standard output, refusals with their codes to standard error.
"""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from yibao.core import dates
from yibao.core.commands import run_connected, run_in_transaction
from yibao.core.database import Connection
from yibao.core.options import HomeOption
from yibao.population.employees import (
    billing_rounds,
    crediting,
    declarations,
    employer_bills,
    feedback,
    flexible,
    month_refunds,
)

declare_app = typer.Typer(help="Contributions of employees: declare, bill, credit, send back.", no_args_is_help=True)
ACTOR = "yibao declare"

Employer = Annotated[str, typer.Argument(metavar="EMP_NO", help="Number of the employer.")]
Area = Annotated[str, typer.Argument(metavar="ADMDVS", help="Area code of the city, e.g. 340600.")]
Month = Annotated[datetime, typer.Argument(formats=["%Y-%m"], help="Month, e.g. 2024-05.")]
Bill = Annotated[str, typer.Argument(metavar="BILL_NO")]
Person = Annotated[str, typer.Argument(metavar="PSN_NO")]


@declare_app.command("file")
def file_command(
    emp_no: Employer,
    month: Month,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="xlsx, xls or csv.")],
    home: HomeOption = None,
) -> None:
    """Take an employer's monthly declaration; prints the answer of every line."""

    async def work(connection: Connection) -> Any:
        rows, digest = declarations.read_file(file)
        declared = declarations.Declaration(emp_no, month.date(), rows, digest, file.name)
        answer = await declarations.declare(connection, declared, ACTOR)
        lines = await declarations.lines_of(connection, answer.declaration_no)
        return asdict(answer) | {"lines": [asdict(line) for line in lines]}

    run_in_transaction(work, home)


@declare_app.command()
def bill(emp_no: Employer, month: Month, home: HomeOption = None) -> None:
    """Issue the bill of a month: persons not declared go on as before; prints the bill and who was left out."""
    run_in_transaction(lambda connection: employer_bills.issue(connection, emp_no, month.date(), ACTOR), home)


@declare_app.command()
def bills(area: Area, month: Month, home: HomeOption = None) -> None:
    """Issue the bills of every employer of a city; may be repeated."""
    run_connected(lambda connection: billing_rounds.issue_all(connection, area, month.date(), ACTOR), home)


@declare_app.command()
def arrears(area: Area, home: HomeOption = None) -> None:
    """List the bills past their due day with what is owed and the late fee of today."""
    run_connected(lambda connection: billing_rounds.arrears_of(connection, area, dates.today()), home)


@declare_app.command()
def withdraw(
    bill_no: Bill, reason: Annotated[str, typer.Option(help="Why, for the record.")], home: HomeOption = None
) -> None:
    """Take an unpaid bill back, so that the month can be declared again."""
    run_in_transaction(lambda connection: employer_bills.withdraw(connection, bill_no, ACTOR, reason), home)


@declare_app.command()
def order(
    bill_no: Bill, channel: Annotated[str, typer.Option(help="Payment channel.")] = "tax", home: HomeOption = None
) -> None:
    """Make the payment order of a bill with the late fee of today; the channel pays it."""
    run_in_transaction(
        lambda connection: employer_bills.order_bill(connection, bill_no, channel, dates.today(), ACTOR), home
    )


@declare_app.command("flexible")
def flexible_command(
    psn_no: Person,
    month: Month,
    percent: Annotated[int, typer.Option(help="Percent of the average wage.")],
    period: Annotated[str, typer.Option(help="month, quarter, half_year or year.")] = "month",
    home: HomeOption = None,
) -> None:
    """Take a flexible worker's choice of base and period; prints the contributions to pay."""
    choice = flexible.Choice(psn_no, percent, period, month.date())
    run_in_transaction(lambda connection: flexible.declare(connection, choice, ACTOR), home)


@declare_app.command()
def refund(
    psn_no: Person,
    month: Month,
    reason: Annotated[str, typer.Option(help="Why, for the record.")],
    home: HomeOption = None,
) -> None:
    """Give a paid month back; what was credited is taken back from the account."""

    async def work(connection: Connection) -> Any:
        return {"refunded": await month_refunds.refund_month(connection, psn_no, month.date(), ACTOR, reason)}

    run_in_transaction(work, home)


@declare_app.command()
def credit(area: Area, month: Month, home: HomeOption = None) -> None:
    """Credit the personal accounts of a month; may be repeated and goes on where it was interrupted."""
    console = Console(stderr=True)

    async def work(connection: Connection) -> Any:
        return await crediting.run(connection, area, month.date(), told=lambda done: console.print(f"{done} months"))

    run_connected(work, home)


@declare_app.command("feedback")
def feedback_command(
    area: Area,
    month: Month,
    to: Annotated[Path, typer.Option(file_okay=False, help="Folder for the files.")],
    home: HomeOption = None,
) -> None:
    """Write every employer's roster of the month as xlsx."""

    async def work(connection: Connection) -> Any:
        return {"files": await feedback.write_all(connection, area, month.date(), to)}

    run_connected(work, home)

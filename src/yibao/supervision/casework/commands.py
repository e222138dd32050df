"""`yibao audit take`, `advance`, `statements`: findings into casework, terms that ended, the month's drafts."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from yibao.core import dates
from yibao.core.commands import run_in_transaction
from yibao.core.database import Connection
from yibao.core.months import first_of, plus_months
from yibao.core.options import HomeOption
from yibao.supervision.casework.advance import advance, close_cancelled
from yibao.supervision.casework.bills import DatabaseBills, LakeBills
from yibao.supervision.casework.moves import SYSTEM, Actor
from yibao.supervision.casework.statements import make_all
from yibao.supervision.casework.taking import findings_of, of_catalogue, take

SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the commands to `yibao audit`."""
    app.command("take")(take_command)
    app.command("advance")(advance_command)
    app.command("statements")(statements_command)


def take_command(
    out: Annotated[Path, typer.Argument(help="The folder that `yibao audit run` wrote.")],
    lake: Annotated[Path | None, typer.Option(help="The lake that was audited; without it: settlements here.")] = None,
    home: HomeOption = None,
) -> None:
    """Take the findings of an audit into casework; may be repeated."""

    async def work(connection: Connection) -> Any:
        source = LakeBills(lake) if lake else DatabaseBills()
        if isinstance(source, LakeBills):
            await source.prepare(connection, findings_of(out))
        done = await take(connection, findings_of(out), str(out.resolve()), source, named=of_catalogue)
        return {
            "taken": done.taken, "changed": done.changed, "found_again": done.found_again, "known": done.known,
            "missing": done.missing, "away": done.away.total(), "away_by_city": dict(done.away.most_common()),
            "refused": len(done.refused), "why": [str(one) for one in done.refused[:SHOWN]],
        }  # fmt: skip

    run_in_transaction(work, home)


def advance_command(home: HomeOption = None) -> None:
    """Daily: silence after the term means accepted; findings of cancelled settlements are closed."""

    async def work(connection: Connection) -> Any:
        done = await advance(connection, dates.today())
        cancelled = await close_cancelled(connection)
        return {"silent": done.silent, "returned": done.returned, "cancelled": cancelled}

    run_in_transaction(work, home)


def statements_command(
    month: Annotated[str, typer.Argument(help="YYYY-MM; without it the month before this one.")] = "",
    home: HomeOption = None,
) -> None:
    """Draw up the drafts of a month's deduction statements; posting is done by a person on the pages."""

    first = _first_of(month)

    async def work(connection: Connection) -> Any:
        made = await make_all(connection, Actor(SYSTEM, "clerk"), first)
        return [{"statement_no": one.statement_no, "findings": one.findings, "deduct": one.deduct} for one in made]

    run_in_transaction(work, home)


def _first_of(month: str) -> date:
    try:
        return date.fromisoformat(f"{month}-01") if month else first_of(plus_months(dates.today(), -1))
    except ValueError as error:
        raise typer.BadParameter(f"{month} is no month; write 2024-06") from error

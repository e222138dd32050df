"""`yibao audit indicators`, `yibao audit scores`, `yibao audit publish`: monitoring of a lake."""

import asyncio
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from yibao.core.database import Database
from yibao.core.embedded import tell
from yibao.core.installation import open_installation
from yibao.core.options import HomeOption
from yibao.supervision.monitoring.definitions import definitions_of
from yibao.supervision.monitoring.scores import Labels

OutOption = Annotated[Path, typer.Option(help="Folder of the results.", file_okay=False)]
AreaOption = Annotated[str, typer.Option(help="Area code of the city.")]
KEPT_PERSONS = 200


def register(app: typer.Typer) -> None:
    """Add the commands to `yibao audit`."""
    app.command("indicators")(indicators)
    app.command("scores")(scores)
    app.command("publish")(publish)


def indicators(
    lake: Annotated[Path, typer.Option(help="Folder of the lake.", exists=True, file_okay=False)],
    out: OutOption,
    area: AreaOption = "340600",
    month: Annotated[str, typer.Option(help="Only this month, 2021-03.", show_default=False)] = "",
) -> None:
    """Indicators of institutions, departments and doctors beside their peers."""
    from yibao.supervision.monitoring.indicators import indicators_of

    only = _month(month)
    counts = indicators_of(lake, out, definitions_of(area), (only, only), progress=lambda step: tell(f"{step} …"))
    tell(", ".join(f"{count} values of {level}" for level, count in counts.items()))


def scores(
    out: OutOption,
    lake: Annotated[Path | None, typer.Option(help="The lake, for scores of persons.", show_default=False)] = None,
    area: AreaOption = "340600",
    month: Annotated[str, typer.Option(help="Persons of this month only, 2021-03.", show_default=False)] = "",
    labelled: Annotated[bool, typer.Option(help="Weight by decided findings of the database.")] = False,
    home: HomeOption = None,
) -> None:
    """Anomaly scores of institutions, and with --lake of persons, from what `indicators` wrote."""
    from yibao.supervision.monitoring.scoring import score_lake, score_out

    labels = asyncio.run(_labels(home)) if labelled else Labels({})
    tell(f"{score_out(out, definitions_of(area), labels)} scores of institutions")
    if lake is not None:
        tell(f"{score_lake(lake, out, _month(month), KEPT_PERSONS)} scores of persons")


def publish(out: OutOption, home: HomeOption = None, area: AreaOption = "340600") -> None:
    """Bring indicators and scores into the database and raise alerts."""
    counts = asyncio.run(_publish(home, out, area))
    tell(", ".join(f"{count} {name}" for name, count in counts.items()))


async def _publish(home: Path | None, out: Path, area: str) -> dict[str, int]:
    from yibao.supervision.monitoring.alerts import raise_alerts
    from yibao.supervision.monitoring.publishing import publish as publish_out

    with open_installation(home) as installation:
        database = await Database.open(installation.url, connections=1)
        try:
            async with database.transaction() as connection:
                counts = await publish_out(connection, out)
                return counts | {"new alerts": await raise_alerts(connection, definitions_of(area))}
        finally:
            await database.close()


async def _labels(home: Path | None) -> Labels:
    from yibao.supervision.monitoring.opening import read_labels

    with open_installation(home) as installation:
        database = await Database.open(installation.url, connections=1)
        try:
            async with database.transaction() as connection:
                return await read_labels(connection)
        finally:
            await database.close()


def _month(text: str) -> date | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(f"{text}-01").date()
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no month like 2021-03", param_hint="--month") from error

"""`yibao bulletin`: a city's figures for some months from its lake, beside those that were published."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from yibao.core.money import percent_text, yuan_text

WIDTH = 110
MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


def bulletin_command(
    area: Annotated[str, typer.Option(help="Folder of areas/ that the city comes from.")],
    first: Annotated[str, typer.Option("--from", help="First month, 2021-01.")],
    last: Annotated[str, typer.Option("--to", help="Last month, 2021-08.")],
    lake: Annotated[Path, typer.Option(help="The lake of `yibao city build`.")] = Path("lake"),
    to_json: Annotated[bool, typer.Option("--json", help="Print JSON: fen, basis points.")] = False,
) -> None:
    """A city's figures for some months, beside the published ones (scaled to the people of the lake)."""
    from yibao.core.config import ConfigurationError
    from yibao.simulate.bulletin import bulletin, published_of
    from yibao.simulate.plan import PeoplePlan, city_folder, read_plan

    _check_months(first, last)
    try:
        city = read_plan(PeoplePlan, city_folder(area) / "people.yaml").code
        published = published_of(area)
        rows = bulletin(lake, city, published, first, last)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    if to_json:
        print(msgspec.json.format(msgspec.json.encode(rows)).decode())
    else:
        _show(rows, f"{area} {first} – {last}", published.source)


def _check_months(first: str, last: str) -> None:
    import re

    if not (re.match(MONTH, first) and re.match(MONTH, last) and first <= last):
        print(f"--from {first} --to {last}: two months in order, such as 2021-01 and 2021-08", file=sys.stderr)
        raise typer.Exit(2)


def _show(rows: object, title: str, source: str) -> None:
    table = Table(title=title, caption=source)
    for heading in ("指标", "本市（仿真）", "公布", "相差"):
        table.add_column(heading, justify="left" if heading == "指标" else "right")
    for row in rows:  # type: ignore[attr-defined]
        published = "" if row.published is None else amount_text(row.published, row.unit)
        difference = "" if row.difference is None else f"{row.difference / 100:+.1f}%"
        table.add_row(row.title, amount_text(row.found, row.unit), published, difference)
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table)


def amount_text(value: int, unit: str) -> str:
    """A figure as people read it."""
    if unit == "yuan":
        return f"{yuan_text(value)} 元"
    if unit == "percent":
        return percent_text(value)
    return f"{value:,} {'人' if unit == 'persons' else '人次'}"

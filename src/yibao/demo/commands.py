"""`yibao demo`: what the demo city holds, for people as tables, for programs as JSON."""

import asyncio
import sys
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from yibao.core.config import ConfigurationError
from yibao.core.database import connect
from yibao.core.embedded import tell
from yibao.core.installation import Installation, open_installation
from yibao.core.options import HomeOption
from yibao.core.serving import serving_address
from yibao.demo.listing import demo_city

DEFAULT_URL = "http://127.0.0.1:8000"
SHOWN_ITEMS = 20
_encoder = msgspec.json.Encoder(decimal_format="number")


def demo(
    home: HomeOption = None,
    json: Annotated[bool, typer.Option("--json", help="Everything as JSON on standard output.")] = False,
    url: Annotated[
        str, typer.Option(help="Base URL to name, instead of the running server's.", show_default=False)
    ] = "",
) -> None:
    """What the demo city holds: credentials, institutions, catalogue, persons, example messages."""
    with open_installation(home) as installation:
        served_at = url or serving_address(installation.settings.home)
        city = asyncio.run(_read(installation, served_at or DEFAULT_URL))
    if city is None:
        raise ConfigurationError("the demo city is not loaded here: start with yibao up --demo")
    if json:
        sys.stdout.buffer.write(msgspec.json.format(_encoder.encode(city), indent=1) + b"\n")
    else:
        show(city, Console())
        if not served_at:
            tell("no server runs on this home now: start it with yibao up")


async def _read(installation: Installation, url: str) -> dict[str, Any] | None:
    connection = await connect(installation.url)
    try:
        return await demo_city(connection, installation.key, url)
    finally:
        await connection.close()


def show(city: dict[str, Any], console: Console) -> None:
    """Tables for people: institutions with credentials, persons, part of the catalogue."""
    console.print(f"[bold]{city['base_url']}[/bold] + one of {', '.join(city['gateway']['addresses'])}\n")
    secrets = {row["fixmedins_code"]: row["secret"] for row in city["gateway"]["credentials"]}
    places = _table("Institutions (access key: demo-<code>)", "code", "secret", "level", "name")
    for place in city["hospitals"] + city["pharmacies"]:
        code = place["fixmedins_code"]
        places.add_row(code, secrets.get(code, ""), str(place["level"]), place["fixmedins_name"])
    people = _table("Persons (1101 finds them by certno)", "certno", "insurance", "balance", "name, what for")
    for person in city["persons"]:
        balance = "" if person["balance"] is None else str(person["balance"])
        insurance = f"{person['insutype']} {person['insuplc_admdvs']}"
        what = f"{person['psn_name']}：{person['note']}"
        people.add_row(person["certno"], insurance, balance, what)
    title = f"Catalogue: {SHOWN_ITEMS} of {len(city['catalogue'])} (class 01 甲, 02 乙, 03 丙)"
    items = _table(title, "code", "class", "price", "name")
    for item in city["catalogue"][:SHOWN_ITEMS]:
        items.add_row(item["med_list_codg"], item["chrgitm_lv"], str(item["price"]), item["item_name"])
    users = _table("Users of the pages", "name", "password", "role")
    for user in city["users"]:
        users.add_row(user["user_name"], user["password"], f"{user['title']} {user['psn_no']}".strip())
    for table in (users, places, people, items):
        console.print(table)
    console.print("All of it, with psn_no, cards, signatures and example messages in order: yibao demo --json")


def _table(title: str, *columns: str) -> Table:
    """Codes must stay whole to be copied; the last column, a text, may wrap."""
    table = Table(title=title, box=None, title_justify="left", pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=column != columns[-1], overflow="fold")
    return table

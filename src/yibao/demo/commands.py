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
from yibao.core.installation import Installation, open_installation
from yibao.core.options import HomeOption
from yibao.demo.listing import demo_city

DEFAULT_URL = "http://127.0.0.1:8000"
SHOWN_ITEMS = 20
_encoder = msgspec.json.Encoder(decimal_format="number")


def demo(
    home: HomeOption = None,
    json: Annotated[bool, typer.Option("--json", help="Everything as JSON on standard output.")] = False,
    url: Annotated[str, typer.Option(help="Base URL to name in the answer.")] = DEFAULT_URL,
) -> None:
    """What the demo city holds: credentials, institutions, catalogue, persons, example messages."""
    with open_installation(home) as installation:
        city = asyncio.run(_read(installation, url))
    if city is None:
        raise ConfigurationError("the demo city is not loaded here: start with yibao up --demo")
    if json:
        sys.stdout.buffer.write(msgspec.json.format(_encoder.encode(city), indent=1) + b"\n")
    else:
        show(city, Console())


async def _read(installation: Installation, url: str) -> dict[str, Any] | None:
    connection = await connect(installation.url)
    try:
        return await demo_city(connection, installation.key, url)
    finally:
        await connection.close()


def show(city: dict[str, Any], console: Console) -> None:
    """Tables for people: institutions with credentials, persons, part of the catalogue."""
    console.print(f"[bold]{city['base_url']}[/bold]  {'  '.join(city['gateway']['addresses'])}")
    secrets = {row["fixmedins_code"]: (row["access_key"], row["secret"]) for row in city["gateway"]["credentials"]}
    places = Table("institution", "name", "level", "area", "access key", "secret", title="Institutions")
    for place in city["hospitals"] + city["pharmacies"]:
        code = place["fixmedins_code"]
        places.add_row(code, place["fixmedins_name"], str(place["level"]), place["admdvs"], *secrets.get(code, ()))
    console.print(places)
    people = Table("psn_no", "name", "certno", "insurance", "balance", "what for", title="Persons")
    for person in city["persons"]:
        balance = "" if person["balance"] is None else str(person["balance"])
        insurance = f"{person['insutype']} {person['psn_type']} {person['insuplc_admdvs']}"
        people.add_row(person["psn_no"], person["psn_name"], person["certno"], insurance, balance, person["note"])
    console.print(people)
    items = Table("code", "name", "class", "price", title=f"Catalogue: {SHOWN_ITEMS} of {len(city['catalogue'])}")
    for item in city["catalogue"][:SHOWN_ITEMS]:
        items.add_row(item["med_list_codg"], item["item_name"], item["chrgitm_lv"], str(item["price"]))
    console.print(items)
    console.print("All of it, with example messages: yibao demo --json")

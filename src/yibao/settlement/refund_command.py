"""`yibao refund`: give residents' premiums back, unless benefits of the year were used."""

import asyncio
import sys
from typing import Annotated

import msgspec
import typer

from yibao.benefits.book import PackBook
from yibao.core.config import ConfigurationError
from yibao.core.database import connect
from yibao.core.errors import Refused
from yibao.core.installation import open_installation
from yibao.core.options import HomeOption
from yibao.population.contributions.refunds import Request, refund
from yibao.settlement.usage import benefits_used

ACTOR = "yibao refund"


def refund_command(
    order_no: Annotated[str, typer.Argument(help="Payment order.")],
    psn_no: Annotated[list[str], typer.Argument(help="Persons of the order.")],
    ground: Annotated[str, typer.Option(help="Ground of the area, e.g. enrolled_elsewhere.")],
    reason: Annotated[str, typer.Option(help="Why, in a few words.")] = "",
    home: HomeOption = None,
) -> None:
    """Give premiums back by a ground of the area; prints the sum in fen."""
    packs = PackBook.load()
    with open_installation(home) as installation:
        try:
            amount = asyncio.run(_refund(installation.url, packs, Request(order_no, tuple(psn_no), ground, reason)))
        except Refused as refused:
            raise ConfigurationError("; ".join(map(str, refused.refusals))) from refused
    sys.stdout.buffer.write(msgspec.json.encode({"refunded": amount}) + b"\n")


async def _refund(url: str, packs: PackBook, request: Request) -> int:
    connection = await connect(url)
    try:
        async with connection.transaction():
            return await refund(connection, packs, request, ACTOR, benefits_used)
    finally:
        await connection.close()

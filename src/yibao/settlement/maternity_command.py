"""`yibao maternity`: propose the maternity allowance of settled deliveries and list what is to be paid."""

import asyncio
import json
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer

from yibao.benefits.book import PackBook
from yibao.core.database import connect
from yibao.core.installation import open_installation
from yibao.core.options import HomeOption
from yibao.settlement.maternity import proposals, propose

DAY = ["%Y-%m-%d"]


def maternity_command(
    since: Annotated[datetime, typer.Option(formats=DAY, help="First day of settling.")],
    until: Annotated[datetime, typer.Option(formats=DAY, help="The day after the last.")],
    home: HomeOption = None,
) -> None:
    """Propose the allowance of every delivery settled in between; prints what came of each and all that is open."""

    async def work(url: str) -> dict[str, Any]:
        connection = await connect(url)
        try:
            async with connection.transaction():
                outcomes = await propose(connection, PackBook.load(), since.date(), until.date())
                return {"outcomes": outcomes, "open": await proposals(connection)}
        finally:
            await connection.close()

    with open_installation(home) as installation:
        found = asyncio.run(work(installation.url))
    print(json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=2))

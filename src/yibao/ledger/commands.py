"""`yibao seal`: close the past days of the journal."""

import asyncio

from rich.console import Console

from yibao.core import dates
from yibao.core.database import connect
from yibao.core.installation import open_installation
from yibao.core.options import HomeOption
from yibao.ledger.actions import seal_days


def seal(home: HomeOption = None) -> None:
    """Seal every day of the journal up to yesterday; the server does the same by itself after midnight."""
    with open_installation(home) as installation:
        days = asyncio.run(_seal(installation.url))
    Console(stderr=True).print(f"sealed {len(days)} days" + (f", the last {days[-1]}" if days else ""))


async def _seal(url: str) -> list[object]:
    connection = await connect(url)
    try:
        return list(await seal_days(connection, dates.today()))
    finally:
        await connection.close()

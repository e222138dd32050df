"""What commands of the areas share: one transaction, the answer as JSON on standard output, refusals on the other."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import typer

from yibao.core.database import Connection, connect
from yibao.core.errors import Refused
from yibao.core.installation import open_installation

Work = Callable[[Connection], Awaitable[Any]]
SHOWN = 200
"""As many reasons of one refusal are printed."""


def run_in_transaction(work: Work, home: Path | None) -> Any:
    """Do `work` in one transaction, print and return its answer; when it is refused, nothing is done: exit code 1."""

    async def in_transaction(connection: Connection) -> Any:
        async with connection.transaction():
            return await work(connection)

    return run_connected(in_transaction, home)


def run_connected(work: Work, home: Path | None) -> Any:
    """The same for work that has transactions of its own and keeps what they did."""
    with open_installation(home) as installation:
        try:
            answer = asyncio.run(_connected(installation.url, work))
        except Refused as refused:
            print(*refused.refusals[:SHOWN], sep="\n", file=sys.stderr)
            raise typer.Exit(1) from refused
    if answer is not None:
        print_json(answer)
    return answer


def print_json(answer: Any) -> None:
    """A value, dataclasses and dates included, as JSON with the characters as they are."""
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(answer), indent=1) + b"\n")
    sys.stdout.buffer.flush()


async def _connected(url: str, work: Work) -> Any:
    connection = await connect(url)
    try:
        return await work(connection)
    finally:
        await connection.close()

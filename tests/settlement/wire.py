"""A listener on the wire between yibao and PostgreSQL: counts how often yibao waits for an answer.

It stands as a Unix socket between the two and reads the messages of the client only as far as their kind. Each Query,
Sync and Flush makes the server answer and the client wait: one round trip. It can also fall silent, as a network or a
server does that hangs: connections stay open and nothing comes through.
"""

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

SOCKET = ".s.PGSQL.5432"
WAITS = frozenset(b"QSH")
"""Kinds of client message after which the client waits: simple Query, Sync, Flush."""


class Wire:
    """`url` leads to the same database through this wire; `round_trips` counts on all connections together."""

    def __init__(self, url: str, directory: Path) -> None:
        parts = urlsplit(url)
        self.round_trips = 0
        self.speaks = asyncio.Event()
        self.speaks.set()
        self.url = parts._replace(query=f"host={quote(str(directory))}").geturl()
        self._server_socket = f"{parse_qs(parts.query)['host'][0]}/{SOCKET}"
        self._own_socket = str(directory / SOCKET)
        self._listener: asyncio.Server | None = None

    async def open(self) -> None:
        self._listener = await asyncio.start_unix_server(self._connected, self._own_socket)

    def close(self) -> None:
        assert self._listener is not None
        self._listener.close()

    async def _connected(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_unix_connection(self._server_socket)
        directions = [
            asyncio.create_task(self._listen(client, to_server)),
            asyncio.create_task(pass_on(server, to_client)),
        ]
        await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        for direction in directions:
            direction.cancel()
        await asyncio.gather(*directions, return_exceptions=True)  # ends as connections do: closed, reset or cancelled
        to_server.close()
        to_client.close()

    async def _listen(self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter) -> None:
        await pass_message(client, to_server, await client.readexactly(4))  # the first message has no kind
        while True:
            head = await client.readexactly(5)
            await self.speaks.wait()
            self.round_trips += head[0] in WAITS
            await pass_message(client, to_server, head)


async def pass_message(source: asyncio.StreamReader, target: asyncio.StreamWriter, head: bytes) -> None:
    """Pass one message on; the last four bytes of `head` are its length, themselves included."""
    body = await source.readexactly(int.from_bytes(head[-4:], "big") - 4)
    target.write(head + body)


async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        target.write(data)

"""A real server for the browser: the application of the tests' city on a free port, in a thread of its own."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import uvicorn
from litestar import Litestar
from playwright.sync_api import Page

from yibao.core.database import Database

TELEPHONE, DESK = {"width": 360, "height": 740}, {"width": 1200, "height": 900}
Visit = Callable[..., Page]
"""`visit("insured", "/me", TELEPHONE, "large")` signs in and opens the page."""
Made = TypeVar("Made")


def filled(url: str, fill: Callable[[Database], Awaitable[Made]]) -> Made:
    """Fill the database, in a thread of its own because the browser's driver occupies this one's event loop."""

    async def work() -> Made:
        database = await Database.open(url)
        try:
            return await fill(database)
        finally:
            await database.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


@contextlib.contextmanager
def serving(app: Litestar) -> Iterator[str]:
    """The base URL while the server runs."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)

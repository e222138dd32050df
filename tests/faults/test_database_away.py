"""PostgreSQL stopped or hanging: clean refusals, red readiness, and recovery by itself."""

import asyncio
import os
import signal
import time

import httpx

from tests.faults.books import check_books
from tests.faults.conftest import Start
from tests.faults.killing import database_processes, send
from tests.faults.terminal import Sent, Terminal, sale
from tests.server import RunningServer


def readiness(server: RunningServer) -> int:
    return httpx.get(server.url + "/readyz", timeout=20).status_code


def wait_for_readiness(server: RunningServer, wanted: int, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while readiness(server) != wanted:
        assert time.monotonic() < deadline, f"readiness did not become {wanted}"
        time.sleep(0.1)


async def post_once(url: str, *messages: Sent) -> list[bytes | None]:
    async with Terminal(url) as terminal:
        return await asyncio.gather(*map(terminal.post, messages))


async def settle_all(url: str, *messages: Sent) -> None:
    async with Terminal(url) as terminal:
        await asyncio.gather(*map(terminal.settle, messages))


def sales(yuan: str) -> list[Sent]:
    return [sale(f"c{number}", yuan) for number in range(1, 9)]


def test_a_stopped_postgresql_gives_coded_refusals_and_red_readiness_until_it_is_back(city_server: Start) -> None:
    server = city_server()
    before, during = sales("60"), sales("70")
    asyncio.run(settle_all(server.url, *before))
    os.kill(server.process.pid, signal.SIGSTOP)  # else the supervisor starts it again within half a second
    send(database_processes(server.home), signal.SIGKILL)
    assert asyncio.run(post_once(server.url, *during)) == [None] * len(during)
    assert {code for sent in during for code in sent.refusals} == {"G051"}
    assert readiness(server) == 503
    assert httpx.get(server.url + "/healthz").status_code == 200
    os.kill(server.process.pid, signal.SIGCONT)
    wait_for_readiness(server, 200)
    asyncio.run(settle_all(server.url, *before, *during))
    check_books(server, [*before, *during])


def test_a_hanging_postgresql_gives_coded_refusals_and_red_readiness_until_it_goes_on(city_server: Start) -> None:
    server = city_server()
    before, during = sales("60"), sales("70")
    asyncio.run(settle_all(server.url, *before))
    frozen = database_processes(server.home)
    send(frozen, signal.SIGSTOP)
    try:
        assert readiness(server) == 503
        assert asyncio.run(post_once(server.url, *during)) == [None] * len(during)  # within half a minute at the latest
    finally:
        send(frozen, signal.SIGCONT)
    assert {code for sent in during for code in sent.refusals} == {"G051"}
    wait_for_readiness(server, 200)
    asyncio.run(settle_all(server.url, *before, *during))
    check_books(server, [*before, *during])

"""Settlements per second over HTTP: closed loop at full load, and an even stream at half of it for the latencies."""

import asyncio
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from yibao.bench.client import Client
from yibao.bench.town import Town, sale_message
from yibao.core import dates


@dataclass(frozen=True)
class Load:
    """Result of one run; latencies in milliseconds."""

    settlements: int
    seconds: float
    p50: float
    p99: float
    failures: int

    @property
    def per_second(self) -> float:
        """Settlements that succeeded, per second."""
        return self.settlements / self.seconds


class Numbers:
    """Message numbers of one benchmark, never twice."""

    def __init__(self) -> None:
        self.next = 0

    def take(self) -> int:
        """The next number."""
        self.next += 1
        return self.next


@contextlib.contextmanager
def server(home: Path, workers: int = 0) -> Iterator[str]:
    """`yibao up` in a process of its own; yields its address."""
    command = [sys.executable, "-m", "yibao.cli", "up", "--home", str(home), "--port", "0", "--workers", str(workers)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line.startswith("ready "):
                raise RuntimeError(f"the server did not start: {line!r}")
            yield line.split()[1]
        finally:
            process.terminate()
            process.wait(20)


@contextlib.contextmanager
def bench_home() -> Iterator[Path]:
    """A home for one benchmark in a place that the database account can enter."""
    with tempfile.TemporaryDirectory(prefix="yibao-bench-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextlib.asynccontextmanager
async def clients(address: str, secret: str, count: int) -> AsyncIterator[list[Client]]:
    """`count` connections to the server, opened and at the end closed."""
    place = urlsplit(address)
    opened = [Client(place.hostname or "127.0.0.1", place.port or 80, secret) for _ in range(count)]
    for client in opened:
        await client.open()
    try:
        yield opened
    finally:
        for client in opened:
            client.close()


async def closed_loop(address: str, town: Town, numbers: Numbers, *, seconds: float, count: int, lines: int) -> Load:
    """`count` clients, each sending as soon as it is answered."""
    latencies: list[float] = []
    failures = 0
    end = time.perf_counter() + seconds

    async def work(client: Client) -> None:
        nonlocal failures
        while time.perf_counter() < end:
            ok, took = await timed(client, sale_message(numbers.take(), town.persons, lines, dates.now()))
            latencies.append(took)
            failures += not ok

    start = time.perf_counter()
    async with clients(address, town.secret, count) as opened:
        await asyncio.gather(*(work(client) for client in opened))
    return summary(latencies, time.perf_counter() - start, failures)


async def stream(
    address: str,
    town: Town,
    numbers: Numbers,
    *,
    seconds: float,
    count: int,
    lines: int,
    per_second: float,
    message: Callable[[int], bytes] | None = None,
) -> Load:
    """An even stream: each message has its moment; waiting for a free connection counts as latency.

    `message` makes another message than a sale of its number.
    """
    latencies: list[float] = []
    failures = 0
    free: asyncio.Queue[Client] = asyncio.Queue()

    async def send(due: float) -> None:
        nonlocal failures
        client = await free.get()
        number = numbers.take()
        ok, _ = await timed(
            client, message(number) if message else sale_message(number, town.persons, lines, dates.now())
        )
        free.put_nowait(client)
        latencies.append((time.perf_counter() - due) * 1000)
        failures += not ok

    async with clients(address, town.secret, count) as opened, asyncio.TaskGroup() as group:
        for client in opened:
            free.put_nowait(client)
        start = time.perf_counter()
        for number in range(int(seconds * per_second)):
            due = start + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(send(due))
    return summary(latencies, time.perf_counter() - start, failures)


async def timed(client: Client, body: bytes) -> tuple[bool, float]:
    """Send one message: whether it was settled, and how many milliseconds that took."""
    start = time.perf_counter()
    status, answer = await client.call(body)
    took = (time.perf_counter() - start) * 1000
    return status == 200 and b'"infcode":0' in answer[:200], took


def summary(latencies: list[float], seconds: float, failures: int) -> Load:
    """Percentiles of the latencies (ms) of all messages, refused ones too; settled are those without a failure."""
    ordered = sorted(latencies)
    done = len(ordered) - failures
    return Load(done, seconds, ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)], failures)

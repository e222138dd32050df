"""No room left on the disk of the database while a pharmacy goes on selling."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.faults.books import check_books
from tests.faults.city import CROWD
from tests.faults.conftest import Start
from tests.faults.terminal import Sent, Terminal, sale
from tests.faults.test_database_away import readiness, settle_all, wait_for_readiness
from yibao.core.embedded import EmbeddedPostgres

SIZE_MB = 240
ROOM_LEFT = 100_000  # bytes
FILL_LOG = "select pg_logical_emit_message(false, 'fill', repeat('x', 1000000))"


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """`home` on a disk of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk to fill up")
    options = ["-o", f"size={SIZE_MB}m,mode=711"]
    if subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(home)], check=False).returncode != 0:
        pytest.skip("mounting a small disk is not allowed here")
    yield home
    subprocess.run(["umount", "--lazy", str(home)], check=True)


def fill(disk: Path) -> Path:
    """Leave next to nothing; removing the returned file makes room again."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - ROOM_LEFT)
    return ballast


def sales(count: int) -> list[Sent]:
    return [sale(f"c{n % CROWD + 1}", f"{10 + n % 9}.50") for n in range(count)]


async def post_until_refused(url: str, messages: list[Sent]) -> list[Sent]:
    """Post one after the other until five were refused; returns those sent."""
    sent: list[Sent] = []
    async with Terminal(url) as terminal:
        for one in messages:
            sent.append(one)
            await terminal.post(one)
            if sum(bool(each.refusals) for each in sent) == 5:
                return sent
    raise AssertionError("nothing was refused on a full disk")


def test_a_full_disk_refuses_settlements_and_the_same_messages_settle_when_there_is_room(
    small_disk: Path, city_server: Start
) -> None:
    server = city_server()
    before = sales(40)
    asyncio.run(settle_all(server.url, *before))
    ballast = fill(small_disk)
    assert readiness(server) == 503
    during = asyncio.run(post_until_refused(server.url, sales(600)))
    ballast.unlink()
    wait_for_readiness(server, 200)
    asyncio.run(settle_all(server.url, *before, *during))
    check_books(server, [*before, *during])
    assert server.process.poll() is None


def test_a_disk_so_full_that_postgresql_goes_down_is_survived_without_a_restart_of_yibao(
    small_disk: Path, city_server: Start
) -> None:
    server = city_server()
    before, during = sales(40), sales(16)
    asyncio.run(settle_all(server.url, *before))
    ballast = fill(small_disk)
    with pytest.raises(psycopg.Error):  # the log has no room: PostgreSQL stops itself to keep what it promised
        write_log_until_it_fails(EmbeddedPostgres(small_disk).url)
    asyncio.run(post_each_once(server.url, during))
    assert any(sent.refusals for sent in during)
    assert readiness(server) == 503
    ballast.unlink()
    wait_for_readiness(server, 200)
    asyncio.run(settle_all(server.url, *before, *during))
    check_books(server, [*before, *during])
    assert server.process.poll() is None


async def post_each_once(url: str, messages: list[Sent]) -> None:
    async with Terminal(url) as terminal:
        for sent in messages:
            await terminal.post(sent)


def write_log_until_it_fails(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(SIZE_MB):
            connection.execute(FILL_LOG)

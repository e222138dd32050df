"""A full disk: clean refusals, red readiness, and recovery without a restart once there is room again."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.server import RunningServer
from yibao.core.database import Database
from yibao.core.embedded import EmbeddedPostgres
from yibao.core.errors import Unavailable

FILL_TABLE = "insert into heap select repeat(md5(n::text), 100) from generate_series(1, 3000) n"
FILL_LOG = "select pg_logical_emit_message(false, 'fill', repeat('x', 1000000))"


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """A home on a disk of its own with 160 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk to fill up")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m,mode=711", "tmpfs", str(home)], check=False)
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk is not allowed here")
    yield home
    subprocess.run(["umount", "--lazy", str(home)], check=True)


def fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        file.write(bytes(shutil.disk_usage(disk).free - 100_000))
    return ballast


def wait_for_status(server: RunningServer, wanted: int, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while httpx.get(server.url + "/readyz", timeout=10).status_code != wanted:
        assert time.monotonic() < deadline, f"readiness did not become {wanted}"
        time.sleep(0.1)


async def test_a_full_disk_refuses_writes_and_they_work_again_when_there_is_room(small_disk: Path) -> None:
    server = EmbeddedPostgres(small_disk, say=lambda line: None)
    server.acquire()
    database = await Database.open(server.url)
    async with database.transaction() as connection:
        await connection.execute("create table heap (text text)")
    ballast = fill(small_disk)
    assert "full" in (await database.ready() or "")
    with pytest.raises(Unavailable):
        await _write(database)
    assert await database.ready() is not None
    ballast.unlink()
    assert await database.ready() is None
    await _write(database)
    await database.close()
    server.release()


def test_readiness_is_red_while_the_disk_is_full_and_green_again_without_a_restart(
    small_disk: Path, yibao_server: Callable[..., RunningServer]
) -> None:
    server = yibao_server("--workers", "1")
    ballast = fill(small_disk)
    with pytest.raises(psycopg.Error):  # PostgreSQL itself goes down over this
        _write_log_until_it_fails(EmbeddedPostgres(small_disk).url)
    wait_for_status(server, 503)
    ballast.unlink()
    wait_for_status(server, 200)
    assert server.process.poll() is None


async def _write(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(FILL_TABLE)


def _write_log_until_it_fails(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(200):
            connection.execute(FILL_LOG)

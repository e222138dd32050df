"""A real PostgreSQL for the tests: one server per run, one migrated template, one database per test.

    database_url   a fresh, migrated database of this test's own, cloned from the template
    database       the same as an open `yibao.core.database.Database`; `pool` its asyncpg pool
    connection     one connection to it
    module_database_url   the same for all tests of one file, where a load of data is shared
    yibao_server   starts `yibao up` as users do, on a free port, and stops it

The server lives in /tmp, where the account that PostgreSQL uses under root can enter. It is shared by the
workers of pytest-xdist and goes with the run, also after Ctrl-C; what a killed run left, the next removes.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import psutil
import psycopg
import pytest

from tests.server import RunningServer
from yibao.core.database import Database, connect
from yibao.core.embedded import EmbeddedPostgres
from yibao.core.migrations import migrate

HOME_VARIABLE = "YIBAO_TEST_HOME"
TEMPLATE = "yibao_template"


def pytest_configure(config: pytest.Config) -> None:
    """Choose the place of this run's server before any xdist worker starts; nothing is started yet."""
    for name in [name for name in os.environ if name.startswith("YIBAO_") and name != HOME_VARIABLE]:
        del os.environ[name]  # the tests must never touch a real installation, nor depend on how one is set up
    if _is_worker(config):
        return
    _remove_leftovers()
    home = tempfile.mkdtemp(prefix=f"yibao-test-{os.getpid()}-")
    Path(home).chmod(0o711)
    os.environ[HOME_VARIABLE] = home


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config) and HOME_VARIABLE in os.environ:
        _remove(Path(os.environ[HOME_VARIABLE]))


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The server of this run, with the migrated template database."""
    home = Path(os.environ[HOME_VARIABLE])
    server = EmbeddedPostgres(home, durable=False, say=lambda line: None)
    server.acquire()
    with (home / "template.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _make_template(server)
    yield server
    server.release()


@pytest.fixture
def database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    with _fresh_database(postgres) as url:
        yield url


@pytest.fixture(scope="module")
def module_database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    with _fresh_database(postgres) as url:
        yield url


@pytest.fixture
def empty_database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database without any migration."""
    with _fresh_database(postgres, template="template0") as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url)
    yield database
    await database.close()


@pytest.fixture
def pool(database: Database) -> asyncpg.Pool:
    return database.pool


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty home for a test that starts its own server; whatever runs there is stopped afterwards."""
    place = Path(tempfile.mkdtemp(prefix="home-", dir=os.environ[HOME_VARIABLE]))
    place.chmod(0o711)
    yield place
    _remove(place)


@pytest.fixture(scope="session")
def migrated_data() -> Path:
    """The data directory of a migrated server that does not run, to copy instead of making it each time."""
    place = Path(os.environ[HOME_VARIABLE]) / "migrated"
    place.mkdir(mode=0o711, exist_ok=True)
    with (place / "made.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "pg").exists():
            server = EmbeddedPostgres(place, say=lambda line: None)
            server.acquire()
            migrate(server.url)
            server.release()
    return place / "pg"


@pytest.fixture
def yibao_server(home: Path, migrated_data: Path) -> Iterator[Callable[..., RunningServer]]:
    """`yibao_server("--demo")` starts `yibao up` in `home` and returns it once it says that it is ready."""
    servers: list[RunningServer] = []

    def start(*options: str, **environment: str) -> RunningServer:
        if "YIBAO_DATABASE_URL" not in environment and not (home / "pg").exists():
            subprocess.run(["cp", "-a", str(migrated_data), str(home / "pg")], check=True)
        servers.append(RunningServer(home, options, environment))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def _make_template(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [TEMPLATE]).fetchone():
            connection.execute(f"create database {TEMPLATE}_draft")
            migrate(server.url_of(f"{TEMPLATE}_draft"))
            connection.execute(f"alter database {TEMPLATE}_draft rename to {TEMPLATE}")


@contextlib.contextmanager
def _fresh_database(server: EmbeddedPostgres, template: str = TEMPLATE) -> Iterator[str]:
    name = f"test_{uuid4().hex[:16]}"
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}")
    yield server.url_of(name)
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _remove(home: Path) -> None:
    """Kill what still runs in a test home and delete it."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if Path(process.cwd()).is_relative_to(home):
                process.kill()
                process.wait(5)
    shutil.rmtree(home, ignore_errors=True)


def _remove_leftovers() -> None:
    """Homes of runs whose process is gone."""
    for place in Path(tempfile.gettempdir()).glob("yibao-test-*-*"):
        with contextlib.suppress(ValueError, OSError):
            if not psutil.pid_exists(int(place.name.split("-")[2])) and place.stat().st_uid == os.geteuid():
                _remove(place)

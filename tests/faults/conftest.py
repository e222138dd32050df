"""A server with the town of the settlement tests behind it, and the checks of its books after something broke."""

import fcntl
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import HOME_VARIABLE
from tests.faults.city import ENVIRONMENT, fill
from tests.server import RunningServer
from yibao.core.embedded import EmbeddedPostgres

Start = Callable[..., RunningServer]


@pytest.fixture(scope="session")
def city_data(migrated_data: Path) -> Path:
    """The data directory of the town, to copy instead of filling it each time; its server does not run."""
    place = Path(os.environ[HOME_VARIABLE]) / "city"
    place.mkdir(mode=0o711, exist_ok=True)
    with (place / "made.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "filled").exists():
            subprocess.run(["cp", "-a", str(migrated_data), str(place / "pg")], check=True)
            server = EmbeddedPostgres(place, say=lambda line: None)
            server.acquire()
            fill(server.url)
            server.release()
            (place / "filled").touch()
    return place / "pg"


@pytest.fixture
def city_server(home: Path, city_data: Path, yibao_server: Start) -> Start:
    """`city_server()` starts `yibao up` with two workers for the town in `home`; call it again after a crash."""

    def start(workers: int = 2) -> RunningServer:
        if not (home / "pg").exists():
            subprocess.run(["cp", "-a", str(city_data), str(home / "pg")], check=True)
        return yibao_server("--workers", str(workers), **ENVIRONMENT)

    return start

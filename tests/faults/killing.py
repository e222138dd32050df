"""kill -9 of the parts of a running server, all processes of a part at one stroke."""

import contextlib
import signal
from pathlib import Path

import psutil

from tests.server import RunningServer


def postmaster(home: Path) -> psutil.Process:
    return psutil.Process(int((home / "pg" / "postmaster.pid").read_text().split()[0]))


def database_processes(home: Path) -> list[psutil.Process]:
    """The postmaster and everything it started."""
    parent = postmaster(home)
    return [parent, *parent.children(recursive=True)]


def server_processes(server: RunningServer) -> list[psutil.Process]:
    """The supervisor and its workers, without PostgreSQL."""
    parent = psutil.Process(server.process.pid)
    return [parent, *(child for child in parent.children() if child.name() != "postgres")]


def send(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def kill_server(server: RunningServer) -> None:
    send(server_processes(server), signal.SIGKILL)
    server.process.wait()


def kill_database(server: RunningServer) -> None:
    send(database_processes(server.home), signal.SIGKILL)


def kill_everything(server: RunningServer) -> None:
    send([*server_processes(server), *database_processes(server.home)], signal.SIGKILL)
    server.process.wait()

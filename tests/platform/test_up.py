"""`yibao up` as users meet it: a real process, a real database, killed in every way."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from tests.server import RunningServer

Start = Callable[..., RunningServer]


def status(server: RunningServer, path: str = "/readyz") -> int:
    """HTTP status, or 0 when nobody answers."""
    try:
        return httpx.get(server.url + path, timeout=10).status_code
    except httpx.TransportError:
        return 0


def wait_for(fact: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def children(server: RunningServer) -> tuple[list[psutil.Process], psutil.Process]:
    """(workers, postmaster) of a running server."""
    workers = [child for child in psutil.Process(server.process.pid).children() if child.name() != "postgres"]
    return workers, postmaster(server.home)


def postmaster(home: Path) -> psutil.Process:
    return psutil.Process(int((home / "pg" / "postmaster.pid").read_text().split()[0]))


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def yibao(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "yibao.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_it_says_ready_once_and_stops_cleanly_on_a_signal(yibao_server: Start) -> None:
    server = yibao_server("--workers", "2")
    assert status(server) == status(server, "/healthz") == 200
    workers, database = children(server)
    assert len(workers) == 2
    started = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - started < 5
    assert all(map(gone, [*workers, database]))
    assert server.process.stdout is not None
    assert server.process.stdout.read() == ""


def test_a_killed_worker_is_replaced_while_the_other_serves(yibao_server: Start) -> None:
    server = yibao_server("--workers", "2")
    victim = children(server)[0][0]
    victim.kill()
    wait_for(lambda: gone(victim))
    assert status(server) == 200
    wait_for(lambda: len(children(server)[0]) == 2 and victim not in children(server)[0])


def test_a_killed_postgresql_turns_readiness_red_and_comes_back_by_itself(yibao_server: Start) -> None:
    server = yibao_server("--workers", "1")
    workers, database = children(server)
    os.kill(server.process.pid, signal.SIGSTOP)  # hold the supervisor so that the red phase can be seen
    database.kill()
    wait_for(lambda: gone(database))
    assert status(server) == 503
    assert status(server, "/healthz") == 200
    os.kill(server.process.pid, signal.SIGCONT)
    wait_for(lambda: status(server) == 200)
    assert children(server)[0] == workers


def test_after_kill_9_of_the_supervisor_nothing_serves_on_and_the_next_start_works(yibao_server: Start) -> None:
    server = yibao_server("--workers", "2")
    workers, database = children(server)
    server.kill()
    wait_for(lambda: all(map(gone, workers)))
    assert not gone(database)
    again = yibao_server("--workers", "1")
    assert status(again) == 200
    assert children(again)[1] == database
    assert again.stop() == 0
    assert gone(database)


def test_after_kill_9_of_everything_the_next_start_recovers(yibao_server: Start) -> None:
    server = yibao_server("--workers", "1")
    _, database = children(server)
    server.kill()
    database.kill()
    assert status(yibao_server("--workers", "1")) == 200


def test_a_command_joins_the_running_server_and_leaves_it_running(yibao_server: Start, tmp_path: Path) -> None:
    server = yibao_server("--workers", "1")
    done = yibao("backup", str(tmp_path / "city.backup"), "--home", str(server.home))
    assert done.returncode == 0, done.stderr
    assert "master key" in done.stderr
    assert status(server) == 200


def test_a_port_in_use_is_a_clear_message_and_exit_code_2(yibao_server: Start) -> None:
    server = yibao_server("--workers", "1")
    port = server.url.rsplit(":", 1)[1]
    done = yibao("up", "--home", str(server.home), "--port", port)
    assert done.returncode == 2
    assert port in done.stderr
    assert "Traceback" not in done.stderr
    assert status(server) == 200


def test_a_database_of_ones_own_is_used_and_not_stopped(yibao_server: Start, empty_database_url: str) -> None:
    server = yibao_server("--workers", "1", YIBAO_DATABASE_URL=empty_database_url)
    assert status(server) == 200
    assert not (server.home / "pg").exists()
    assert server.stop() == 0


def test_two_servers_never_share_a_port_by_accident(yibao_server: Start, home: Path) -> None:
    server = yibao_server("--workers", "2")
    other = yibao("up", "--home", str(home / "other"), "--port", server.url.rsplit(":", 1)[1])
    assert other.returncode == 2


def test_a_malformed_master_key_is_refused_before_anything_serves(home: Path) -> None:
    command = [sys.executable, "-m", "yibao.cli", "up", "--home", str(home), "--port", "0"]
    environment = os.environ | {"YIBAO_KEY": "not a key"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "YIBAO_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_burst_of_connections_is_spread_over_the_workers(yibao_server: Start) -> None:
    server = yibao_server("--workers", "2")
    address = ("127.0.0.1", int(server.url.rsplit(":", 1)[1]))
    connections = [socket.create_connection(address) for _ in range(40)]
    for connection in connections:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    served = [
        sum(1 for one in worker.net_connections("tcp") if one.status == psutil.CONN_ESTABLISHED)
        for worker in children(server)[0]
    ]
    for connection in connections:
        connection.close()
    assert sum(served) == 40
    assert min(served) >= 5  # fewer happens once in a million runs


def test_a_signal_while_starting_leaves_nothing_running(home: Path) -> None:
    command = [sys.executable, "-m", "yibao.cli", "up", "--home", str(home), "--port", "0"]
    starting = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: (home / "pg" / "postmaster.pid").exists())
    database = postmaster(home)
    starting.terminate()
    said, complaints = starting.communicate(timeout=15)
    assert starting.returncode != 0
    assert said == ""
    assert "Traceback" not in complaints
    wait_for(lambda: gone(database))

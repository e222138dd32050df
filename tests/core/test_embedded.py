"""The embedded server of a home starts, is shared, stops with its last user, and survives being killed."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from yibao.core.config import ConfigurationError
from yibao.core.embedded import EmbeddedPostgres


def silent(line: str) -> None:
    pass


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(home, say=silent)
    server.acquire()
    yield server
    server.release()


def run_sql(server: EmbeddedPostgres, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def kill_postmaster(server: EmbeddedPostgres) -> None:
    os.kill(int((server.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    deadline = time.monotonic() + 5
    while server.is_alive():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_is_durable_and_cannot_be_reached_over_the_network(server: EmbeddedPostgres) -> None:
    names = ["fsync", "synchronous_commit", "full_page_writes", "listen_addresses", "TimeZone"]
    values = [run_sql(server, f"show {name}")[0][0] for name in names]
    assert values == ["on", "on", "on", "", "Asia/Shanghai"]
    assert (server.data.stat().st_mode & 0o077) == 0


def test_the_last_user_stops_it_and_nobody_before(home: Path) -> None:
    first, second = EmbeddedPostgres(home, say=silent), EmbeddedPostgres(home, say=silent)
    first.acquire()
    second.acquire()
    first.release()
    assert second.is_ready()
    second.release()
    assert not second.is_alive()


def test_after_kill_9_what_was_committed_is_still_there(server: EmbeddedPostgres) -> None:
    run_sql(server, "create table kept as select 7 as fen")
    kill_postmaster(server)
    server.acquire()
    assert run_sql(server, "select fen from kept") == [(7,)]


def test_reviving_a_server_that_lives_does_nothing(server: EmbeddedPostgres) -> None:
    assert server.revive() is False
    kill_postmaster(server)
    assert server.revive() is True


def test_a_pid_file_that_names_a_strange_process_does_not_stop_the_start(home: Path) -> None:
    server = EmbeddedPostgres(home, say=silent)
    server.acquire()
    pid_file = server.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    kill_postmaster(server)
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert not server.is_alive()
    server.acquire()
    assert run_sql(server, "select 1") == [(1,)]
    server.release()


def test_a_home_with_a_long_path_and_spaces_works(home: Path) -> None:
    place = home / ("a long name with spaces " * 5).strip()
    place.mkdir(mode=0o711)
    server = EmbeddedPostgres(place, say=silent)
    server.acquire()
    assert run_sql(server, "select 1") == [(1,)]
    server.release()


def test_a_socket_directory_that_somebody_else_put_there_is_not_used(home: Path) -> None:
    place = home / ("long name " * 12).strip()
    place.mkdir(mode=0o711)
    server = EmbeddedPostgres(place, say=silent)
    trap = server._socket_directory()
    assert trap.parent != server.data.parent
    trap.symlink_to(home)
    with pytest.raises(ConfigurationError, match="somebody else"):
        server.acquire()
    trap.unlink()
    assert home.stat().st_uid == os.geteuid()


def test_a_home_that_cannot_be_made_is_a_clear_refusal(home: Path) -> None:
    (home / "file").write_text("")
    with pytest.raises(ConfigurationError, match="choose --home"):
        EmbeddedPostgres(home / "file" / "below", say=silent).acquire()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand the data to another account")
def test_root_opens_closed_parents_for_passing_and_says_so(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    said: list[str] = []
    server = EmbeddedPostgres(closed / "home", say=said.append)
    server.acquire()
    server.release()
    assert closed.stat().st_mode & 0o777 == 0o701
    assert any(str(closed) in line for line in said)

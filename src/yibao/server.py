"""The processes behind `yibao up`: one supervisor, one worker per core, the embedded PostgreSQL.

    supervisor   binds the port, opens the database, starts the workers, prints the ready line, then watches:
                 a worker or a PostgreSQL that died is started again
    worker       serves `yibao.web.app` on a listening socket it got from the supervisor; its standard input is
                 a line to the supervisor, on which it says that it has started, and which breaks when the
                 supervisor is gone: then it ends too

Every worker has its own listening socket on the same port (SO_REUSEPORT), so that the kernel spreads the
connections: on one shared socket the first worker to wake takes all of a burst. The supervisor keeps the sockets
open, so that connections wait for the successor of a killed worker instead of being lost.

SIGINT, SIGTERM and SIGHUP stop the workers (two seconds to finish requests), then PostgreSQL.
"""

import contextlib
import gc
import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from yibao.core.config import ConfigurationError
from yibao.core.embedded import tell
from yibao.core.installation import Installation

BACKLOG = 2048
STARTED = b"+"  # what a worker writes on its line when it serves
DRAIN_SECONDS = 2  # for requests in progress when stopping
READY_SECONDS = 60.0
RESTART_PAUSE = 1.0  # seconds between two attempts to start what keeps dying
WATCH_INTERVAL = 0.5


class StartFailed(Exception):
    """The server did not become ready; the reason has been printed by the worker that failed."""


def bind(host: str, port: int, count: int) -> list[socket.socket]:
    """`count` sockets bound to one address that do not listen yet; port 0 takes a free one.

    Raises `ConfigurationError` when the address cannot be used or somebody, even another yibao, serves on it.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        family, address = found[0], found[4]
        with _bound_socket(family, address, share=False) as alone:
            address = alone.getsockname()
        return [_bound_socket(family, address, share=True) for _ in range(count)]
    except OSError as error:
        hint = "; stop what uses it or choose another --port" if port else ""
        raise ConfigurationError(f"cannot serve on {host} port {port}: {error.strerror}{hint}") from error


def _bound_socket(family: int, address: Any, *, share: bool) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if share:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


@dataclass(slots=True)
class Worker:
    """One worker process with the listening socket that stays with its number, and the line to it."""

    listener: socket.socket
    process: subprocess.Popen[bytes]
    line: socket.socket
    started: bool = False

    def has_started(self) -> bool:
        """True once the process has said that it serves."""
        if not self.started and select.select([self.line], [], [], 0)[0]:
            self.started = self.line.recv(1) == STARTED
        return self.started


class Supervisor:
    """Runs one worker per listening socket until a signal asks to stop."""

    def __init__(
        self, installation: Installation, listeners: list[socket.socket], say: Callable[[str], None] = tell
    ) -> None:
        self._installation = installation
        self._listeners = listeners
        self._say = say
        self._workers: list[Worker] = []
        self._stopping = False
        self._next_start = 0.0
        self._wakeup, self._wakeup_writer = socket.socketpair()

    def run(self, announce: Callable[[], None]) -> None:
        """Serve until told to stop; calls `announce` once, when requests are answered.

        Raises `StartFailed` when that does not happen.
        """
        self._catch_signals()
        for listener in self._listeners:
            listener.listen(BACKLOG)
        try:
            self._workers = [self._start_worker(listener) for listener in self._listeners]
            if self._wait_until_ready():
                announce()
            while not self._stopping:
                self._rest(WATCH_INTERVAL)
                self._restore()
        finally:
            self._stop_workers()

    # -- watching ------------------------------------------------------------------------------------------

    def _catch_signals(self) -> None:
        self._wakeup.setblocking(False)
        self._wakeup_writer.setblocking(False)
        signal.set_wakeup_fd(self._wakeup_writer.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)  # only to wake up at once

    def _ask_to_stop(self, number: int, frame: object) -> None:
        self._stopping = True

    def _rest(self, seconds: float) -> None:
        """Sleep, but wake up at once for a signal or a child that ended."""
        if select.select([self._wakeup], [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                self._wakeup.recv(4096)

    def _wait_until_ready(self) -> bool:
        """True when all workers serve and `/readyz` is green; false when told to stop meanwhile."""
        deadline = time.monotonic() + READY_SECONDS
        while not self._stopping:
            if all(worker.has_started() for worker in self._workers) and self._is_ready():
                return True
            if any(worker.process.poll() is not None for worker in self._workers):
                raise StartFailed("a worker ended while starting")
            if time.monotonic() > deadline:
                raise StartFailed(f"not ready after {READY_SECONDS:.0f} s")
            self._rest(0.03)
        return False

    def _is_ready(self) -> bool:
        host, port = self._listeners[0].getsockname()[:2]
        probe = http.client.HTTPConnection(reachable(host), port, timeout=2)
        try:
            probe.request("GET", "/readyz")
            return probe.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            probe.close()

    def _restore(self) -> None:
        """Start again what died, at most once per pause so that a broken thing does not spin."""
        if self._stopping or time.monotonic() < self._next_start:
            return
        if self._revive_database() | self._replace_workers():
            self._next_start = time.monotonic() + RESTART_PAUSE

    def _revive_database(self) -> bool:
        server = self._installation.server
        if server is None or server.is_alive():
            return False
        self._say("PostgreSQL has died: starting it again")
        try:
            server.revive()
        except Exception as error:  # whatever it is, the next attempt comes in a second
            self._say(f"PostgreSQL could not be started: {error}")
        return True

    def _replace_workers(self) -> bool:
        dead = [number for number, worker in enumerate(self._workers) if worker.process.poll() is not None]
        for number in dead:
            worker = self._workers[number]
            self._say(f"a worker ended with {worker.process.returncode}: starting another")
            worker.line.close()
            self._workers[number] = self._start_worker(worker.listener)
        return bool(dead)

    # -- workers ---------------------------------------------------------------------------------------------

    def _start_worker(self, listener: socket.socket) -> Worker:
        home, url = str(self._installation.settings.home), self._installation.url
        line, far_end = socket.socketpair()
        with far_end:
            process = subprocess.Popen(
                [sys.executable, "-m", "yibao.server", str(listener.fileno())],
                stdin=far_end.fileno(),
                stdout=sys.stderr,  # standard output belongs to the ready line
                pass_fds=[listener.fileno()],
                env=os.environ | {"YIBAO_HOME": home, "YIBAO_DATABASE_URL": url},
                process_group=0,  # Ctrl-C reaches the supervisor alone, which stops things in order
            )
        return Worker(listener, process, line)

    def _stop_workers(self) -> None:
        for worker in self._workers:
            worker.process.terminate()
        deadline = time.monotonic() + DRAIN_SECONDS + 0.5
        for worker in self._workers:
            try:
                worker.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()
        for listener in self._listeners:
            listener.close()


def reachable(host: str) -> str:
    """The address to use for a server that listens on `host`: the wildcard is reached by the loopback."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def serve_as_worker(listener: socket.socket) -> None:
    """Serve the application on a listening socket until SIGTERM or the end of the supervisor."""
    import uvicorn

    from yibao.web.app import create_app

    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    config = uvicorn.Config(
        create_app(),
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            gc.collect()
            gc.freeze()  # packs and code live as long as the process: the collector need not look at them again
            os.write(0, STARTED)

    Server(config).run(sockets=[listener])


def _end_with_supervisor() -> None:
    """Wait until the line to the supervisor breaks, then stop as on SIGTERM, by force when that takes long."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(DRAIN_SECONDS + 1)
    os._exit(1)


if __name__ == "__main__":
    serve_as_worker(socket.socket(fileno=int(sys.argv[1])))

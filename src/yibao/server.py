"""The processes behind `yibao up`: one supervisor, one worker per core, the embedded PostgreSQL.

    supervisor   binds the port, opens the database, starts the workers, prints the ready line, then watches:
                 a worker or a PostgreSQL that died is started again
    worker       accepts from the shared listening socket and serves `yibao.web.app`; its standard input is a
                 pipe whose other end only the supervisor holds, so it ends when the supervisor is gone

SIGINT, SIGTERM and SIGHUP stop the workers (two seconds to finish requests), then PostgreSQL.
"""

import contextlib
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

from yibao.core.config import ConfigurationError
from yibao.core.embedded import tell
from yibao.core.installation import Installation

BACKLOG = 2048
DRAIN_SECONDS = 2  # for requests in progress when stopping
READY_SECONDS = 60.0
RESTART_PAUSE = 1.0  # seconds between two attempts to start what keeps dying
WATCH_INTERVAL = 0.5


class StartFailed(Exception):
    """The server did not become ready; the reason has been printed by the worker that failed."""


def bind(host: str, port: int) -> socket.socket:
    """A bound socket that does not listen yet; `ConfigurationError` when the address cannot be used."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        hint = "; stop what uses it or choose another --port" if port else ""
        raise ConfigurationError(f"cannot serve on {host} port {port}: {error.strerror}{hint}") from error
    return listener


class Supervisor:
    """Runs workers on one listening socket until a signal asks to stop."""

    def __init__(
        self,
        installation: Installation,
        listener: socket.socket,
        workers: int,
        say: Callable[[str], None] = tell,
    ) -> None:
        self._installation = installation
        self._listener = listener
        self._count = workers
        self._say = say
        self._workers: list[subprocess.Popen[bytes]] = []
        self._stopping = False
        self._next_start = 0.0
        self._wakeup, self._wakeup_writer = socket.socketpair()

    def run(self, announce: Callable[[], None]) -> None:
        """Serve until told to stop; calls `announce` once, when requests are answered.

        Raises `StartFailed` when that does not happen.
        """
        self._catch_signals()
        self._listener.listen(BACKLOG)
        try:
            self._workers = [self._start_worker() for _ in range(self._count)]
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
        """True when `/readyz` is green; false when told to stop meanwhile."""
        deadline = time.monotonic() + READY_SECONDS
        while not self._stopping:
            if self._is_ready():
                return True
            if any(worker.poll() is not None for worker in self._workers):
                raise StartFailed("a worker ended while starting")
            if time.monotonic() > deadline:
                raise StartFailed(f"not ready after {READY_SECONDS:.0f} s")
            self._rest(0.03)
        return False

    def _is_ready(self) -> bool:
        host, port = self._listener.getsockname()[:2]
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
        dead = [number for number, worker in enumerate(self._workers) if worker.poll() is not None]
        for number in dead:
            self._say(f"a worker ended with {self._workers[number].returncode}: starting another")
            self._workers[number] = self._start_worker()
        return bool(dead)

    # -- workers ---------------------------------------------------------------------------------------------

    def _start_worker(self) -> subprocess.Popen[bytes]:
        number = self._listener.fileno()
        home, url = str(self._installation.settings.home), self._installation.url
        return subprocess.Popen(
            [sys.executable, "-m", "yibao.server", str(number)],
            stdin=subprocess.PIPE,
            stdout=sys.stderr,  # standard output belongs to the ready line
            pass_fds=[number],
            env=os.environ | {"YIBAO_HOME": home, "YIBAO_DATABASE_URL": url},
            process_group=0,  # Ctrl-C reaches the supervisor alone, which stops things in order
        )

    def _stop_workers(self) -> None:
        for worker in self._workers:
            worker.terminate()
        deadline = time.monotonic() + DRAIN_SECONDS + 0.5
        for worker in self._workers:
            try:
                worker.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        self._listener.close()


def reachable(host: str) -> str:
    """The address to use for a server that listens on `host`: the wildcard is reached by the loopback."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def serve_as_worker(listener: socket.socket) -> None:
    """Serve the application on a shared listening socket until SIGTERM or the end of the supervisor."""
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
    uvicorn.Server(config).run(sockets=[listener])


def _end_with_supervisor() -> None:
    """Wait until the pipe on standard input breaks, then stop as on SIGTERM, by force when that takes long."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(DRAIN_SECONDS + 1)
    os._exit(1)


if __name__ == "__main__":
    serve_as_worker(socket.socket(fileno=int(sys.argv[1])))

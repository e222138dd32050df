"""The account PostgreSQL runs under: the caller's own, or `pgserver` when root starts it.

    account = Account(say)
    account.own(directory)              the data directory becomes the account's, and it can get there
    subprocess.run(…, **account.run_as(program))

For an ordinary user all of this does nothing. `say` gets one line for everything changed on the machine.
"""

import contextlib
import os
import pwd
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from yibao.core.config import ConfigurationError

NAME = "pgserver"
PASS = 0o001  # others may go through a directory, not list it


class Account:
    """Who PostgreSQL runs as, and what that takes."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._needed = os.geteuid() == 0  # PostgreSQL refuses to run as root

    def user_id(self) -> int:
        """Number of the user that owns the data."""
        return self._entry().pw_uid if self._needed else os.geteuid()

    def own(self, directory: Path) -> None:
        """Hand a directory to the account, and open the way to it."""
        if self._needed:
            entry = self._entry()
            os.chown(directory, entry.pw_uid, entry.pw_gid, follow_symlinks=False)
            self.open_way(directory)

    def open_way(self, path: Path) -> None:
        """Let the account pass through every directory above `path`."""
        if not self._needed:
            return
        for parent in path.resolve().parents:
            mode = parent.stat().st_mode
            if not mode & PASS:
                parent.chmod(mode | PASS)
                self._say(f"opened {parent} for passing (chmod o+x): the account {NAME} must reach {path}")

    def run_as(self, program: Path) -> dict[str, Any]:
        """Arguments for `subprocess` to run a PostgreSQL program as the account."""
        if not self._needed:
            return {"cwd": "/"}
        entry = self._entry()
        options = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": "/"}
        self._let_run(program, options)
        return options

    def _let_run(self, program: Path, options: dict[str, Any]) -> None:
        """Where the environment was installed for root alone, let the account read and run PostgreSQL's programs."""
        try:
            subprocess.run([program, "--version"], check=True, capture_output=True, **options)
        except (OSError, subprocess.CalledProcessError):
            self.open_way(program)
            subprocess.run(["chmod", "-R", "o+rX", program.parent.parent], check=True)

    def _entry(self) -> pwd.struct_passwd:
        """The system account; created when missing."""
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(NAME)
        options = ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        with contextlib.suppress(OSError, subprocess.CalledProcessError):  # another process may be first
            subprocess.run(["useradd", *options, NAME], check=True, capture_output=True)
            self._say(f"created the system account {NAME}: PostgreSQL refuses to run as root")
        try:
            return pwd.getpwnam(NAME)
        except KeyError:
            problem = f"PostgreSQL refuses to run as root and the account {NAME} could not be created"
            raise ConfigurationError(f"{problem}: create it, or start yibao as an ordinary user") from None

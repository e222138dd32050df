"""A real `yibao up` in a process of its own, for end-to-end tests."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Timer

READY_PREFIX = "ready "
START_TIMEOUT = 120.0  # seconds; the first start with the demo creates and loads a database


class RunningServer:
    """Started at once; the constructor returns when the server has printed its ready line.

    `url` is where it serves, `home` its data, `process` the supervisor.
    """

    def __init__(self, home: Path, options: tuple[str, ...] = (), environment: dict[str, str] | None = None) -> None:
        self.home = home
        self.errors = home.with_suffix(".stderr")
        command = [sys.executable, "-m", "yibao.cli", "up", "--home", str(home), *options]
        if "--port" not in options:
            command += ["--port", "0"]
        with self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=os.environ | (environment or {}),
            )
        self.url = self._wait_until_ready()

    def stop(self) -> int:
        """Ask it to stop as Ctrl-C does; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def kill(self) -> None:
        """End the supervisor without any warning, as a crash does."""
        self.process.kill()
        self.process.wait()

    def _wait_until_ready(self) -> str:
        assert self.process.stdout is not None
        alarm = Timer(START_TIMEOUT, self.process.kill)
        alarm.start()
        line = self.process.stdout.readline()
        alarm.cancel()
        if not line.startswith(READY_PREFIX):
            raise AssertionError(f"yibao up did not become ready: {line!r}\n{self.errors.read_text()}")
        return line.removeprefix(READY_PREFIX).strip()

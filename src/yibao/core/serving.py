"""Where the server of a home answers: one line in HOME/serving while it runs, for commands that tell people.

with serving_at(home, "http://127.0.0.1:8000"):      # yibao up
    …
serving_address(home)                                # any other command, None when nothing serves
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

FILE = "serving"


@contextlib.contextmanager
def serving_at(home: Path, address: str) -> Iterator[None]:
    """Say that this process serves the home at `address`, until the block ends."""
    home.mkdir(parents=True, exist_ok=True)
    note = home / FILE
    note.write_text(f"{os.getpid()} {address}\n")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def serving_address(home: Path) -> str | None:
    """The base URL of the server that runs on this home; a note left by a killed one is not believed."""
    try:
        process, address = (home / FILE).read_text().split()
    except (OSError, ValueError):
        return None
    return address if _is_alive(int(process)) else None


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except PermissionError:  # it runs under another account
        return True
    except OSError:
        return False
    return True

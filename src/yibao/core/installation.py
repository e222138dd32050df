"""One installation opened for a command: its settings and a database that answers.

    with open_installation(home) as installation:
        asyncio.run(work(installation.url))

The embedded server is started when it does not run and stopped again when this was its only user; a running
`yibao up` on the same home is simply joined.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from yibao.core.config import ConfigurationError, Settings, load_settings, master_key
from yibao.core.embedded import EmbeddedPostgres, tell
from yibao.core.migrations import current_version, newest_version


@dataclass(frozen=True, slots=True)
class Installation:
    """`server` is None when an own PostgreSQL (YIBAO_DATABASE_URL) is used."""

    settings: Settings
    url: str
    server: EmbeddedPostgres | None

    @property
    def key(self) -> bytes:
        """The 32-byte master key; made on first use."""
        return master_key(self.settings)


@contextlib.contextmanager
def open_installation(
    home: Path | None = None, *, migrated: bool = True, say: Callable[[str], None] = tell
) -> Iterator[Installation]:
    """Open the installation that `--home` and the environment name.

    With `migrated` a database at another version is refused with `ConfigurationError`, as every command but
    `migrate`, `up` and `restore` needs. Raises `Unavailable` when the database cannot be reached.
    """
    settings = load_settings(home)
    if settings.database_url is not None:
        if migrated:
            _require_newest_version(settings.database_url)
        yield Installation(settings, settings.database_url, None)
        return
    server = EmbeddedPostgres(settings.home, say=say)
    if migrated and not server.data.exists():
        raise ConfigurationError(f"there is no installation in {settings.home}: name it by --home, or run yibao up")
    try:
        server.acquire()
        if migrated:
            _require_newest_version(server.url)
        yield Installation(settings, server.url, server)
    finally:
        server.release()


def _require_newest_version(url: str) -> None:
    version, newest = current_version(url), newest_version()
    if version != newest:
        raise ConfigurationError(f"the database is at version {version}, needed is {newest}: run yibao migrate")

"""Migrations: plain SQL files, up and down, run in order by Alembic.

`sql/NNNN_name.up.sql` and `sql/NNNN_name.down.sql` are the migration, `versions/NNNN_name.py` tells Alembic
its place in the order (copy the last one and change the two numbers). `migrate(url)` brings a database to
the newest version; on a database that is already there it costs one SELECT and does not load Alembic.
"""

from pathlib import Path

import psycopg

from yibao.core.config import ConfigurationError
from yibao.core.errors import Unavailable

FOLDER = Path(__file__).parent
EMPTY = "0000"


def newest_version() -> str:
    """Number of the last SQL file, e.g. "0001"."""
    return max(path.name.split("_")[0] for path in (FOLDER / "sql").glob("*.up.sql"))


def current_version(url: str) -> str:
    """Number of the last migration the database has had; "0000" when it has had none."""
    try:
        with psycopg.connect(url, connect_timeout=10, autocommit=True) as connection:
            if connection.execute("select to_regclass('public.alembic_version')").fetchone() == (None,):
                return EMPTY
            row = connection.execute("select version_num from public.alembic_version").fetchone()
            return row[0] if row else EMPTY
    except psycopg.OperationalError as error:
        raise Unavailable(f"cannot reach the database: {error}") from error


def migrate(url: str) -> tuple[str, str]:
    """Bring the database to the newest version; returns the versions (before, after).

    Raises `ConfigurationError` when a newer yibao made the database: run that one, or restore a backup.
    """
    before, newest = current_version(url), newest_version()
    if before > newest:
        raise ConfigurationError(f"the database is at version {before}, this yibao knows only {newest}: update yibao")
    if before < newest:
        _run(url, "upgrade", "head")
    return before, newest


def migrate_down(url: str, version: str = EMPTY) -> tuple[str, str]:
    """Undo migrations down to `version` ("0000" empties the database: every table and row is gone)."""
    before = current_version(url)
    if before > version:
        _run(url, "downgrade", "base" if version == EMPTY else version)
    return before, current_version(url)


def _run(url: str, direction: str, target: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"url": url})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    getattr(command, direction)(config, target)

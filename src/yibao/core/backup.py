"""Backup and restore with PostgreSQL's own tools: one file in pg_dump's custom format.

A backup is a consistent snapshot, taken while the server works. It holds the whole database, and not the
master key (HOME/secrets/master.key or YIBAO_KEY), without which the sealed secrets of gateway credentials in it
cannot be opened: keep the key apart from the backups. A restore goes into an empty database only.
"""

import os
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg

from yibao.core.config import ConfigurationError
from yibao.core.embedded import program
from yibao.core.errors import Unavailable
from yibao.core.migrations import current_version, migrate, newest_version


def backup(url: str, file: Path) -> int:
    """Write a backup of the database to `file`; returns its size in bytes.

    It appears under its name only when it is complete and on disk. Raises `ConfigurationError` when the file
    cannot be written, `Unavailable` when pg_dump fails.
    """
    draft = file.with_name(f".{file.name}.part")
    try:
        draft.touch(mode=0o600)
        _run("pg_dump", "--format=custom", "--no-owner", "--no-acl", "--file", str(draft), url=url)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(file)
    except OSError as error:
        raise ConfigurationError(f"cannot write {file}: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
    return file.stat().st_size


def restore(url: str, file: Path) -> tuple[str, str]:
    """Load a backup into the empty database at `url`; returns the versions (of the backup, after migrating).

    All or nothing. Raises `ConfigurationError` when the database is not empty, the file is no backup of yibao,
    or a newer yibao made it.
    """
    version = version_of(file)
    if version > newest_version():
        raise ConfigurationError(
            f"{file} was made at version {version}, newer than {newest_version()} here: update yibao"
        )
    if not is_empty(url):
        raise ConfigurationError("restore needs an empty database: choose a new --home or an empty database")
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-acl"]
    _run("pg_restore", *options, str(file), url=url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("analyze")
    return migrate(url)


def version_of(file: Path) -> str:
    """The migration a backup was made at; `ConfigurationError` when it is no backup of yibao."""
    if not file.is_file():
        raise ConfigurationError(f"there is no backup file {file}")
    try:
        text = _run("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(file))
    except Unavailable as error:
        raise ConfigurationError(f"{file} is no backup made by yibao backup ({error})") from error
    lines = text.splitlines()
    heading = next((number for number, line in enumerate(lines) if line.startswith("COPY ")), None)
    if heading is None or lines[heading + 1].startswith("\\."):
        raise ConfigurationError(f"{file} is no backup of a yibao database")
    return lines[heading + 1].strip()


def is_empty(url: str) -> bool:
    """True when nobody made a table, view or function in the database."""
    current_version(url)  # a database that is away is reported as such
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_')"
            " or exists (select from pg_namespace where nspname !~ '^pg_'"
            " and nspname not in ('public', 'information_schema'))"
        ).fetchone()
    return found == (False,)


def without_password(url: str) -> tuple[str, dict[str, str]]:
    """The URL without its password, and the variable that carries it: everybody can read the arguments of a process."""
    parts = urlsplit(url)
    if parts.password is None:
        return url, {}
    account, _, place = parts.netloc.rpartition("@")
    bare = parts._replace(netloc=f"{account.partition(':')[0]}@{place}")
    return urlunsplit(bare), {"PGPASSWORD": unquote(parts.password)}


def _run(name: str, *arguments: str, url: str = "") -> str:
    bare, secret = without_password(url)
    command = [str(program(name)), *(["--dbname", bare] if url else []), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | secret)
    if done.returncode != 0:
        raise Unavailable(f"{name}: {done.stderr.strip()}")
    return done.stdout

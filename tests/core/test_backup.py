"""A backup restores into an empty database, to the same content, and nowhere else."""

from pathlib import Path

import psycopg
import pytest

from yibao.core.backup import backup, is_empty, restore, version_of, without_password
from yibao.core.config import ConfigurationError
from yibao.core.migrations import newest_version

WRITE = "insert into core.audit_event (actor, action, subject) values ('clerk', 'test', '医保')"
READ = "select actor, action, subject, at from core.audit_event"


def test_a_restored_backup_holds_what_was_there(database_url: str, empty_database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "city.backup"
    with psycopg.connect(database_url) as connection:
        connection.execute(WRITE)
        written = connection.execute(READ).fetchall()
    assert backup(database_url, file) == file.stat().st_size > 0
    assert [path.name for path in tmp_path.iterdir()] == ["city.backup"]
    assert file.stat().st_mode & 0o077 == 0
    assert restore(empty_database_url, file) == (newest_version(), newest_version())
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute(READ).fetchall() == written


def test_a_database_with_anything_in_it_is_not_overwritten(database_url: str, tmp_path: Path) -> None:
    backup(database_url, tmp_path / "city.backup")
    with pytest.raises(ConfigurationError, match="empty"):
        restore(database_url, tmp_path / "city.backup")


def test_a_backup_of_a_newer_yibao_is_refused_and_nothing_is_written(
    database_url: str, empty_database_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    backup(database_url, tmp_path / "city.backup")
    assert version_of(tmp_path / "city.backup") == "9999"
    with pytest.raises(ConfigurationError, match="update yibao"):
        restore(empty_database_url, tmp_path / "city.backup")
    assert is_empty(empty_database_url)


def test_a_file_that_is_no_backup_is_refused(empty_database_url: str, tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(b"not a backup")
    with pytest.raises(ConfigurationError, match="no backup"):
        restore(empty_database_url, tmp_path / "photo")
    with pytest.raises(ConfigurationError, match="there is no"):
        restore(empty_database_url, tmp_path / "missing")


def test_a_backup_cut_short_restores_nothing(database_url: str, empty_database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "city.backup"
    size = backup(database_url, file)
    file.write_bytes(file.read_bytes()[: size // 2])
    with pytest.raises(Exception, match="pg_restore"):
        restore(empty_database_url, file)
    assert is_empty(empty_database_url)


def test_the_password_of_the_database_is_no_argument_that_others_can_read() -> None:
    for place in ("10.0.0.5:5433/city?sslmode=require", "/city?host=/run/pg"):
        bare, secret = without_password(f"postgresql://yibao:p%40ss@{place}")
        assert (bare, secret) == (f"postgresql://yibao@{place}", {"PGPASSWORD": "p@ss"})
    assert without_password("postgresql://yibao@/city") == ("postgresql://yibao@/city", {})

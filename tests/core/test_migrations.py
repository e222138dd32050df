"""The schema goes up from nothing, down to nothing, and up again to the same."""

import subprocess

import psycopg
import pytest

from yibao.core.config import ConfigurationError
from yibao.core.embedded import program
from yibao.core.migrations import EMPTY, FOLDER, current_version, migrate, migrate_down, newest_version


def schema_of(url: str) -> list[str]:
    """The schema as pg_dump writes it, without the two lines that carry a random token."""
    command = [program("pg_dump"), "--schema-only", "--dbname", url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [line for line in text.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


def test_up_down_and_up_again_gives_the_same_schema(empty_database_url: str) -> None:
    bare = schema_of(empty_database_url)
    assert migrate(empty_database_url) == (EMPTY, newest_version())
    first = schema_of(empty_database_url)
    assert any("CREATE TABLE settlement." in line for line in first)
    assert migrate_down(empty_database_url) == (newest_version(), EMPTY)
    left = [line for line in schema_of(empty_database_url) if "alembic_version" not in line]
    assert [line for line in left if line.startswith("CREATE")] == [line for line in bare if line.startswith("CREATE")]
    migrate(empty_database_url)
    assert schema_of(empty_database_url) == first


def test_a_database_that_is_up_to_date_is_left_alone(database_url: str) -> None:
    assert migrate(database_url) == (newest_version(), newest_version())


def test_a_database_of_a_newer_yibao_is_refused(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(ConfigurationError, match="9999"):
        migrate(database_url)
    assert current_version(database_url) == "9999"


def test_every_migration_has_an_up_file_a_down_file_and_a_place_in_the_order() -> None:
    ups = {path.name.removesuffix(".up.sql") for path in (FOLDER / "sql").glob("*.up.sql")}
    downs = {path.name.removesuffix(".down.sql") for path in (FOLDER / "sql").glob("*.down.sql")}
    versions = {path.stem for path in (FOLDER / "versions").glob("[0-9]*.py")}
    assert ups == downs == versions

"""The command line: quick help, clear refusals, commands that work without a running server."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from yibao.cli import ELSEWHERE
from yibao.core.migrations import EMPTY, newest_version


def yibao(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "yibao.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_the_help_names_every_command_without_loading_any_area() -> None:
    code = (
        "import sys, yibao.cli as cli\n"
        "try: cli.app(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = [name for name in sys.modules if name.startswith(('yibao.', 'litestar', 'asyncpg', 'psycopg'))]\n"
        "print(*heavy, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert all(name in done.stdout for name in [*ELSEWHERE, "up", "migrate", "backup", "restore"])
    assert set(done.stderr.split()) <= {"yibao.cli", "yibao.core", *CORE_OF_THE_COMMAND_LINE}


CORE_OF_THE_COMMAND_LINE = {"yibao.core.config", "yibao.core.errors", "yibao.core.options"}


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
def test_every_command_that_lives_in_an_area_is_there(name: str) -> None:
    module, attribute = ELSEWHERE[name][0].split(":")
    assert callable(getattr(import_module(module), attribute))


def test_migrating_works_without_a_running_server_and_can_be_undone(home: Path) -> None:
    up = yibao("migrate", "--home", str(home))
    assert up.returncode == 0
    assert f"version {newest_version()}, was {EMPTY}" in up.stderr
    assert yibao("migrate", "--home", str(home), "--down").returncode == 1  # nobody confirmed
    down = yibao("migrate", "--home", str(home), "--down", "--yes")
    assert f"version {EMPTY}, was {newest_version()}" in down.stderr
    assert not (home / "pg" / "postmaster.pid").exists()


def test_a_backup_moves_a_city_to_another_home(home: Path, tmp_path: Path) -> None:
    file = str(tmp_path / "city.backup")
    assert yibao("migrate", "--home", str(home / "old")).returncode == 0
    assert yibao("backup", file, "--home", str(home / "old")).returncode == 0
    restored = yibao("restore", file, "--home", str(home / "new"))
    assert restored.returncode == 0, restored.stderr
    again = yibao("restore", file, "--home", str(home / "new"))
    assert again.returncode == 2
    assert "empty" in again.stderr


def test_a_database_that_was_not_migrated_is_refused_with_what_to_do(home: Path, tmp_path: Path) -> None:
    yibao("migrate", "--home", str(home), "--down", "--yes")
    done = yibao("backup", str(tmp_path / "x"), "--home", str(home))
    assert done.returncode == 2
    assert "yibao migrate" in done.stderr


def test_a_mistyped_home_is_refused_and_not_made(home: Path, tmp_path: Path) -> None:
    done = yibao("backup", str(tmp_path / "x"), "--home", str(home / "typo"))
    assert done.returncode == 2
    assert "--home" in done.stderr
    assert not (home / "typo").exists()

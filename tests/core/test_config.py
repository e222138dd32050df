"""Where an installation lives, and its master key."""

import stat
from pathlib import Path

import pytest

from yibao.core.config import ConfigurationError, Settings, default_home, load_settings, master_key


def test_the_option_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIBAO_HOME", "/srv/from-environment")
    assert load_settings().home == Path("/srv/from-environment")
    assert load_settings(Path("/srv/from-option")).home == Path("/srv/from-option")


def test_root_keeps_its_data_where_another_account_can_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert default_home() == Path("/var/lib/yibao")


def test_an_ordinary_user_keeps_data_in_the_user_data_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/home/li/data")
    assert default_home() == Path("/home/li/data/yibao")


def test_a_missing_master_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "home")
    key = master_key(settings)
    assert len(key) == 32
    assert master_key(settings) == key
    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600
    assert [path.name for path in settings.secrets_directory.iterdir()] == ["master.key"]


def test_the_key_of_the_environment_beats_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(tmp_path)
    written = master_key(settings)
    monkeypatch.setenv("YIBAO_KEY", "ab" * 32)
    assert master_key(settings) == b"\xab" * 32 != written


@pytest.mark.parametrize("text", ["short", "zz" * 32, "ab" * 31])
def test_a_malformed_key_is_refused_with_its_place(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIBAO_KEY", text)
    with pytest.raises(ConfigurationError, match="YIBAO_KEY"):
        master_key(Settings(tmp_path))

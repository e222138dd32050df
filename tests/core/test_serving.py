"""The note that says where a home is served."""

from pathlib import Path

from yibao.core.serving import FILE, serving_address, serving_at


def test_the_address_is_known_while_the_server_runs_and_not_after(tmp_path: Path) -> None:
    assert serving_address(tmp_path) is None
    with serving_at(tmp_path / "home", "http://127.0.0.1:8123"):
        assert serving_address(tmp_path / "home") == "http://127.0.0.1:8123"
    assert serving_address(tmp_path / "home") is None


def test_the_note_of_a_killed_server_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("4194305 http://127.0.0.1:8123\n")  # above the largest process number of Linux
    assert serving_address(tmp_path) is None

"""`yibao audit …` of knowledge, as an operator types it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.supervision.knowledge.test_reading import table
from yibao.supervision.commands import audit_app

Run = Callable[..., Any]
REVISED = {"kp_id": "K2", "codes": "XA0001|XA0003", "batch": "2026-01-revision"}


@pytest.fixture
def audit(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("YIBAO_DATABASE_URL", database_url)
    monkeypatch.setenv("YIBAO_HOME", str(tmp_path / "home"))

    def run(*words: str) -> Any:
        return CliRunner().invoke(audit_app, list(words))

    return run


def test_import_difference_and_rules_in_force(audit: Run, tmp_path: Path) -> None:
    first = audit("import-knowledge", str(table(tmp_path / "a.csv", {})))
    assert first.exit_code == 0, first.output
    revision = str(table(tmp_path / "b.csv", REVISED))
    shown = json.loads(audit("import-knowledge", revision, "--diff").stdout)
    assert (shown["new"], shown["replaced"], shown["replaced_otherwise"]) == (1, 1, 1)
    (change,) = shown["changes"]
    assert (change["codes_added"], change["codes_removed"]) == (["XA0003"], ["XA0002"])
    assert json.loads(audit("import-knowledge", revision).stdout)["new"] == 1
    on = {day: json.loads(audit("rules", "--json", "--on", day).stdout) for day in ("2026-01-27", "2026-01-28")}
    points = {day: next(one["points"] for one in rows if one["rule"] == "N67") for day, rows in on.items()}
    assert points == {"2026-01-27": 2, "2026-01-28": 2}
    assert len(on["2026-01-28"]) == 129


def test_a_bad_file_imports_nothing_and_tells_every_row(audit: Run, tmp_path: Path) -> None:
    done = audit("import-knowledge", str(table(tmp_path / "a.csv", {}, {"kp_id": "K2", "codes": ""}, {"kp_id": ""})))
    assert done.exit_code == 1
    assert "[V103]第3行" in done.stderr
    assert "[V105]第4行" in done.stderr
    rows = json.loads(audit("rules", "--json").stdout)
    assert next(one["points"] for one in rows if one["rule"] == "N67") > 500  # still those that come with yibao


def test_local_codes_are_mapped(audit: Run, tmp_path: Path) -> None:
    audit("import-knowledge", str(table(tmp_path / "a.csv", {})))
    (tmp_path / "codes.csv").write_text("国家编码,地方编码,名称\nXA0001,HB01,甲片\n", "utf-8")
    assert json.loads(audit("map-codes", str(tmp_path / "codes.csv"), "--area", "huaibei").stdout) == {"local_codes": 1}
    rows = json.loads(audit("rules", "--json").stdout)
    assert next(one["points"] for one in rows if one["rule"] == "N67") == 3


def test_a_local_code_written_twice_is_refused(audit: Run, tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text("国家编码,地方编码\nXA0001,HB01\nXA0001,HB01\n", "utf-8")
    done = audit("map-codes", str(tmp_path / "codes.csv"), "--area", "huaibei")
    assert done.exit_code == 1
    assert "[V109]" in done.stderr


def test_doctors_points_and_their_revocation(audit: Run) -> None:
    who = ("--doctor", "D1", "--decision", "决1")
    given = audit("doctor-points", *who, "--points", "9", "--decided", "2026-03-02")
    assert [one["ends"] for one in json.loads(given.stdout)] == ["2026-04-01"]
    taken = audit("revoke-doctor-points", *who, "--revoked", "2026-03-20", "--revocation", "决2")
    assert json.loads(taken.stdout) == []


def test_a_day_that_is_none_is_told(audit: Run, tmp_path: Path) -> None:
    done = audit("import-knowledge", str(table(tmp_path / "a.csv", {})), "--from", "28.1.2026")
    assert done.exit_code == 2

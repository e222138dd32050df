"""`yibao audit run` as an operator types it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.supervision.audit.lakes import write_lake
from tests.supervision.audit.test_run import findings_of, world_of
from yibao.core.errors import Refused
from yibao.supervision.commands import audit_app


def typed(lake: Path, out: Path, *more: str) -> str:
    """What the operator reads; a refusal is raised as `yibao` would print it."""
    done = CliRunner().invoke(audit_app, ["run", "--lake", str(lake), "--rules", "full", "--out", str(out), *more])
    if isinstance(done.exception, Refused):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_a_run_tells_which_rules_wait_for_points_and_what_was_found(tmp_path: Path) -> None:
    write_lake(world_of(), tmp_path / "lake")
    said = typed(tmp_path / "lake", tmp_path / "out")
    assert "rules have no points yet: N05" in said
    assert f"{len(findings_of(tmp_path / 'out'))} findings, rules full" in said


@pytest.mark.parametrize(("option", "value", "code"), [("--engine", "polars", "V203"), ("--from", "2021-13", "V204")])
def test_an_unknown_engine_and_a_month_that_is_none_are_refused(
    tmp_path: Path, option: str, value: str, code: str
) -> None:
    write_lake(world_of(), tmp_path / "lake")
    with pytest.raises(Refused, match=code):
        typed(tmp_path / "lake", tmp_path / "out", option, value)

"""An audit of a lake: what it writes, what it repeats, what a killed one leaves."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.supervision.audit.lakes import rulebook, write_lake
from yibao.core.errors import Refused
from yibao.supervision.audit import run as audit
from yibao.supervision.audit.run import Run, run_audit, runs_of
from yibao.supervision.findings import assembled
from yibao.supervision.kinds import all_kinds
from yibao.supervision.world import CLINIC, World


def world_of(month: int = 3, people: int = 3) -> World:
    """Men with a women's drug in a clinic: three rules hit every line."""
    world = World()
    for number in range(people):
        visit = world.visit(f"A{month}{number}", f"2021-{month:02d}-05", fixmedins_code=CLINIC, gend="1")
        world.line(visit, "WOMEN", f"2021-{month:02d}-05 09:00", cnt=2, yuan=30, bkkp_sn=f"F{month}{number}")
    world.visits = [
        type(one)(**{**{f: getattr(one, f) for f in one.__struct_fields__}, "mdtrt_id": f"M{month}{one.mdtrt_id[1:]}"})
        for one in world.visits
    ]
    world.bills = [_renamed(one, month) for one in world.bills]
    world.lines = [_renamed(one, month) for one in world.lines]
    world.diagnoses = [_renamed(one, month) for one in world.diagnoses]
    return world


def _renamed(one: Any, month: int) -> Any:
    known = {name: getattr(one, name) for name in one.__struct_fields__}
    known["mdtrt_id"], known["setl_id"] = f"M{month}{known['mdtrt_id'][1:]}", f"S{month}{known['setl_id'][1:]}"
    return type(one)(**known)


def findings_of(out: Path) -> list[dict[str, Any]]:
    """Everything in audit_finding."""
    return duckdb.sql(f"select * from '{out}/audit_finding/*.parquet' order by finding_id").to_arrow_table().to_pylist()


def test_findings_are_those_of_the_counter_and_no_fen_is_at_stake_twice(tmp_path: Path) -> None:
    world = world_of()
    write_lake(world, tmp_path / "lake")
    run = run_audit(tmp_path / "lake", rulebook(), tmp_path / "out")
    found = findings_of(tmp_path / "out")
    kind = all_kinds()["item_allowed"]
    book = rulebook()
    expected = assembled(kind, book.rules, kind.at_counter(world.case(), book.points("item_allowed")))
    same = ("finding_id", "rule_id", "kp_id", "severity", "setl_id", "mdtrt_id", "psn_no", "stake", "reason")
    assert [[row[name] for name in same] for row in found] == [
        [getattr(one, name) for name in same] for one in expected
    ]
    assert run.findings == len(found) == 9
    assert {json.loads(row["evidence"])["item"] for row in found} == {"艾附暖宫丸"}
    by_rule = {row["rule_id"]: row["amount"] for row in found}
    assert by_rule == {"N02": 6000, "N67": 0, "N12": 0}
    assert sum(row["amount"] for row in found) == sum(line.inscp_amt for line in world.lines)
    assert {row["run_id"] for row in found} == {run.run_id}


def test_a_second_run_reads_only_new_files_and_keeps_what_was_found(tmp_path: Path) -> None:
    lake, out = tmp_path / "lake", tmp_path / "out"
    write_lake(world_of(3), lake)
    first = run_audit(lake, rulebook(), out)
    write_lake(world_of(4, people=2), lake, "part-00001")
    second = run_audit(lake, rulebook(), out)
    assert len(first.fresh) == 7
    assert all("part-00001" in name for name in second.fresh)
    assert (first.findings, second.findings) == (9, 15)
    assert {row["run_id"] for row in findings_of(out)} == {first.run_id, second.run_id}
    assert run_audit(lake, rulebook(), out).findings == 15


def test_other_rules_look_at_everything_again_and_leave_nothing_of_the_old(tmp_path: Path) -> None:
    lake, out = tmp_path / "lake", tmp_path / "out"
    write_lake(world_of(), lake)
    run_audit(lake, rulebook(), out)
    renewed = run_audit(lake, rulebook("v2"), out)
    assert {row["run_id"] for row in findings_of(out)} == {renewed.run_id}


def test_only_the_months_asked_for_are_audited(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    write_lake(world_of(3), lake)
    write_lake(world_of(4), lake, "part-00001")
    april = date(2021, 4, 1)
    run_audit(lake, rulebook(), tmp_path / "out", months=(april, april))
    assert {row["psn_no"][:2] for row in findings_of(tmp_path / "out")} == {"A4"}


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake, out = tmp_path / "lake", tmp_path / "out"
    write_lake(world_of(), lake)

    def killed(*_: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(audit, "write_findings", killed)
    with pytest.raises(KeyboardInterrupt):
        run_audit(lake, rulebook(), out)
    unfinished = next(runs_of(out))
    assert (unfinished.finished, unfinished.rows) == ("", {"item_allowed": 9})
    monkeypatch.undo()
    monkeypatch.setattr(audit, "_run_kind", killed)  # a finished kind is not run again
    done: Run = run_audit(lake, rulebook(), out)
    assert (done.run_id, done.findings) == (unfinished.run_id, 9)
    assert replace(done, finished="", findings=0) == unfinished


def test_a_folder_that_is_no_lake_is_refused_with_the_missing_table(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"V201.*psn_info_d"):
        run_audit(tmp_path, rulebook(), tmp_path / "out")

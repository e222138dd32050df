"""One audit of a lake (审核批次): `run_audit` runs every kind of a rulebook and writes `audit_finding`.

    plan      which files, which are fresh (not in an earlier run of OUT), whether an unfinished run goes on
    rows      kind by kind: one expression → OUT/rows/<kind>/<run>.parquet; a finished kind is not repeated
    findings  rows of all runs → OUT/audit_finding, each fen at stake once (`assemble`)

OUT/runs/<run>.json says what a run read, with which rules, knowledge and engine. Killed at any moment, the same call
goes on with the kind that was under way.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from yibao.core import dates
from yibao.supervision.audit.assemble import write_findings
from yibao.supervision.audit.engines import EngineName, Limits, engine_of
from yibao.supervision.audit.files import LakeFile, files_of, paths_of, within
from yibao.supervision.audit.reader import Reader
from yibao.supervision.kinds import all_kinds
from yibao.supervision.kinds.kind import Kind
from yibao.supervision.rulebook import Rulebook
from yibao.supervision.tables import TABLES

Progress = Callable[[str, float], None]
"""Called with a kind's name and its seconds when it is done."""


@dataclass(slots=True)
class Run:
    """What a run read and did; `seconds` by kind, `rows` of evidence by kind."""

    run_id: str
    engine: str
    rulebook: str
    version: str
    started: str
    first_month: str
    last_month: str
    files: list[str]
    fresh: list[str]
    seconds: dict[str, float] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    finished: str = ""
    findings: int = 0


def run_audit(
    lake: Path,
    rulebook: Rulebook,
    out: Path,
    *,
    engine: EngineName = "duckdb",
    months: tuple[date | None, date | None] = (None, None),
    limits: Limits | None = None,
    progress: Progress = lambda kind, seconds: None,
) -> Run:
    """Audit what is new in the lake's months and bring OUT/audit_finding up to date. Refused V201, V202."""
    limits = limits or Limits()
    files = within(files_of(lake), *months)
    run = _planned(out, rulebook, engine, files, months)
    fresh = [one for one in files if _name(one) in set(run.fresh)]
    scratch = out / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    with engine_of(engine, limits, scratch) as working:
        reader = Reader(working, lake, files, fresh)
        for kind in (all_kinds()[name] for name in rulebook.kinds):
            if fresh and kind.name not in run.rows:
                began = perf_counter()
                run.rows[kind.name] = _run_kind(reader, kind, rulebook, out, run)
                run.seconds[kind.name] = round(perf_counter() - began, 2)
                _keep(out, run)
            progress(kind.name, run.seconds.get(kind.name, 0.0))
    same = {one.run_id for one in runs_of(out) if one.version == run.version}
    run.findings = write_findings(out, rulebook, same, limits)
    run.finished = dates.now().isoformat(timespec="seconds")
    _keep(out, run)
    return run


def _planned(
    out: Path, rulebook: Rulebook, engine: str, files: list[LakeFile], months: tuple[date | None, date | None]
) -> Run:
    """The run to go on with, or a new one over the files that no finished run with the same rules has read."""
    earlier = list(runs_of(out))
    names = [_name(one) for one in files]
    for run in earlier:
        if not run.finished and (run.version, run.engine, run.files) == (rulebook.version, engine, names):
            return run
    read = {name for run in earlier if run.finished and run.version == rulebook.version for name in run.fresh}
    started = dates.now().isoformat(timespec="seconds")
    digest = hashlib.sha256(json.dumps([started, rulebook.version, engine, names]).encode()).hexdigest()[:8]
    first, last = (one.isoformat() if one else "" for one in months)
    run_id = f"{started[:19].replace('-', '').replace(':', '').replace('T', '-')}-{digest}"
    fresh = [name for name in names if name not in read]
    run = Run(run_id, engine, rulebook.name, rulebook.version, started, first, last, names, fresh)
    _keep(out, run)
    return run


def _name(one: LakeFile) -> str:
    return f"{one.path}:{one.size}"


def runs_of(out: Path) -> Iterator[Run]:
    """The runs that OUT knows, oldest first."""
    for one in sorted((out / "runs").glob("*.json")):
        yield Run(**json.loads(one.read_text()))


def _keep(out: Path, run: Run) -> None:
    folder = out / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / f"{run.run_id}.tmp"
    written.write_text(json.dumps(asdict(run), ensure_ascii=False, indent=1))
    os.replace(written, folder / f"{run.run_id}.json")


def _run_kind(reader: Reader, kind: Kind, rulebook: Rulebook, out: Path, run: Run) -> int:
    """Write the rows of one kind, a file that is there whole or not at all; their number."""
    from yibao.supervision.lake import as_rows, points

    whole = reader.reaching(kind.looks_back)
    found = as_rows(kind, kind.in_columns(whole, points(kind, rulebook.points(kind.name).all)))
    if len(reader.fresh) < len(reader.files):
        bills = paths_of(reader.lake, reader.fresh, TABLES["bills"])
        found = _touching(found, reader.engine.read(bills))
    target = out / "rows" / kind.name / f"{run.run_id}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    count = reader.engine.write(found, target.with_suffix(".tmp"))
    os.replace(target.with_suffix(".tmp"), target)
    return count


def _touching(found: Any, bills: Any) -> Any:
    """Findings of which at least one row is of a fresh bill, or that belong to no bill."""
    keys = ("rule_id", "kp_id", "finding_key")
    fresh = found.semi_join(bills.select("setl_id"), "setl_id").select(*keys)
    loose = found.filter(found.setl_id.isnull() | (found.setl_id == "")).select(*keys)
    return found.semi_join(fresh.union(loose).distinct(), keys)

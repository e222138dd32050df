"""How fast a year is audited: every covered rule over twenty million lines, five kinds beside SQL written by hand.

`measure()` builds a lake and gives a section of the report; `python -m benchmarks.audit [LAKE]` prints the numbers of
a lake. Rules that have no published point get the trial points, whose items nobody has: they cost their scan. Each
kind by hand is timed before and after its expression, and must count the same rows.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.by_hand import SQL

from yibao.simulate import build_city
from yibao.simulate.year import build_year
from yibao.supervision.audit.engines import Limits, engine_of
from yibao.supervision.audit.files import files_of, paths_of
from yibao.supervision.audit.run import run_audit
from yibao.supervision.kinds import all_kinds
from yibao.supervision.kinds.kind import Point
from yibao.supervision.knowledge.built_in import built_in_points, trial_points
from yibao.supervision.lake import as_rows, lake_of, points
from yibao.supervision.profiles import load_rulebook
from yibao.supervision.rulebook import Rulebook
from yibao.supervision.tables import TABLES

PEOPLE, LIMITS = 260_000, Limits(memory="2GB", threads=2)
ROUNDS = 3


def measure() -> dict[str, str]:
    """The section of the report, on a lake of its own."""
    with tempfile.TemporaryDirectory(prefix="yibao-audit-") as folder:
        lake = Path(folder) / "lake"
        build_year(build_city("huaibei", PEOPLE, seed=1, year=2021), 2021, lake)
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.audit", str(lake)],
            capture_output=True,
            text=True,
            check=True,
        )
    found = json.loads(done.stdout)
    return {
        f"{found['rules']} rules over {found['lines']:,} lines, DuckDB with 2 GB and 2 threads (s)": found["seconds"],
        "findings": f"{found['findings']:,}",
        "largest process (MB)": found["mebibytes"],
        "slowest kinds (s)": ", ".join(f"{name} {seconds}" for name, seconds in found["slowest"]),
        **{f"{name}: expression, by hand (s), ratio": text for name, text in found["by_hand"].items()},
    }


def measured(lake: Path) -> dict[str, Any]:
    """Numbers of one lake."""
    book = every_rule()
    with tempfile.TemporaryDirectory(prefix="yibao-audit-") as folder:
        began = perf_counter()
        run = run_audit(lake, book, Path(folder), limits=LIMITS)
        seconds = perf_counter() - began
        by_hand = {name: compared(lake, book, name, Path(folder)) for name in SQL}
    return {
        "rules": len(book.rules), "lines": lines_of(lake), "seconds": f"{seconds:.1f}", "findings": run.findings,
        "slowest": sorted(run.seconds.items(), key=lambda one: -one[1])[:8], "by_hand": by_hand,
        "mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "kinds": run.seconds,
    }  # fmt: skip


def every_rule() -> Rulebook:
    """The full profile; rules without points get those of the trial profile."""
    full = load_rulebook("huaibei", "full", built_in_points())
    trial = load_rulebook("huaibei", "trial", trial_points())
    rules = {**trial.rules, **full.rules}
    rows: dict[str, list[Point]] = {}
    for kind in all_kinds():
        own = list(full.points(kind))
        has = {one.rule_id for one in own}
        rows[kind] = own + [one for one in trial.points(kind) if one.rule_id not in has]
    return Rulebook("every", full.version, list(rules.values()), {kind: own for kind, own in rows.items() if own})


def compared(lake: Path, book: Rulebook, name: str, folder: Path) -> str:
    """Median seconds of the expression and of the SQL, taken in turns, and their ratio."""
    kind, files = all_kinds()[name], files_of(lake)
    with engine_of("duckdb", LIMITS, folder) as engine:
        tables = {table: engine.read(paths_of(lake, files, table)) for table in TABLES.values()}
        whole = lake_of(tables, cancellations=False)
        rows = points(kind, book.points(name).all)
        connection = engine.backend.con
        for view, table in TABLES.items():
            paths = paths_of(lake, files, table)
            connection.execute(f"create view raw_{view} as from read_parquet({paths}, hive_partitioning = false)")
        connection.register("raw_points", rows.to_pyarrow())
        query = SQL[name]
        for view in (*TABLES, "points"):
            query = query.replace(f"from {view} ", f"from raw_{view} ").replace(f"join {view} ", f"join raw_{view} ")
            query = query.replace(f"from {view})", f"from raw_{view})")
        ours, theirs = [], []
        for _ in range(ROUNDS):
            began = perf_counter()
            count = engine.write(as_rows(kind, kind.in_columns(whole, rows)), folder / "ours.parquet")
            ours.append(perf_counter() - began)
            began = perf_counter()
            connection.execute(f"copy ({query}) to '{folder}/theirs.parquet' (compression zstd)")
            theirs.append(perf_counter() - began)
            same = connection.execute(f"select count(*) from '{folder}/theirs.parquet'").fetchone()
            if same != (count,):
                raise AssertionError(f"{name}: {count} rows by the expression, {same} by hand")
    one, other = sorted(ours)[ROUNDS // 2], sorted(theirs)[ROUNDS // 2]
    return f"{one:.2f}, {other:.2f}, {one / other:.2f} ({count:,} rows)"


def lines_of(lake: Path) -> int:
    """Fee lines of the lake."""
    import duckdb

    found = duckdb.sql(f"select count(*) from '{lake}/fee_list_d/**/*.parquet'").fetchall()[0]
    return int(found[0])


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    sys.stdout.write(json.dumps(measured(Path(sys.argv[1])), ensure_ascii=False))

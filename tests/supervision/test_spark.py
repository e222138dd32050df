"""Every kind gives the same on Spark as on DuckDB and at the counter."""

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest

from tests.supervision import kinds as kind_tests
from tests.supervision.audit.lakes import rulebook, write_lake
from tests.supervision.audit.test_run import findings_of, world_of
from tests.supervision.world import random_world, rows_at_counter, rows_in_columns
from yibao.supervision.audit.run import run_audit
from yibao.supervision.kinds import all_kinds

NAMES = sorted(one.name for one in pkgutil.iter_modules(kind_tests.__path__) if one.name.startswith("test_"))


def test_every_kind_has_a_test_with_points() -> None:
    tested = {importlib.import_module(f"{kind_tests.__name__}.{name}").KIND.name for name in NAMES}
    assert tested == set(all_kinds())


@pytest.mark.parametrize("name", NAMES)
def test_spark_finds_what_the_counter_finds(name: str, spark: Any) -> None:
    module = importlib.import_module(f"{kind_tests.__name__}.{name}")
    codes = sorted({one.code for one in module.POINTS if one.code} | set(getattr(module, "CODES", ())))
    world = getattr(module, "WORLD", random_world)(1, codes)
    assert rows_in_columns(module.KIND, module.POINTS, world, spark) == rows_at_counter(
        module.KIND, module.POINTS, world
    )


def test_an_audit_on_spark_writes_the_same_findings(tmp_path: Path, spark: Any) -> None:
    lake = tmp_path / "lake"
    write_lake(world_of(), lake)
    run_audit(lake, rulebook(), tmp_path / "duckdb")
    run_audit(lake, rulebook(), tmp_path / "spark", engine="spark")
    one, other = findings_of(tmp_path / "duckdb"), findings_of(tmp_path / "spark")
    for row in (*one, *other):
        del row["run_id"]
    assert one == other

"""Scores of an OUT folder and of a lake: reads files, calls `scores` and `persons`, writes OUT/scores/*.parquet."""

from datetime import date
from pathlib import Path

from yibao.core.months import plus_months
from yibao.supervision.audit.engines import Limits, engine_of
from yibao.supervision.audit.files import paths_of
from yibao.supervision.monitoring.definitions import Definitions
from yibao.supervision.monitoring.indicators import files_of_months, write_rows
from yibao.supervision.monitoring.persons import person_table, score_persons
from yibao.supervision.monitoring.publishing import score_rows
from yibao.supervision.monitoring.scores import Labels, read_rows, score_institutions
from yibao.supervision.tables import TABLES


def score_out(out: Path, definitions: Definitions, labels: Labels) -> int:
    """Score the institutions of OUT/indicators; how many. Refused V602, V603."""
    rows = read_rows(out / "indicators" / "institution.parquet")
    scores = score_institutions(rows, definitions, labels)
    return write_rows(score_rows(scores), out / "scores" / "institution.parquet")


def score_lake(folder: Path, out: Path, month: date | None, keep: int, limits: Limits | None = None) -> int:
    """Score the persons of a lake; the `keep` most unusual of the month, or of each, are written. Refused V607."""
    from yibao.supervision.lake import has_cancellations, lake_of

    files = files_of_months(folder, month, plus_months(month, 1) if month else None)
    scratch = out / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    with engine_of("duckdb", limits or Limits(), scratch) as engine:
        tables = {table: engine.read(paths_of(folder, files, table)) for table in TABLES.values()}
        cancelled = bool(engine.value(has_cancellations(tables[TABLES["bills"]])))
        used = person_table(lake_of(tables, cancellations=cancelled))
        rows = engine.backend.to_pyarrow(used if month is None else used.filter(used.month == month)).to_pylist()
    return write_rows(score_rows(score_persons(rows, keep)), out / "scores" / "person.parquet")

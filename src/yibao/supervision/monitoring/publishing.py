"""From OUT to the database: what the pages show. Publishing the same OUT again changes nothing.

Of departments and doctors only those go in whose value is unusual: the others stay in the files.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from yibao.core.database import Connection
from yibao.supervision.monitoring.scores import Score, read_rows

COLUMNS = (
    "fixmedins_code", "unit", "level", "indicator", "month", "peer_group", "numerator", "denominator", "value",
    "verdict", "peers", "median", "lower", "upper", "z",
)  # fmt: skip
DAY_COLUMNS = ("fixmedins_code", "indicator", "day", "value", "expected", "residual", "ewma", "verdict")
SCORE_COLUMNS = ("kind", "subject", "month", "score", "raw_score", "place", "contributions", "method")
UNUSUAL = ("high", "low")


async def publish(connection: Connection, out: Path) -> dict[str, int]:
    """Replace the months that OUT has; counts of what is published. Refused V603 when OUT has no indicators."""
    counts = {}
    for level in ("institution", "department", "doctor"):
        rows = read_rows(out / "indicators" / f"{level}.parquet") if level == "institution" else _optional(out, level)
        shown = [row for row in rows if level == "institution" or row["verdict"] in UNUSUAL]
        counts[level] = await publish_indicators(connection, level, shown)
    days = out / "days.parquet"
    counts["days"] = await _publish_days(connection, read_rows(days)) if days.exists() else 0
    scores = [row for kind in ("institution", "person") for row in _scores(out / "scores" / f"{kind}.parquet", kind)]
    counts["scores"] = await publish_scores(connection, scores)
    return counts


def _optional(out: Path, level: str) -> list[dict[str, Any]]:
    file = out / "indicators" / f"{level}.parquet"
    return read_rows(file) if file.exists() else []


def _scores(file: Path, kind: str) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    return [
        {**row, "kind": kind, "contributions": msgspec.json.decode(row["contributions"])} for row in read_rows(file)
    ]


def score_rows(scores: Sequence[Score]) -> list[dict[str, Any]]:
    """Scores as rows of a file: contributions as JSON text."""
    return [
        {**msgspec.structs.asdict(one), "contributions": msgspec.json.encode(one.contributions).decode()}
        for one in scores
    ]


async def publish_indicators(connection: Connection, level: str, rows: Sequence[dict[str, Any]]) -> int:
    """Replace the indicators of these months and this level."""
    months = sorted({row["period"] for row in rows})
    await connection.execute(
        "delete from supervision.indicator where month = any($1::date[]) and level = $2", months, level
    )
    records = [tuple({**row, "level": level, "month": row["period"]}[name] for name in COLUMNS) for row in rows]
    await _copy(connection, "indicator", COLUMNS, records)
    return len(records)


async def _publish_days(connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
    if rows:
        first, last = min(row["day"] for row in rows), max(row["day"] for row in rows)
        await connection.execute("delete from supervision.indicator_day where day between $1 and $2", first, last)
        await _copy(
            connection, "indicator_day", DAY_COLUMNS, [tuple(row[name] for name in DAY_COLUMNS) for row in rows]
        )
    return len(rows)


async def publish_scores(connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
    """Replace the scores of these months."""
    for kind in {row["kind"] for row in rows}:
        months = sorted({row["month"] for row in rows if row["kind"] == kind})
        await connection.execute(
            "delete from supervision.score where kind = $1 and month = any($2::date[])", kind, months
        )
    await _copy(connection, "score", SCORE_COLUMNS, [tuple(row[name] for name in SCORE_COLUMNS) for row in rows])
    return len(rows)


async def _copy(connection: Connection, table: str, columns: Sequence[str], records: Sequence[Any]) -> None:
    if records:
        await connection.copy_records_to_table(
            table, schema_name="supervision", columns=list(columns), records=list(records)
        )

"""Which files of a lake an audit reads (分区文件): months by their folders, and what an earlier run has read already.

A file is known by table, path within the lake and size; a producer never changes a file, he adds one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from yibao.core.errors import Refusal, Refused
from yibao.supervision.tables import TABLES

MONTH = re.compile(r"year=(\d{4})/month=(\d{1,2})/")
STAYS_LAST = timedelta(days=62)
"""Files are by the month of settlement: a line may be so much older, that far further back a kind's window is read."""


@dataclass(frozen=True, order=True, slots=True)
class LakeFile:
    """One Parquet file; `month` is the first day of its month of settlement, None for tables without months."""

    table: str
    path: str
    size: int
    month: date | None


def files_of(lake: Path) -> list[LakeFile]:
    """Every file of the lake's tables, in order. Refused V201 when a table is missing."""
    found = []
    for table in TABLES.values():
        files = sorted((lake / table).rglob("*.parquet"))
        if not files:
            text = f"{lake} 里没有表 {table}"
            raise Refused(Refusal("V201", text, "请指定由 yibao city build 或抽数程序写出的目录", table))
        found += [LakeFile(table, str(one.relative_to(lake)), one.stat().st_size, month_of(one)) for one in files]
    return found


def month_of(path: Path) -> date | None:
    """The month of a file's folder."""
    found = MONTH.search(path.as_posix())
    return date(int(found[1]), int(found[2]), 1) if found else None


def within(files: Iterable[LakeFile], first: date | None, last: date | None) -> list[LakeFile]:
    """The files of these months; those without a month always."""
    return [
        one for one in files
        if one.month is None or ((first is None or one.month >= first) and (last is None or one.month <= last))
    ]  # fmt: skip


def reach(fresh: Iterable[LakeFile], looks_back: int) -> date | None:
    """The first month that a kind must read so that the windows of the fresh files are whole."""
    months = [one.month for one in fresh if one.month is not None]
    return (min(months) - timedelta(days=looks_back) - STAYS_LAST).replace(day=1) if months else None


def paths_of(lake: Path, files: Iterable[LakeFile], table: str) -> list[str]:
    """Absolute paths of one table's files."""
    return [str(lake / one.path) for one in files if one.table == table]

"""Read a visits file (Parquet, or a folder of the lake) into `Visits`. `columns.COLUMNS` is what it may hold.

Texts are read as dictionaries: a code by row and each text once, so what a text means is worked out once per text.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from yibao.benefits.batch.columns import WANTED, Column, columns_for
from yibao.benefits.batch.facts_of_columns import visits_of
from yibao.benefits.batch.visits import Visits, VisitsError
from yibao.benefits.pack import Pack

ROWS_AT_ONCE = 1 << 20
"""Each piece has its own dictionary of texts, so few large pieces are several times quicker than many small ones."""
NEEDED_BY = {"init_setl_id": "setl_id", "mid_setl_flag": "mdtrt_id"}
"""Columns that mean something only with another."""


def read_visits(path: str | Path, packs: Sequence[Pack] = ()) -> Visits:
    """The visits of a Parquet file, or of every Parquet file below a folder; `VisitsError` lists every fault.

    Rows that cancel another (init_setl_id) are left out together with the row they cancel.
    """
    extra = sorted({name for pack in packs for name in pack.portions})
    columns = columns_for(extra)
    try:
        file = _dataset(Path(path), ())
        texts = tuple(field.name for field in file.schema if _is_text(field.type))
        file = _dataset(Path(path), texts)
    except (OSError, pa.ArrowInvalid) as error:
        raise VisitsError(f"{path}: not a Parquet file, nor a folder of them ({error})") from error
    problems = [f"{path}: {text}" for text in _schema_problems(file.schema, columns)]
    if problems:
        raise VisitsError(*problems)
    table = file.to_table(columns=_useful(file.schema.names, columns), batch_size=ROWS_AT_ONCE)
    return visits_of_table(table, extra, str(path))


def visits_of_table(table: Any, extra_portions: Sequence[str] = (), name: str = "visits") -> Visits:
    """The visits of an Arrow table; like `read_visits`."""
    columns = columns_for(extra_portions)
    problems = _schema_problems(table.schema, columns)
    problems = problems or _null_problems(table, columns)
    if problems:
        raise VisitsError(*[f"{name}: {text}" for text in problems])
    kept = _without_cancelled(table)
    if not len(kept):
        raise VisitsError(f"{name}: no visit is left to simulate ({len(table)} rows)")
    return visits_of(kept.unify_dictionaries().combine_chunks(), extra_portions, len(table) - len(kept), name)


def _useful(names: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """The columns to read: those that are known, and the long numbers of settlements and visits only when needed."""
    found = {column.name for column in columns} & set(names)
    idle = {second for first, second in NEEDED_BY.items() if first not in found}
    return [name for name in names if name in found - idle]


def _dataset(path: Path, texts: Sequence[str]) -> Any:
    options = ds.ParquetReadOptions(dictionary_columns=texts)
    return ds.dataset(path, format=ds.ParquetFileFormat(read_options=options), partitioning="hive")


def _schema_problems(schema: Any, columns: Sequence[Column]) -> list[str]:
    names = set(schema.names)
    problems = [
        f"column {it.name} ({WANTED[it.kind]}) is missing" for it in columns if it.required and it.name not in names
    ]
    if not names & {"setl_time", "enddate"}:
        problems.append("column setl_time (a time) or enddate (a date) is missing")
    for first, second in NEEDED_BY.items():
        if first in names and second not in names:
            problems.append(f"column {first} means nothing without {second}, which is missing")
    for column in columns:
        if column.name in names and not _fits(schema.field(column.name).type, column.kind):
            found = schema.field(column.name).type
            problems.append(f"column {column.name} must be {WANTED[column.kind]}, it is {found}")
    return problems


def _is_text(kind: Any) -> bool:
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(plain) or pa.types.is_large_string(plain))


def _fits(kind: Any, wanted: str) -> bool:
    match wanted:
        case "text":
            return _is_text(kind)
        case "code":
            return _is_text(kind) or pa.types.is_integer(kind)
        case "fen" | "number":
            return bool(pa.types.is_integer(kind))
        case "day" | "time":
            return bool(pa.types.is_date(kind) or pa.types.is_timestamp(kind))
        case "flag":
            return bool(pa.types.is_boolean(kind)) or _is_text(kind)
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    return _is_text(kind.value_type) if is_list else _is_text(kind)


def _null_problems(table: Any, columns: Sequence[Column]) -> list[str]:
    problems = []
    for column in columns:
        if column.required and table[column.name].null_count:
            problems.append(f"column {column.name} is empty in {table[column.name].null_count:,} rows")
    if "enddate" in table.column_names and "setl_time" in table.column_names:
        empty = pc.sum(pc.and_(pc.is_null(table["enddate"]), pc.is_null(table["setl_time"]))).as_py()
        problems += [f"enddate and setl_time are both empty in {empty:,} rows"] if empty else []
    else:
        name = "enddate" if "enddate" in table.column_names else "setl_time"
        empty = table[name].null_count
        problems += [f"column {name} is empty in {empty:,} rows"] if empty else []
    return problems


def _without_cancelled(table: Any) -> Any:
    """Leave out each cancelling row and the row it cancels; without init_setl_id, rows marked refd_setl_flag 1."""
    if "init_setl_id" in table.column_names:
        cancels = _plain(table["init_setl_id"])
        cancelling = pc.fill_null(pc.not_equal(cancels, ""), False)
        if not pc.any(cancelling).as_py():
            return table
        cancelled = pc.is_in(_plain(table["setl_id"]), value_set=cancels.filter(cancelling).combine_chunks())
        return table.filter(pc.invert(pc.or_(cancelling, cancelled)))
    if "refd_setl_flag" in table.column_names:
        return table.filter(pc.fill_null(pc.not_equal(_plain(table["refd_setl_flag"]), "1"), True))
    return table


def _plain(column: Any) -> Any:
    """A column as plain text."""
    return column.cast(pa.string())

"""Columns into PostgreSQL by COPY: an Arrow table becomes CSV piece by piece, so memory stays small.

Texts are always quoted, so an empty text stays one and only a null becomes null.
"""

import io
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from yibao.core.database import Connection
from yibao.simulate.model import Ints

ROWS_AT_ONCE = 50_000
HOURS_OF_COPY = timedelta(hours=2).total_seconds()
Columns = Mapping[str, Any]


async def copy(connection: Connection, table: str, columns: Columns) -> int:
    """Append rows to `schema.name`; `columns` are Arrow arrays, numpy arrays or lists. Returns how many rows."""
    schema, name = table.split(".")
    rows = pa.table(dict(columns))
    if rows.num_rows:
        await connection.copy_to_table(
            name, source=_pieces(rows), columns=rows.column_names, schema_name=schema, format="csv",
            timeout=HOURS_OF_COPY,
        )  # fmt: skip
    return int(rows.num_rows)


async def _pieces(rows: Any) -> AsyncIterator[bytes]:
    options = csv.WriteOptions(include_header=False)
    for batch in rows.to_batches(max_chunksize=ROWS_AT_ONCE):
        piece = io.BytesIO()
        csv.write_csv(batch, piece, options)
        yield piece.getvalue()


def texts(values: Sequence[str] | Any, places: Ints) -> Any:
    """The text of each place: `values[places]` as an Arrow array."""
    return pa.array(np.asarray(values, dtype=object)).take(pa.array(places))


def numbered(prefix: str, numbers: Ints) -> Any:
    """Texts of a prefix and a number each."""
    return pc.binary_join_element_wise(prefix, pc.cast(pa.array(numbers), pa.string()), "")


def constant(value: Any, count: int) -> Any:
    """The same value in every row."""
    return pa.repeat(pa.scalar(value), count)


def days(numbers: Ints, known: Any = None) -> Any:
    """Days since 1970 as dates; null where `known` is false."""
    dates = pa.array(numbers.astype("datetime64[D]"))
    return dates if known is None else pc.if_else(pa.array(known), dates, pa.scalar(None, pa.date32()))

"""Lake tables on disk (数据湖): a folder per table, `year=YYYY/month=MM/` by the time of settlement, a file per piece.

`write_piece` writes the tables of one piece month by month, so that no more than a month is in memory as Arrow.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from yibao.simulate.model import Ints
from yibao.simulate.seasons import Calendar
from yibao.simulate.tables import (
    Piece,
    diagnosis_table,
    line_table,
    operation_table,
    person_table,
    settlement_table,
    visit_table,
)

ONCE = ("bkkp_sn", "rx_drord_no", "setl_id", "mdtrt_id", "medins_setl_id", "psn_no")
"""Columns whose values hardly repeat: no dictionary of their own."""


def write_piece(piece: Piece, calendar: Calendar, to: Path) -> None:
    """Write everything about one piece."""
    write(person_table(piece.patients), to / "psn_info_d" / f"part-{piece.number:05d}.parquet")
    month_of = calendar.month_of(piece.care.end)
    per_visit = np.diff(piece.lines.first)
    for month in range(12):
        rows = np.flatnonzero(month_of == month)
        if len(rows):
            lines, visit = _lines_of(piece.lines.first, per_visit, rows)
            tables = {
                "mdtrt_d": visit_table(piece, rows), "setl_d": settlement_table(piece, rows),
                "setl_list_diag_d": diagnosis_table(piece, rows), "setl_list_oprn_d": operation_table(piece, rows),
                "fee_list_d": line_table(piece, rows, lines, visit),
            }  # fmt: skip
            for name, table in tables.items():
                write(table, file_of(to, name, calendar.year, month + 1, piece.number))


def _lines_of(first: Ints, per_visit: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """The places of the lines of these visits, and the place in `rows` of each line's visit."""
    count = per_visit[rows]
    visit = np.repeat(np.arange(len(rows)), count)
    start = np.cumsum(count) - count
    return np.arange(len(visit)) - start[visit] + first[rows][visit], visit


def file_of(lake: Path, table: str, year: int, month: int, piece: int) -> Path:
    """Where the rows of one month and piece stand."""
    return lake / table / f"year={year}" / f"month={month:02d}" / f"part-{piece:05d}.parquet"


def write(table: Any, file: Path) -> None:
    """Write one file; numbers that hardly repeat are written as differences. Readers see plain texts."""
    file.parent.mkdir(parents=True, exist_ok=True)
    plain = [name for name in table.column_names if name in ONCE and not pa.types.is_dictionary(table[name].type)]
    shared = [name for name in table.column_names if name not in plain]
    pq.write_table(
        table, file, compression="zstd", compression_level=1, use_dictionary=shared,
        column_encoding=dict.fromkeys(plain, "DELTA_BYTE_ARRAY"), store_schema=False,
        write_statistics=["setl_time"] if "setl_time" in shared else False,
    )  # fmt: skip

"""The lake's tables as Ibis expressions, the same on DuckDB and on Spark.

`Lake` is what a kind's `in_columns` gets: tables named as the records of `model`, cancelled settlements and their lines
taken away, `cnt` as ten-thousandths and prices as millionths of a yuan. `points` makes a table of a kind's points.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from yibao.supervision.kinds.kind import Kind, Point
from yibao.supervision.tables import TABLES

ARROW = {"string": pa.string(), "int64": pa.int64(), "date": pa.date32()}


@dataclass(frozen=True, slots=True)
class Lake:
    """Tables of one lake on one engine."""

    persons: ir.Table
    institutions: ir.Table
    visits: ir.Table
    bills: ir.Table
    lines: ir.Table
    diagnoses: ir.Table
    operations: ir.Table


def lake_of(tables: dict[str, ir.Table], *, cancellations: bool = True) -> Lake:
    """A lake from its raw tables by their names in the lake (`psn_info_d` …).

    `cancellations=False` says that nothing in it was cancelled (`has_cancellations`): then no table is searched for it.
    """
    raw = {name: tables[table] for name, table in TABLES.items()}
    if cancellations:
        bills = raw["bills"]
        undone = bills.filter(_negative(bills))
        void = undone.select(setl_id="init_setl_id").union(undone.select("setl_id")).distinct()
        for name in ("bills", "lines", "diagnoses", "operations"):
            raw[name] = raw[name].anti_join(void, "setl_id")
        raw["bills"] = raw["bills"].filter(lambda t: t.refd_setl_flag != "1")
    raw["lines"] = _whole(raw["lines"])
    return Lake(**raw)


def _negative(bills: ir.Table) -> Any:
    return bills.init_setl_id.notnull() & (bills.init_setl_id != "")


def has_cancellations(bills: ir.Table) -> Any:
    """An expression: whether a settlement of the raw table is cancelled or cancels another."""
    return (_negative(bills) | (bills.refd_setl_flag == "1")).any()


def _whole(lines: ir.Table) -> ir.Table:
    """Counts and prices as whole numbers."""
    scaled = {name: (lines[name] * 10_000).cast("int64") for name in ("cnt", "pric", "pric_uplmt_amt")}
    texts = {name: lines[name].fill_null("") for name in ("rx_drord_no", "bilg_dept_codg", "bilg_dr_code", "comb_no")}
    return lines.mutate(**scaled, **texts, prd_days=lines.prd_days.fill_null(0).cast("int64"))


def points(kind: Kind, rows: Sequence[Point]) -> ir.Table:
    """The points of a kind as a table; empty with its columns when there are none."""
    columns: Sequence[Sequence[Any]] = list(zip(*map(astuple, rows), strict=True)) or [()] * len(kind.columns)
    arrays = {
        name: pa.array(values, type=ARROW[kind_of])
        for (name, kind_of), values in zip(kind.columns.items(), columns, strict=True)
    }
    return ibis.memtable(pa.table(arrays))


def as_rows(kind: Kind, table: Any) -> Any:
    """What a kind's expression must deliver, in the order of `Row`'s fields and its facts."""
    names = ("rule_id", "kp_id", "finding_key", "setl_id", "mdtrt_id", "psn_no", "fixmedins_code", "bilg_dr_code")
    return table.select(*names, "bkkp_sn", "amount", "part", "whole", *kind.facts)

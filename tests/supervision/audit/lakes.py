"""A small world written as a lake, and a rulebook of three rules over it."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yibao.supervision.kinds.item_allowed import ItemAllowed
from yibao.supervision.model import Severity
from yibao.supervision.rulebook import Rule, Rulebook
from yibao.supervision.tables import TABLES
from yibao.supervision.world import World

BY_MONTH = ("visits", "bills", "lines", "diagnoses", "operations")


def write_lake(world: World, lake: Path, part: str = "part-00000") -> None:
    """The tables of a world as files by the month of settlement."""
    tables = world.tables()
    bills = tables[TABLES["bills"]]
    visit_month = {row["mdtrt_id"]: row["setl_time"].strftime("%Y-%m") for row in bills.to_pylist()}
    for name in ("persons", "institutions"):
        _write(tables[TABLES[name]], lake / TABLES[name] / f"{part}.parquet")
    for month in sorted(set(visit_month.values())):
        for name in BY_MONTH:
            table = tables[TABLES[name]]
            of_month = pa.array([visit_month[one.as_py()] == month for one in table["mdtrt_id"]], pa.bool_())
            year, number = month.split("-")
            _write(
                table.filter(pc.fill_null(of_month, False)),
                lake / TABLES[name] / f"year={year}" / f"month={number}" / f"{part}.parquet",
            )


def _write(table: pa.Table, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, file)


def rule(rule_id: str, severity: Severity = "violation") -> Rule:
    """A rule of the kind item_allowed."""
    return Rule(rule_id, rule_id, "item_allowed", severity, frozenset({"after"}), "条例38(六)")


def rulebook(version: str = "v1") -> Rulebook:
    """Women's drug (violation), level (suspect) and insurance (violation) of the same item."""
    points = [
        ItemAllowed(rule_id="N67", kp_id="k1", code="WOMEN", item="艾附暖宫丸", sex="2"),
        ItemAllowed(rule_id="N12", kp_id="k2", code="WOMEN", item="艾附暖宫丸", level_from=2),
        ItemAllowed(rule_id="N02", kp_id="k3", code="WOMEN", item="艾附暖宫丸", insurance="510"),
    ]
    rules = [rule("N67"), rule("N12", "suspect"), rule("N02")]
    return Rulebook("trial", version, rules, {"item_allowed": points})

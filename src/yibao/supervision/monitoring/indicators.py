"""Indicators of a lake: `indicators_of(lake, out, definitions)` reads facts, makes values, judges them, writes OUT.

OUT/indicators/{institution,department,doctor}.parquet   one row for each value with its verdict
OUT/days.parquet                                         days of institutions: flow and outpatient pooled payments
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from yibao.core.errors import Refusal, Refused
from yibao.core.months import plus_months
from yibao.supervision.audit.engines import Engine, Limits, engine_of
from yibao.supervision.audit.files import LakeFile, files_of, paths_of, within
from yibao.supervision.monitoring.definitions import ALL_LEVELS, Definitions, Indicator, Level
from yibao.supervision.monitoring.judging import Judged, Value, judge
from yibao.supervision.monitoring.series import judge_days
from yibao.supervision.tables import TABLES

Facts = dict[tuple[str, str, date], dict[str, int]]
"""(institution, department or doctor or "", first day of the period) → facts."""
DAYS = {
    "outpatient_visits": "门急诊人次", "admissions": "入院人次", "discharges": "出院人次",
    "outpatient_pooled": "门诊统筹基金支付",
}  # fmt: skip
"""What is followed day by day."""
AROUND = 2
"""Months read before and after those asked for: readmissions look back, long stays are settled later."""


class Place(msgspec.Struct, frozen=True):
    """An institution as peers need it."""

    fixmedins_code: str
    fixmedins_type: str
    hosp_lv: str
    beds: int

    @property
    def peer_group(self) -> str:
        """Type × level × with or without beds: a clinic is no peer of a hospital."""
        return f"{self.fixmedins_type}-{self.hosp_lv}-{'beds' if self.beds else 'none'}"


def indicators_of(
    folder: Path,
    out: Path,
    definitions: Definitions,
    months: tuple[date | None, date | None] = (None, None),
    limits: Limits | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> dict[str, int]:
    """Write the indicators of the months; how many values of each level. Refused V201, V202, V607."""
    scratch = out / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    with engine_of("duckdb", limits or Limits(), scratch) as engine:
        lake, places = _lake(engine, folder, definitions.area.code, months)
        counts: dict[str, int] = {}
        for level in ALL_LEVELS:
            progress(level)
            judged = judge(definitions, values_of(definitions, level, places, _facts(engine, lake, level, months)))
            counts[level] = write_judged(judged, out / "indicators" / f"{level}.parquet")
        progress("days")
        counts["days"] = _write_days(engine, lake, places, out, definitions, months)
    return counts


def files_of_months(folder: Path, first: date | None, last: date | None) -> list[LakeFile]:
    """The files of these months; Refused V201, and V607 when the lake has none of them."""
    near = within(files_of(folder), first, last)
    if len({one.table for one in near}) < len(TABLES):
        raise Refused(Refusal("V607", f"{folder} 没有 {first:%Y-%m} 前后的数据", "请核对月份", "month"))
    return near


def _lake(
    engine: Engine, folder: Path, area: str, months: tuple[date | None, date | None]
) -> tuple[Any, dict[str, Place]]:
    """The lake around the months (a stay lies in the file of the month that settled it), and the city's institutions.

    Those of other cities are left out: only those insured here are seen there, and nobody here can look into it.
    """
    from yibao.supervision.lake import has_cancellations, lake_of

    first, last = months
    near = files_of_months(
        folder, plus_months(first, -AROUND) if first else None, plus_months(last, AROUND) if last else None
    )
    tables = {table: engine.read(paths_of(folder, near, table)) for table in TABLES.values()}
    cancelled = bool(engine.value(has_cancellations(tables[TABLES["bills"]])))
    lake = lake_of(tables, cancellations=cancelled)
    columns = ("fixmedins_code", "fixmedins_type", "hosp_lv", "beds")
    here = lake.institutions.filter(lake.institutions.admdvs.startswith(area[:4]))
    rows = engine.backend.to_pyarrow(here.select(*columns)).to_pylist()
    return lake, {row["fixmedins_code"]: Place(**{**row, "beds": row["beds"] or 0}) for row in rows}


def _facts(engine: Engine, lake: Any, level: Level, months: tuple[date | None, date | None]) -> Facts:
    from yibao.supervision.monitoring.facts import fact_tables

    return merged(engine, fact_tables(lake, level, "month"), months)


def merged(engine: Engine, tables: Iterable[Any], months: tuple[date | None, date | None]) -> Facts:
    """The tables' rows put together by their keys, within the months."""
    found: Facts = defaultdict(dict)
    for table in tables:
        for row in engine.backend.to_pyarrow(table).to_pylist():
            key = (row.pop("fixmedins_code"), row.pop("unit"), row.pop("period"))
            if _within(key[2], months):
                found[key].update({name: int(value or 0) for name, value in row.items()})
    return found


def _within(day: date, months: tuple[date | None, date | None]) -> bool:
    first, last = months
    return (first is None or day >= first) and (last is None or day < plus_months(last, 1))


def values_of(definitions: Definitions, level: Level, places: Mapping[str, Place], facts: Facts) -> list[Value]:
    """The values of every indicator of the level; those without a denominator are left out."""
    found = []
    for (code, unit, period), sums in facts.items():
        place = places.get(code)
        if place is None:
            continue
        known = {**sums, "beds": place.beds, "bed_capacity": place.beds * (plus_months(period, 1) - period).days}
        group = place.peer_group if level != "department" else f"{place.peer_group}-{unit}"
        for indicator in definitions.at(level):
            value = _value(indicator, known, code, unit, period, group)
            if value is not None:
                found.append(value)
    return found


def _value(
    indicator: Indicator, facts: Mapping[str, int], code: str, unit: str, period: date, group: str
) -> Value | None:
    above = sum(facts.get(name, 0) for name in indicator.numerator)
    below = sum(facts.get(name, 0) for name in indicator.denominator) if indicator.denominator else 1
    if below <= 0 or (not indicator.denominator and not above):
        return None
    return Value(code, unit, period, indicator.name, group, above, below, indicator.value(above, below))


def write_judged(judged: list[Judged], target: Path) -> int:
    """Write them as one Parquet file; how many."""
    rows = [{**msgspec.structs.asdict(one.value), **msgspec.structs.asdict(one)} for one in judged]
    return write_rows([{**row, "value": one.value.value} for row, one in zip(rows, judged, strict=True)], target)


def write_rows(rows: list[dict[str, Any]], target: Path) -> int:
    """Write plain rows as one Parquet file; no file when there are none, not even an earlier run's."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    target.parent.mkdir(parents=True, exist_ok=True)
    if rows:
        pq.write_table(pa.Table.from_pylist(rows), target, compression="zstd")
    else:
        target.unlink(missing_ok=True)
    return len(rows)


def _write_days(
    engine: Engine,
    lake: Any,
    places: Mapping[str, Place],
    out: Path,
    definitions: Definitions,
    months: tuple[date | None, date | None],
) -> int:
    from yibao.supervision.monitoring.facts import day_tables

    facts = merged(engine, day_tables(lake), months)
    series: dict[tuple[str, str], dict[date, int]] = defaultdict(dict)
    for (code, _, day), sums in facts.items():
        if code in places and places[code].beds:
            for name in DAYS:
                series[code, name][day] = sums.get(name, 0)
    rows = [
        {"fixmedins_code": code, "indicator": name, **msgspec.structs.asdict(day)}
        for (code, name), values in sorted(series.items())
        if any(values.values())
        for day in judge_days(values, definitions.limits)
    ]
    return write_rows(rows, out / "days.parquet")

"""Both executions of a kind over a small world, and worlds at random."""

import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from tempfile import TemporaryDirectory

import ibis
import msgspec
import pyarrow.parquet as pq

from yibao.supervision.audit.engines import Engine
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.lake import as_rows, lake_of, points
from yibao.supervision.model import Row, Visit
from yibao.supervision.world import CLINIC, HOSPITAL, PHARMACY, PLACES, SECOND_HOSPITAL, World

__all__ = [
    "CLINIC",
    "HOSPITAL",
    "PHARMACY",
    "SECOND_HOSPITAL",
    "World",
    "both_ways",
    "random_world",
    "rows_at_counter",
    "rows_in_columns",
]

ROW_NAMES = [one.name for one in msgspec.structs.fields(Row) if one.name != "facts"]


def both_ways(kind: Kind, rows: Sequence[Point], world: World) -> list[Row]:
    """What is found, after both executions were seen to find the same."""
    counter = rows_at_counter(kind, rows, world)
    assert counter == rows_in_columns(kind, rows, world)
    return counter


def rows_at_counter(kind: Kind, rows: Sequence[Point], world: World) -> list[Row]:
    """What the counter path finds, sorted."""
    return _sorted(kind.at_counter(world.case(), Points(rows)))


def rows_in_columns(kind: Kind, rows: Sequence[Point], world: World, engine: Engine | None = None) -> list[Row]:
    """What the column path finds, sorted; on DuckDB, or on the engine given, which reads files."""
    tables = world.tables()
    if engine is None:
        lake = lake_of({name: ibis.memtable(table) for name, table in tables.items()})
        found = ibis.duckdb.connect().to_pyarrow(as_rows(kind, kind.in_columns(lake, points(kind, rows))))
    else:
        with TemporaryDirectory() as folder:
            for name, table in tables.items():
                pq.write_table(table, f"{folder}/{name}.parquet")
            lake = lake_of({name: engine.read([f"{folder}/{name}.parquet"]) for name in tables})
            found = engine.backend.to_pyarrow(as_rows(kind, kind.in_columns(lake, points(kind, rows))))
    return _sorted(
        Row(**{name: one[name] for name in ROW_NAMES}, facts={name: one[name] for name in kind.facts})
        for one in found.to_pylist()
    )


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row.rule_id, row.kp_id, row.finding_key, row.bkkp_sn or "", row.setl_id))


def random_world(seed: int, codes: Sequence[str], people: int = 12) -> World:
    """Visits and lines at random, many of the codes given, crowded enough for windows, overlaps and repeats."""
    draw = random.Random(seed)
    world, first = World(), datetime(2021, 1, 1)
    for number in range(people):
        who = world.person(
            f"P{number:03d}", gend=draw.choice("1290"), brdy=date(1930, 1, 1) + timedelta(days=draw.randrange(33_200)),
            insutype=draw.choice(["310", "390"]),
            die_date=draw.choice([None, None, None, date(2021, 1, 1) + timedelta(days=draw.randrange(90))]),
        )  # fmt: skip
        for _ in range(draw.randrange(1, 6)):
            begin = first + timedelta(days=draw.randrange(60), hours=draw.randrange(7, 20), minutes=draw.randrange(60))
            place = draw.choice(PLACES)
            inpatient = place.fixmedins_type == "1" and draw.random() < 0.4
            length = (
                timedelta(days=draw.randrange(0, 12), hours=draw.randrange(1, 6)) if inpatient else timedelta(hours=1)
            )
            away = "41" if place.fixmedins_type == "2" else draw.choice(["11", "13", "14"])
            visit = world.visit(
                who.psn_no, begin, begin + length, fixmedins_code=place.fixmedins_code,
                med_type="21" if inpatient else away,
                ipt_days=max(length.days, 1) if inpatient else 0, chfpdr_code=draw.choice(["D1", "D2", "D3"]),
                dscg_maindiag_code=draw.choice(["J18.900", "C50.900", "Z51.100", "I10.x00", "E11.900", "O80.000"]),
                adm_dept_codg=draw.choice(["A03", "A04", "A28"]),
            )  # fmt: skip
            if draw.random() < 0.3:
                world.diagnose(visit, draw.choice(["N18.900", "I10.x00", "C50.900"]))
            if inpatient and draw.random() < 0.4:
                world.operate(
                    visit, draw.choice(["39.9500", "99.2505", "51.2300", "68.4000"]), begin.date(),
                    main_oprn_flag="1", oper_dr_code=draw.choice(["D1", "D2"]),
                )  # fmt: skip
            _random_lines(draw, world, visit, codes, length)
    return world


def _random_lines(draw: random.Random, world: World, visit: Visit, codes: Sequence[str], length: timedelta) -> None:
    seconds = max(int(length.total_seconds()), 3600)
    for _ in range(draw.randrange(1, 9)):
        at = visit.begntime + timedelta(seconds=draw.choice([0, 600, 3600, draw.randrange(seconds)]))
        world.line(
            visit, draw.choice([*codes, "OTHER1", "OTHER2"]), at, cnt=draw.choice([1, 1, 2, 3, "0.5", 13, 25]),
            yuan=draw.choice(["10", "33.33", "0.07", "120"]), prd_days=draw.choice([0, 1, 3, 7, 15, 30]),
            bilg_dr_code=draw.choice(["D1", "D2", "D3"]), bilg_dept_codg=draw.choice(["A03", "A04", "A28"]),
            med_chrgitm_type=draw.choice(["01", "02", "03", "04", "05", "06", "08", "09", "10", "11"]),
            rx_drord_no=f"R{visit.mdtrt_id[1:]}{draw.randrange(2)}",
        )  # fmt: skip

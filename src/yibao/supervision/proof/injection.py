"""Examples of every kind as further files of a lake's clone (样例注入).

    inject   clone → the examples of each rule in a world of their own → ids of their own → one file per table and month

The clone shares the lake's files by hard links (copies on another disk); nothing is ever written to the lake itself.
"""

import importlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from inspect import signature
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yibao.supervision.kinds.kind import Point
from yibao.supervision.rulebook import Rulebook
from yibao.supervision.tables import TABLES
from yibao.supervision.world import PLACES, World

Example = Callable[[World, Any, int, Sequence[Any]], str]
LEAST = 10
"""Examples of each rule, when a kind has so many rules that its share is less."""
SHORTEST = 5
"""Characters of the shortest code of items that longer ones begin with."""
PART = "part-90000.parquet"
SHARED_DOCTORS = ("D1", "DV")
"""Doctors that every rule's examples have: each rule gets its own of them."""
DOCTORS = ("chfpdr_code", "bilg_dr_code", "oper_dr_code", "anst_dr_code")
NUMBERS = ("mdtrt_id", "setl_id", "bkkp_sn", "rx_drord_no")
FLAGS = {"refl_old_mdtrt_id": None, "inhosp_stas": "0", "drt_reim_flag": "1", "clr_way": "1", "clr_type": "11"}


class Expected(msgspec.Struct, frozen=True):
    """Examples of one rule: persons, institutions or doctors that must be found, and those that must stay clean."""

    rule_id: str
    kind: str
    severity: str
    violations: tuple[str, ...]
    clean: tuple[str, ...]


def inject(lake: Path, into: Path, rulebook: Rulebook, each: int = 50) -> list[Expected]:
    """Clone a lake with at least `each` violations and look-alikes of every kind; what they are, by rule.

    `into` must not be there yet. Kinds without a module of examples are expected with none.
    """
    clone(lake, into)
    year = min(int(one.name.removeprefix("year=")) for one in lake.glob("setl_d/year=*"))
    expected, tables, alone = [], [], Alone(rulebook)
    for kind in rulebook.kinds:
        for made, world in _of_kind(rulebook, kind, each, year, alone):
            expected.append(made)
            tables.append(_own(world, made.rule_id, rulebook.points(kind).all))
    _write({name: [one[name] for one in tables] for name in TABLES.values()}, lake, into)
    return expected


def clone(lake: Path, into: Path) -> None:
    """The same files under another folder, without their bytes where the disk allows it."""
    into.mkdir(parents=True)
    shutil.copytree(lake, into, copy_function=_link, dirs_exist_ok=True)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _of_kind(rulebook: Rulebook, kind: str, each: int, year: int, alone: "Alone") -> Iterator[tuple[Expected, World]]:
    """Every rule of a kind with its share of the examples, their numbers never twice."""
    points: dict[str, list[Point]] = {}
    for point in rulebook.points(kind):
        if point.valid_from.year <= year <= point.valid_to.year and _of_year(point, year):
            points.setdefault(point.rule_id, []).append(point)
    share = max(-(-each // max(len(points), 1)), LEAST)
    for place, (rule_id, rows) in enumerate(sorted(points.items())):
        world, wrong, right = World(), [], []
        if make := _examples(kind):
            able = [point for point in rows if _able(make, point, rows)]
            spread = _spread([point for point in able if alone(point, rows)] or able, share)
            for number, point in enumerate(islice(cycle(spread), share), place * share):
                wrong.append(make[0](world, point, number, rows))
                right.append(make[1](world, point, number, rows))
        severity = rulebook.rules[rule_id].severity
        yield Expected(rule_id, kind, severity, tuple(wrong), tuple(right)), world


def _examples(kind: str) -> tuple[Example, Example] | None:
    """How a kind's violations and look-alikes are made; None when it has no module of examples."""
    try:
        module = importlib.import_module(f"yibao.supervision.examples.{kind}")
    except ModuleNotFoundError:
        return None
    return _given_points(module.violations), _given_points(module.clean)


def _able(make: tuple[Example, Example], point: Point, points: Sequence[Point]) -> bool:
    """Whether there are examples of the point: not of those that only stand by another one (a first-line drug)."""
    if getattr(point, "role", "needs") != "needs":
        return False
    try:
        for one in make:
            one(World(), point, 0, points)
    except ValueError:
        return False
    return True


def _spread(points: list[Point], number: int) -> list[Point]:
    """At most so many points, from the first to the last."""
    return [points[place * len(points) // number] for place in range(min(number, len(points)))] or points


class Alone:
    """Whether no other rule of severity violation looks at the items of a point (and of its group).

    A look-alike of one rule is not clean where another rule limits the same item: a second test in a fortnight may be
    paid by the rule of the stay and not by that of the fortnight.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        every = [point for kind in rulebook.kinds for point in rulebook.points(kind)]
        codes = {point.code for point in every if point.code}
        self.rules: dict[str, set[str]] = {}
        definite = (point for point in every if rulebook.rules[point.rule_id].severity == "violation")
        for point in definite:
            for code in codes.intersection(_texts(point)):
                self.rules.setdefault(code, set()).add(point.rule_id)

    def __call__(self, point: Point, points: Sequence[Point]) -> bool:
        group = getattr(point, "group", "")
        mates = [one for one in points if group and getattr(one, "group", "") == group]
        return all(self._of(text) <= {point.rule_id} for one in (point, *mates) for text in _texts(one))

    def _of(self, code: str) -> set[str]:
        """Rules of the code, and of codes it begins with."""
        parts = (code[:length] for length in range(SHORTEST, len(code) + 1))
        return set().union(*(self.rules.get(part, set()) for part in parts))


def _given_points(make: Callable[..., str]) -> Example:
    """Some examples need the other points of their rule."""
    if "points" in signature(make).parameters:
        return make
    return lambda world, point, number, points: make(world, point, number)


def _of_year(point: Point, year: int) -> bool:
    """Points of one occasion (a holiday) only where the lake has it."""
    first = getattr(point, "first_day", None)
    return not isinstance(first, date) or first.year == year


def _own(world: World, rule_id: str, points: Sequence[Point]) -> dict[str, pa.Table]:
    """The world's tables with numbers, places and doctors that no other rule's examples have."""
    named = {value for point in points for value in _texts(point)}
    places = {
        one.fixmedins_code: f"{one.fixmedins_code[:5]}{rule_id}{one.fixmedins_code[-3:]}"
        for one in PLACES
        if one.fixmedins_code not in named
    }
    return {name: _renamed(table, rule_id, places, named) for name, table in world.tables().items()}


def _texts(point: Point) -> Iterator[str]:
    for name in point.__dataclass_fields__:
        value = getattr(point, name)
        if isinstance(value, str):
            yield from value.split()


def _renamed(table: pa.Table, rule_id: str, places: dict[str, str], named: set[str]) -> pa.Table:
    for place, name in enumerate(table.column_names):
        if name in NUMBERS:
            values = [one and f"{one[0]}{rule_id}{one[1:]}" for one in table[name].to_pylist()]
        elif name == "fixmedins_code":
            values = [places.get(one, one) for one in table[name].to_pylist()]
        elif name in DOCTORS:
            values = [_doctor(one, rule_id, named) for one in table[name].to_pylist()]
        else:
            continue
        table = table.set_column(place, name, pa.array(values, pa.string()))
    return table


def _doctor(code: str, rule_id: str, named: set[str]) -> str:
    shared = code == SHARED_DOCTORS[0] or code.startswith(SHARED_DOCTORS[1])
    return f"{code}{rule_id}" if shared and code not in named else code


def _write(tables: dict[str, list[pa.Table]], lake: Path, into: Path) -> None:
    """One file for each table, and month of settlement where the lake has months."""
    bills = pa.concat_tables(tables["setl_d"])
    month_of = dict(zip(bills["mdtrt_id"].to_pylist(), _months(bills["setl_time"]), strict=True))
    for name, parts in tables.items():
        table = pa.concat_tables(parts)
        schema = pq.read_schema(next((lake / name).rglob("*.parquet")))
        if "mdtrt_id" not in table.column_names:
            key = "psn_no" if name == "psn_info_d" else "fixmedins_code"
            _write_file(_fitted(_once(table, key), schema), into / name / PART)
            continue
        months = [month_of[one] for one in table["mdtrt_id"].to_pylist()]
        for month in sorted(set(months)):
            rows = table.filter(pa.array([one == month for one in months]))
            _write_file(_fitted(rows, schema), into / name / f"year={month[:4]}" / f"month={month[5:]}" / PART)


def _months(times: Any) -> list[str]:
    return [str(one) for one in pc.strftime(times, format="%Y-%m").to_pylist()]


def _once(table: pa.Table, key: str) -> pa.Table:
    seen: dict[str, int] = {}
    for place, value in enumerate(table[key].to_pylist()):
        seen.setdefault(value, place)
    return table.take(list(seen.values()))


def _fitted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of the lake's own files: unknown texts are null, amounts that records do not have are nothing."""
    columns = []
    for field in schema:
        if field.name in table.column_names:
            column = table[field.name]
            if pa.types.is_string(column.type):
                column = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
            columns.append(column.cast(field.type))
        else:
            columns.append(_absent(field, table))
    return pa.table(columns, schema=schema)


def _absent(field: pa.Field, table: pa.Table) -> Any:
    rows = table.num_rows
    if pa.types.is_integer(field.type):
        return pa.array([0] * rows, field.type)
    if pa.types.is_list(field.type):
        return pa.array([[]] * rows, field.type)
    return pa.array([FLAGS.get(field.name)] * rows if field.name in FLAGS else [None] * rows, field.type)


def _write_file(table: pa.Table, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, file, compression="zstd")

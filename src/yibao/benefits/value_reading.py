"""Read a *value* of a pack: a number, the name of a parameter, or dated blocks; yuan → fen, percent → basis points.

What a number means depends on where it stands, the `kind`: `money` (fen, none, or a share of the total), `percent`
(segments), `limit` (fen or unlimited), `count` (a plain number, e.g. days).
"""

import datetime
from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from yibao.benefits.arithmetic import UNLIMITED
from yibao.benefits.condition import Condition
from yibao.benefits.document import Document, Problem, Where
from yibao.benefits.pack import FIRST_DAY, LAST_DAY
from yibao.benefits.value import Adjustment, Amount, Block, Row, Segments, Share, Source, Value
from yibao.core.money import BASIS_POINTS, fen_from_yuan

ADJUST_WORDS = {
    "money": ("add", "minus", "factor", "none", "at_most_of_original"),
    "limit": ("add", "minus", "factor", "unlimited", "at_most_of_original"),
    "percent": ("add_points", "minus_points", "factor"),
    "count": ("add", "minus", "factor"),
}
ReadCondition = Callable[[Mapping[str, Any], Where], Condition]


def basis_points(percent: int | Decimal) -> int:
    """Percent → basis points; 87.5 → 8750. Percents have the same scale to basis points as yuan to fen."""
    return fen_from_yuan(percent)


def day_of(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


class ValueReader:
    """Reads the values of one document; problems go to the shared list."""

    def __init__(
        self, document: Document, problems: list[Problem], sources: Mapping[str, Source], condition: ReadCondition
    ) -> None:
        self.document = document
        self.parameters: Mapping[str, Any] = document.data.get("parameters", {})
        self.problems, self.sources, self.condition = problems, sources, condition
        self.named: dict[tuple[str, str], Value] = {}

    def fault(self, path: Where, message: str) -> None:
        problem = self.document.problem(path, message)
        if problem not in self.problems:
            self.problems.append(problem)

    def read(self, data: Any, path: Where, kind: str) -> Value:
        """The value at `path`, as `kind`."""
        if isinstance(data, str):
            return self.by_name(data, path, kind)
        if isinstance(data, list):
            return Value(str(path[-1]), self.blocks(data, path, kind))
        row = Row(Condition(), self.amount(data, path, kind))
        return Value("", (Block(FIRST_DAY, LAST_DAY, (row,)),))

    def by_name(self, name: str, path: Where, kind: str) -> Value:
        if name not in self.parameters:
            known = ", ".join(self.parameters) or "none"
            self.fault(path, f"no parameter is called {name} (there are: {known})")
            return Value(name, ())
        if (name, kind) not in self.named:
            data = self.parameters[name]
            blocks = self.blocks(data["values"], ("parameters", name, "values"), kind)
            self.named[name, kind] = Value(data.get("title", name), blocks)
        return self.named[name, kind]

    def blocks(self, data: list[Any], path: Where, kind: str) -> tuple[Block, ...]:
        blocks = tuple(self.block(item, (*path, k), kind) for k, item in enumerate(data))
        ordered = sorted(range(len(blocks)), key=lambda k: blocks[k].start)
        for first, second in pairwise(ordered):
            if blocks[second].start <= blocks[first].end:
                self.fault((*path, second), f"overlaps the period from {blocks[first].start} to {blocks[first].end}")
        return blocks

    def block(self, data: Mapping[str, Any], path: Where, kind: str) -> Block:
        start, end = self.period(data, path)
        if ("is" in data) == ("rows" in data):
            self.fault(path, "needs either `is` or `rows`")
        rows = [(data, path)] if "is" in data else [
            (row, (*path, "rows", k)) for k, row in enumerate(data.get("rows", []))
        ]  # fmt: skip
        shares = any(isinstance(row["is"], Mapping) for row, _ in rows)
        if shares and any({"add", "minus", "at_least", "at_most"} & row.keys() for row in data.get("adjust", [])):
            self.fault((*path, "adjust"), "a share of the total can only be adjusted by `factor` or `none`")
        source = self.source(data, path)
        return Block(
            start, end, tuple(self.row(row, where, kind) for row, where in rows),
            tuple(self.adjustment(item, (*path, "adjust", k), kind) for k, item in enumerate(data.get("adjust", []))),
            source, data.get("clause", ""),
            data.get("unverified", False) or (source is not None and source.grade in ("C", "D")),
        )  # fmt: skip

    def period(self, data: Mapping[str, Any], path: Where) -> tuple[datetime.date, datetime.date]:
        start, end = (self.day(data, key, path) for key in ("from", "to"))
        if start and end and end < start:
            self.fault((*path, "to"), "lies before `from`")
        return start or FIRST_DAY, end or LAST_DAY

    def day(self, data: Mapping[str, Any], key: str, path: Where) -> datetime.date | None:
        try:
            return day_of(data[key]) if key in data else None
        except ValueError:
            self.fault((*path, key), f"{data[key]} is no day of the calendar")
            return None

    def source(self, data: Mapping[str, Any], path: Where) -> Source | None:
        name = data.get("source")
        if name and name not in self.sources:
            known = ", ".join(self.sources) or "none"
            self.fault((*path, "source"), f"no source is called {name} (there are: {known})")
        return self.sources.get(name) if name else None

    def row(self, data: Mapping[str, Any], path: Where, kind: str) -> Row:
        return Row(self.condition(data, path), self.amount(data["is"], (*path, "is"), kind))

    def amount(self, data: Any, path: Where, kind: str) -> Amount:
        """One answer in the unit of its kind; a wrong shape is a fault and counts as 0."""
        if isinstance(data, Decimal) and data != round(data, 2):
            self.fault(path, f"{data} has more than two decimals")
        plain = isinstance(data, int | Decimal) and not isinstance(data, bool)
        if kind == "percent":
            return self.segments(data if isinstance(data, list) else [{"percent": data}], path, plain)
        if kind == "count" and isinstance(data, int):
            return data
        if kind in ("money", "limit") and plain:
            return fen_from_yuan(data)
        if (kind, data) == ("money", "none"):
            return 0
        if (kind, data) == ("limit", "unlimited"):
            return UNLIMITED
        if kind == "money" and isinstance(data, Mapping):
            high = fen_from_yuan(data["at_most"]) if "at_most" in data else UNLIMITED
            return Share(basis_points(data["percent_of_total"]), fen_from_yuan(data.get("at_least", 0)), high)
        self.fault(path, f"{data!r} cannot stand where {_WANTED[kind]} is needed")
        return 0

    def segments(self, data: list[Any], path: Where, plain: bool) -> Segments:
        if not plain and not isinstance(data[0].get("percent"), int | Decimal):
            self.fault(path, f"{data[0].get('percent')!r} cannot stand where a percent or segments are needed")
            return ((UNLIMITED, 0),)
        if any("to" not in segment for segment in data[:-1]):
            self.fault(path, "only the last segment may be without `to`")
        if any(segment["percent"] > 100 for segment in data):
            self.fault(path, "a percent is more than 100")
        pairs = [
            (fen_from_yuan(segment["to"]) if "to" in segment else UNLIMITED, basis_points(segment["percent"]))
            for segment in data
        ]
        if any(after[0] <= before[0] for before, after in pairwise(pairs)):
            self.fault(path, "the `to` of segments must rise")
        return tuple(pairs) if pairs[-1][0] == UNLIMITED else (*pairs, (UNLIMITED, 0))

    def adjustment(self, data: Mapping[str, Any], path: Where, kind: str) -> Adjustment:
        for word in data:
            if any(word in words for words in ADJUST_WORDS.values()) and word not in ADJUST_WORDS[kind]:
                self.fault((*path, word), f"cannot adjust {_WANTED[kind]}")
        unit = int if kind == "count" else fen_from_yuan
        plus = data.get("add", data.get("add_points", 0))
        minus = data.get("minus", data.get("minus_points", 0))
        replaced = 0 if data.get("none") else UNLIMITED if data.get("unlimited") else None
        bounds = {key: unit(data[key]) for key in ("at_least", "at_most") if key in data}
        share = {key: basis_points(data[key]) for key in ("at_most_of_original",) if key in data}
        factor = int(Decimal(data.get("factor", 1)) * BASIS_POINTS)
        return Adjustment(
            self.condition(data, path), unit(plus) - unit(minus), factor, data.get("each", ""), data.get("after", 0),
            data.get("every", 1), replaced_by=replaced, **bounds, **share,
        )  # fmt: skip


_WANTED = {
    "money": "an amount in yuan (or `none`, or a share of the total)", "percent": "a percent or segments",
    "limit": "an amount in yuan or `unlimited`", "count": "a whole number",
}  # fmt: skip

"""Small drawings beside numbers: where a value lies among its peers, the course of months and of days. Plain SVG.

Boxes are 1000 wide and stretched by the page; text stands outside of them, so it never shrinks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.core.money import divide_half_up

BOX = 1000
HEIGHT = 100


@dataclass(frozen=True, slots=True)
class Strip:
    """Peers on one line: places of 0 to 1000; `lower` to `upper` is the usual."""

    dots: tuple[int, ...]
    own: int | None
    median: int
    lower: int
    upper: int


@dataclass(frozen=True, slots=True)
class Course:
    """Values over time as points of a polyline; `marks` are the unusual ones (x, y, high or low)."""

    line: str
    expected: str
    marks: tuple[tuple[int, int, str], ...]
    first: str
    last: str
    top: int


def strip_of(values: Sequence[int], own: int | None, median: int, lower: int, upper: int) -> Strip:
    """A strip from the lowest to the highest of all that is drawn."""
    every = [*values, median, lower, upper, *([own] if own is not None else [])]
    low, span = min(every), max(max(every) - min(every), 1)

    def at(value: int) -> int:
        return divide_half_up((value - low) * (BOX - 20), span) + 10

    return Strip(
        tuple(sorted({at(value) for value in values})), None if own is None else at(own), at(median), at(lower),
        at(upper),
    )  # fmt: skip


def months_course(rows: Sequence[Mapping[str, Any]]) -> Course | None:
    """The months of an indicator beside the median of the peers; None with one month only."""
    if len(rows) < 2:
        return None
    points = [(row["month"], row["value"], row["median"] if row["peers"] else None, row["verdict"]) for row in rows]
    return _course(points, "%Y-%m")


def days_course(rows: Sequence[Mapping[str, Any]]) -> Course | None:
    """Days of an institution beside what was to be expected."""
    if len(rows) < 2:
        return None
    return _course([(row["day"], row["value"], row["expected"], row["verdict"]) for row in rows], "%m-%d")


def _course(points: Sequence[tuple[date, int, int | None, str]], form: str) -> Course:
    first, last = points[0][0], points[-1][0]
    top = max(1, *(value for _, value, _, _ in points), *(other or 0 for _, _, other, _ in points))

    def at(day: date, value: int) -> tuple[int, int]:
        across = divide_half_up((day - first).days * (BOX - 20), max((last - first).days, 1)) + 10
        return across, HEIGHT - 6 - divide_half_up(value * (HEIGHT - 12), top)

    marks = [(*at(day, value), _side(verdict)) for day, value, _, verdict in points if _side(verdict)]
    return Course(
        _line([at(day, value) for day, value, _, _ in points]),
        _line([at(day, other) for day, _, other, _ in points if other is not None]),
        tuple(marks), first.strftime(form), last.strftime(form), top,
    )  # fmt: skip


def _side(verdict: str) -> str:
    return {"high": "high", "rising": "high", "low": "low", "falling": "low"}.get(verdict, "")


def _line(points: Sequence[tuple[int, int]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)

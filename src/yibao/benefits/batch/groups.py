"""Groups of visits (人群分组) that a simulation reports on: any facts together, and the year."""

import datetime
from collections.abc import Sequence
from typing import Any

from yibao.benefits.batch.visits import Array, Source, Visits
from yibao.benefits.condition import label_of
from yibao.benefits.facts import FACTS

DEFAULT_GROUPS = ("insurance", "status", "tags")
GROUPS = ("year", *(name for name in FACTS if name != "admission"))


def group_columns(visits: Visits, by: Sequence[str]) -> list[tuple[Array, Sequence[int]]]:
    """For each name: a code by visit, and the number of the group's value by code."""
    return [_column(visits, name) for name in by]


def labels_of(visits: Visits, by: Sequence[str], visit: int) -> tuple[str, ...]:
    """What the group of this visit is called, a text for each name."""
    facts = visits.facts_of(visit)
    return tuple(
        str(visits.day_of(visit).year) if name == "year" else value_label(name, getattr(facts, name)) for name in by
    )


def value_label(name: str, value: Any) -> str:
    """A fact as people read it: 职工基本医疗保险, 低保、重度残疾, 3."""
    if isinstance(value, frozenset):
        return "、".join(sorted(value)) or "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    label = (FACTS[name].values or {}).get(value, str(value))
    return label.partition(" ")[0] or "无"


def group_label(name: str) -> str:
    """The heading of a group's column."""
    return "年度" if name == "year" else label_of(name)


def _column(visits: Visits, name: str) -> tuple[Array, Sequence[int]]:
    if name not in GROUPS:
        raise ValueError(f"no group is called {name} (there are: {', '.join(GROUPS)})")
    if name == "year":
        length = int(visits.day.max()) + 1
        return visits.day, [
            (visits.first_day + datetime.timedelta(days=k)).year - visits.first_day.year for k in range(length)
        ]
    for source in visits.sources:
        if name in source.facts:
            return source.codes, _numbers(source, name)
    return visits.persons[:0], [0]  # no column tells this fact: everybody has its default


def _numbers(source: Source, name: str) -> list[int]:
    place = source.facts.index(name)
    known: dict[Any, int] = {}
    return [known.setdefault(values[place], len(known)) for values in source.values]

"""Rows of the made-up catalogue while it is drawn: published names, classes, own shares, prices around a median."""

import csv
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import numpy as np

from yibao.core.money import BASIS_POINTS
from yibao.simulate.catalogue_plan import ResidentMore, Shares
from yibao.simulate.draws import amounts, pick

FEN = 10_000
"""Millionths of a yuan in one fen."""
DRUGS, HERBS, SERVICES, CONSUMABLES = 101, 102, 201, 301
NO_MORE = ResidentMore(0, 0)


@dataclass(frozen=True, slots=True)
class Known:
    """A published code and name; `sex` 0 for everybody, 1 men, 2 women."""

    code: str
    name: str
    sex: int


@dataclass(slots=True)
class Rows:
    """Items as they are found, a list per column of `Catalogue`."""

    code: list[str] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    list_type: list[int] = field(default_factory=list)
    group: list[str] = field(default_factory=list)
    charge_type: list[int] = field(default_factory=list)
    chrgitm_lv: list[int] = field(default_factory=list)
    own_share: list[int] = field(default_factory=list)
    own_share_resident: list[int] = field(default_factory=list)
    price: list[int] = field(default_factory=list)
    limit: list[tuple[int, ...]] = field(default_factory=list)
    limited_use: list[bool] = field(default_factory=list)
    sex: list[int] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)
    spec: list[str] = field(default_factory=list)
    unit: list[str] = field(default_factory=list)

    def add(
        self, *, code: str, name: str, kind: tuple[int, str, int], pays: tuple[int, int, int], price: int,
        limit: tuple[int, ...], weight: float, spec: str, unit: str, sex: int = 0, limited: bool = False,
    ) -> None:  # fmt: skip
        """One item; `kind` list type, group, charge type; `pays` class and own shares; price and limits in fen."""
        self.list_type.append(kind[0])
        self.group.append(kind[1])
        self.charge_type.append(kind[2])
        self.chrgitm_lv.append(pays[0])
        self.own_share.append(pays[1])
        self.own_share_resident.append(pays[2])
        self.code.append(code)
        self.name.append(name)
        self.price.append(price * FEN)
        self.limit.append(tuple(bound * FEN if bound >= 0 else -1 for bound in limit))
        self.weight.append(weight)
        self.spec.append(spec)
        self.unit.append(unit)
        self.sex.append(sex)
        self.limited_use.append(limited)


@cache
def known_items() -> tuple[Known, ...]:
    """The published codes and names."""
    text = files("yibao.simulate").joinpath("data/known_items.csv").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return tuple(Known(row["code"], row["name"], int(row["sex"] or 0)) for row in csv.DictReader(lines))


def draw_pays(
    classes: tuple[int, ...], shares: Shares, more: ResidentMore, draw: np.random.Generator
) -> tuple[int, int, int]:
    """Class (1 甲, 2 乙, 3 丙), own share of employees and of residents in basis points."""
    chrgitm_lv = int(pick(np.array(classes), 1, draw)[0]) + 1
    return class_pays(chrgitm_lv, shares, more, draw)


def class_pays(chrgitm_lv: int, shares: Shares, more: ResidentMore, draw: np.random.Generator) -> tuple[int, int, int]:
    """The same for a class that is given."""
    if chrgitm_lv != 2:
        own = 0 if chrgitm_lv == 1 else BASIS_POINTS
        return chrgitm_lv, own, own
    own = list(shares)[int(pick(np.array(list(shares.values())), 1, draw)[0])]
    extra = more.points if draw.integers(BASIS_POINTS) < more.share else 0
    return chrgitm_lv, own, own + extra


def spread(price: int, by: int, draw: np.random.Generator) -> int:
    """A price in fen drawn around another, at least one fen; `by` thousandths of the logarithm."""
    return int(amounts(price, by / 1000, 1, draw)[0])

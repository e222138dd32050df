"""Indicators of a city as data (指标定义): areas/<city>/supervision/indicators.yaml.

`definitions_of("340600")` reads them once per process.
"""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from yibao.core.config import AREAS, ConfigurationError
from yibao.core.errors import Refusal, Refused
from yibao.core.money import divide_half_up

Level = Literal["institution", "department", "doctor"]
Unit = Literal["count", "fen", "basis_points", "hundredths"]
SCALES = {"count": 1, "fen": 1, "basis_points": 10_000, "hundredths": 100}
ALL_LEVELS: tuple[Level, ...] = ("institution", "department", "doctor")


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an indicator comes from; grades as in docs/areas.md."""

    title: str
    grade: str


class Indicator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One indicator: sum of the facts `numerator` ÷ sum of the facts `denominator`, in whole `unit`s, half-up.

    `fewest`: below this denominator the value is shown but not judged. `direction`: which side is a concern.
    """

    name: str
    title: str
    group: str
    numerator: tuple[str, ...]
    unit: Unit
    judged: Literal["robust", "proportion", "poisson", "none"]
    direction: Literal["high", "low", "both"]
    source: str
    denominator: tuple[str, ...] = ()
    fewest: int = 0
    levels: tuple[Level, ...] = ALL_LEVELS

    def value(self, numerator: int, denominator: int) -> int:
        """The value in whole units; `denominator` is 1 for a plain sum."""
        return divide_half_up(numerator * SCALES[self.unit], denominator)


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is unusual: z and sigmas in hundredths, weights and floors in basis points."""

    robust_z: int
    sigmas: int
    fewest_peers: int
    ewma_weight: int
    fewest_days: int
    ratio_floor: int
    share_floor: int
    best_labels: int


class Alerting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From where an alert is raised: |z| in hundredths, score of 0–100, and so many institutions a month."""

    indicators_from: int
    score_from: int
    cases_per_month: int


class BedChecking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Minutes to answer, stays in one sample, metres beyond which a place is far from the institution."""

    minutes: int
    largest_sample: int
    far_metres: int


class _Area(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    name: str


class Definitions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything of one city that monitoring needs."""

    area: _Area
    sources: dict[str, Source]
    limits: Limits
    alerts: Alerting
    bed_check: BedChecking
    indicators: tuple[Indicator, ...]

    def __getitem__(self, name: str) -> Indicator:
        return next(one for one in self.indicators if one.name == name)

    def at(self, level: Level) -> tuple[Indicator, ...]:
        """The indicators of this level."""
        return tuple(one for one in self.indicators if level in one.levels)


@cache
def all_definitions() -> dict[str, Definitions]:
    """Definitions by the city's code, read once per process."""
    found = [_read(file) for file in sorted(AREAS.glob("*/supervision/indicators.yaml"))]
    return {one.area.code: one for one in found}


def definitions_of(admdvs: str) -> Definitions:
    """Those of the city of an area code; `Refused` V601 when it has none."""
    for code, found in all_definitions().items():
        if admdvs[:4] == code[:4]:
            return found
    raise Refused(Refusal("V601", f"{admdvs} 没有监测指标定义", "请在 areas/<城市>/supervision/indicators.yaml 里定义"))


def city_definitions() -> Definitions:
    """Those of the first city that has some: an installation runs one city; `Refused` V601 when there is none."""
    return next(iter(all_definitions().values()), None) or definitions_of("")


def _read(file: Path) -> Definitions:
    try:
        content: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
        found = msgspec.convert(content, Definitions)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{file}: {error}") from error
    for one in found.indicators:
        if one.source not in found.sources:
            raise ConfigurationError(f"{file}: {one.name}: source {one.source!r} is not among the sources")
    return found

"""Days of an institution (日序列): what was to be expected of a day, and which days and weeks left the usual. Pure.

The expectation of a day is the median of the institution's like days (working day, Saturday, Sunday, holiday), times
how the surrounding four weeks lie to the whole (seasons, influenza): a robust regression on weekday and holiday. The
residual is told in robust standard deviations of the like days; an EWMA of the residuals finds small lasting shifts
that no single day shows (limits ± L√(λ/(2−λ)); a residual counts at most L there, so that one leap does not mark the
days after it). Working days and holidays are those of `population.working_days`;
of a year without notice only weekends are known.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from math import sqrt
from statistics import median

import msgspec

from yibao.population.working_days import is_working_day
from yibao.supervision.monitoring.definitions import Limits

CONSISTENT = 1.4826
AROUND = timedelta(days=14)
SATURDAY = 5


class Day(msgspec.Struct, frozen=True):
    """One day: `expected` in the unit of `value`; residual and ewma in hundredths of a standard deviation."""

    day: date
    value: int
    expected: int
    residual: int
    ewma: int
    verdict: str


def judge_days(values: Mapping[date, int], limits: Limits) -> list[Day]:
    """The days from the first to the last one, those without a value as 0; [] when there are too few."""
    if not values:
        return []
    first, last = min(values), max(values)
    days = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    if len(days) < limits.fewest_days:
        return []
    whole = {day: values.get(day, 0) for day in days}
    expected = expectations(whole)
    spread = {kind: _spread(whole, expected, kind) for kind in {kind_of_day(day) for day in days}}
    return _charted(whole, expected, spread, limits)


@lru_cache(maxsize=4_096)
def kind_of_day(day: date) -> str:
    """working, saturday, sunday or holiday (a weekday without work)."""
    if is_working_day(day):
        return "working"
    return {SATURDAY: "saturday", SATURDAY + 1: "sunday"}.get(day.weekday(), "holiday")


def expectations(values: Mapping[date, int]) -> dict[date, float]:
    """The median of like days × the season around the day."""
    kinds: dict[str, list[int]] = {}
    for day, value in values.items():
        kinds.setdefault(kind_of_day(day), []).append(value)
    usual = {kind: median(of_kind) for kind, of_kind in kinds.items()}
    return {day: usual[kind_of_day(day)] * _season(day, values, usual) for day in values}


def _season(day: date, values: Mapping[date, int], usual: Mapping[str, float]) -> float:
    """How the four weeks around a day lie to their like days: a median of ratios, without the day itself."""
    ratios = []
    for offset in range(-AROUND.days, AROUND.days + 1):
        near = day + timedelta(days=offset)
        if offset and near in values and usual[kind_of_day(near)] > 0:
            ratios.append(values[near] / usual[kind_of_day(near)])
    return median(ratios) if len(ratios) >= 7 else 1.0


def _spread(values: Mapping[date, int], expected: Mapping[date, float], kind: str) -> float:
    """Robust standard deviation of one kind of day; never below that of a Poisson count of this size."""
    errors = [abs(values[day] - expected[day]) for day in values if kind_of_day(day) == kind]
    typical = median(expected[day] for day in values if kind_of_day(day) == kind)
    return max(CONSISTENT * median(errors), sqrt(max(typical, 1.0)))


def _charted(
    values: Mapping[date, int], expected: Mapping[date, float], spread: Mapping[str, float], limits: Limits
) -> list[Day]:
    weight, level, charted = limits.ewma_weight / 10_000, 0.0, []
    reach, lasting = limits.sigmas / 100, limits.sigmas / 100 * sqrt(weight / (2 - weight))
    for day, value in values.items():
        residual = (value - expected[day]) / spread[kind_of_day(day)]
        level = weight * max(-reach, min(residual, reach)) + (1 - weight) * level
        verdict = _verdict(residual, reach, level, lasting)
        charted.append(Day(day, value, round(expected[day]), round(100 * residual), round(100 * level), verdict))
    return charted


def _verdict(residual: float, reach: float, level: float, lasting: float) -> str:
    if abs(residual) > reach:
        return "high" if residual > 0 else "low"
    if abs(level) > lasting:
        return "rising" if level > 0 else "falling"
    return "usual"

"""Judging a value beside those of its peers (同级同类对比): robust z, funnel limits, Tukey's fence. Pure.

    robust       z = 0.6745 × (value − median) ÷ MAD; also Q3 + 1.5 × (Q3 − Q1) and Q1 − 1.5 × (Q3 − Q1)
    proportion   p ± 3 × √(p(1−p) ÷ n) around the share of all peers together: small ones may differ more
    poisson      e ± 3 × √e around what is expected from the rate of all peers together and the own exposure

Peers are of the same type and level. Below `fewest` cases, or with too few peers, nothing is judged. A verdict carries
its numbers: values, medians and limits in the unit of the indicator, z in hundredths (for funnels: standard errors).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from math import sqrt
from statistics import median, quantiles
from typing import Literal

import msgspec

from yibao.supervision.monitoring.definitions import SCALES, Definitions, Indicator, Limits

Verdict = Literal["high", "low", "usual", "few_cases", "few_peers", "not_judged"]
CONSISTENT = 0.6745
"""The MAD of a normal distribution in standard deviations: makes z comparable."""


class Value(msgspec.Struct, frozen=True):
    """One value of an indicator; `unit` is a department's or doctor's code, "" for the institution."""

    fixmedins_code: str
    unit: str
    period: date
    indicator: str
    peer_group: str
    numerator: int
    denominator: int
    value: int


class Judged(msgspec.Struct, frozen=True):
    """A value with its verdict: peers judged by, their median, the limits of the usual, z in hundredths."""

    value: Value
    verdict: Verdict
    peers: int = 0
    median: int = 0
    lower: int = 0
    upper: int = 0
    z: int = 0


def judge(definitions: Definitions, values: Iterable[Value]) -> list[Judged]:
    """All values of one level, each beside its peers of the same period."""
    groups: dict[tuple[str, date, str], list[Value]] = defaultdict(list)
    for one in values:
        groups[one.indicator, one.period, one.peer_group].append(one)
    return [
        judged
        for (name, _, _), group in groups.items()
        for judged in judge_group(definitions[name], definitions.limits, group)
    ]


def judge_group(indicator: Indicator, limits: Limits, group: list[Value]) -> list[Judged]:
    """Values of one indicator, period and peer group."""
    if indicator.judged == "none":
        return [Judged(one, "not_judged") for one in group]
    enough = [one for one in group if one.denominator >= indicator.fewest]
    few = [Judged(one, "few_cases", len(enough)) for one in group if one.denominator < indicator.fewest]
    if len(enough) < limits.fewest_peers:
        return few + [Judged(one, "few_peers", len(enough)) for one in enough]
    if indicator.judged == "robust":
        return few + _robust(indicator, limits, enough)
    return few + [_funnel(indicator, limits, enough, one) for one in enough]


def _robust(indicator: Indicator, limits: Limits, group: list[Value]) -> list[Judged]:
    values = [one.value for one in group]
    middle = median(values)
    spread = max(median(abs(value - middle) for value in values), abs(middle) * limits.ratio_floor / 10_000, 0.5)
    first, _, third = quantiles(values, n=4, method="inclusive")
    reach = limits.robust_z / 100 * spread / CONSISTENT
    upper = max(middle + reach, third + 1.5 * (third - first))
    lower = max(min(middle - reach, first - 1.5 * (third - first)), 0)
    return [
        Judged(
            one, verdict_of(indicator, one.value, lower, upper), len(group), _whole(middle), _whole(lower),
            _whole(upper), _whole(100 * CONSISTENT * (one.value - middle) / spread),
        )
        for one in group
    ]  # fmt: skip


def _funnel(indicator: Indicator, limits: Limits, group: list[Value], one: Value) -> Judged:
    scale, cases = SCALES[indicator.unit], sum(other.denominator for other in group)
    rate = sum(other.numerator for other in group) / cases
    variance = rate * (1 - rate) if indicator.judged == "proportion" else rate
    error = sqrt(max(variance, 0) / one.denominator)
    reach = limits.sigmas / 100 * error
    lower, upper = max(rate - reach, 0) * scale, (rate + reach) * scale
    z = 100 * (one.numerator / one.denominator - rate) / error if error else 0
    verdict = verdict_of(indicator, one.value, lower, upper)
    return Judged(one, verdict, len(group), _whole(rate * scale), _whole(lower), _whole(upper), _whole(z))


def verdict_of(indicator: Indicator, value: int, lower: float, upper: float) -> Verdict:
    """Beyond a limit on a side that is a concern."""
    if value > upper and indicator.direction in ("high", "both"):
        return "high"
    if value < lower and indicator.direction in ("low", "both"):
        return "low"
    return "usual"


def _whole(number: float) -> int:
    return int(number + 0.5) if number >= 0 else -int(-number + 0.5)

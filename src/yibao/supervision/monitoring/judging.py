"""Judging a value beside those of its peers (同级同类对比): robust z, funnel limits, Tukey's fence. Pure.

    robust       z = 0.6745 × (value − median) ÷ MAD; also Q3 + 1.5 × (Q3 − Q1) and Q1 − 1.5 × (Q3 − Q1). Where more
                 than half of the peers are alike (MAD 0) the mean deviation stands in (Iglewicz and Hoaglin)
    proportion   3 standard errors around the share of all peers together: small ones may differ more
    poisson      the same around the rate of all peers together
                 errors are measured on arcsin √p and √rate, where they are 1 ÷ 2√n whatever the rate is: p ± 3√(pq÷n)
                 makes alarm of three cases where one is expected. Both widened where peers differ more than chance
                 lets them: √φ, φ the mean of the squared z, of which the outermost tenth on each side is drawn in
                 (Spiegelhalter, Funnel plots for comparing institutional performance, 2005)

Peers are of the same type and level. Below `fewest` cases, or with too few peers, nothing is judged. A verdict carries
its numbers: values, medians and limits in the unit of the indicator, z in hundredths (for funnels: standard errors).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from math import asin, pi, sin, sqrt
from statistics import fmean, median, quantiles
from typing import Literal

import msgspec

from yibao.supervision.monitoring.definitions import SCALES, Definitions, Indicator, Limits

Verdict = Literal["high", "low", "usual", "few_cases", "few_peers", "not_judged"]
CONSISTENT = 0.6745
"""The MAD of a normal distribution in standard deviations: makes z comparable."""
MEAN_CONSISTENT = 0.8453
"""The MAD of a normal distribution in mean absolute deviations."""


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
    return few + _funnel(indicator, limits, enough)


def _robust(indicator: Indicator, limits: Limits, group: list[Value]) -> list[Judged]:
    values = [one.value for one in group]
    middle = median(values)
    spread = _spread(indicator, limits, values, middle)
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


def _spread(indicator: Indicator, limits: Limits, values: list[int], middle: float) -> float:
    """The MAD or what stands in for it, never below the floors."""
    errors = [abs(value - middle) for value in values]
    least = limits.share_floor if indicator.unit == "basis_points" else 0.5
    return max(median(errors) or MEAN_CONSISTENT * fmean(errors), abs(middle) * limits.ratio_floor / 10_000, least)


def _funnel(indicator: Indicator, limits: Limits, group: list[Value]) -> list[Judged]:
    rate = sum(one.numerator for one in group) / sum(one.denominator for one in group)
    middle = _bent(indicator, rate)
    plain = [2 * sqrt(one.denominator) * (_bent(indicator, one.numerator / one.denominator) - middle) for one in group]
    wider = sqrt(max(_overdispersion(plain), 1.0))
    return [
        _in_funnel(indicator, limits, len(group), one, rate, z / wider, wider / (2 * sqrt(one.denominator)))
        for one, z in zip(group, plain, strict=True)
    ]


def _bent(indicator: Indicator, rate: float) -> float:
    """The rate on the scale on which its error does not hang on it."""
    return asin(sqrt(min(rate, 1.0))) if indicator.judged == "proportion" else sqrt(rate)


def _straight(indicator: Indicator, bent: float) -> float:
    """Back from there."""
    return float(sin(min(max(bent, 0.0), pi / 2)) ** 2 if indicator.judged == "proportion" else max(bent, 0.0) ** 2)


def _overdispersion(plain: list[float]) -> float:
    ordered = sorted(plain)
    tenth = len(ordered) // 10
    inner = [min(max(z, ordered[tenth]), ordered[-1 - tenth]) for z in ordered]
    return sum(z * z for z in inner) / len(inner)


def _in_funnel(
    indicator: Indicator, limits: Limits, peers: int, one: Value, rate: float, z: float, error: float
) -> Judged:
    scale, middle, reach = SCALES[indicator.unit], _bent(indicator, rate), limits.sigmas / 100 * error
    lower, upper = (_straight(indicator, middle + side) * scale for side in (-reach, reach))
    verdict = verdict_of(indicator, one.value, lower, upper)
    return Judged(one, verdict, peers, _whole(rate * scale), _whole(lower), _whole(upper), _whole(100 * z))


def verdict_of(indicator: Indicator, value: int, lower: float, upper: float) -> Verdict:
    """Beyond a limit on a side that is a concern."""
    if value > upper and indicator.direction in ("high", "both"):
        return "high"
    if value < lower and indicator.direction in ("low", "both"):
        return "low"
    return "usual"


def _whole(number: float) -> int:
    return int(number + 0.5) if number >= 0 else -int(-number + 0.5)

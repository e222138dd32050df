"""Judging a value beside those of its peers (同级同类对比): robust z, funnel limits, Tukey's fence. Pure.

    robust       z = 0.6745 × (value − median) ÷ MAD; also Q3 + 1.5 × (Q3 − Q1) and Q1 − 1.5 × (Q3 − Q1)
    proportion   p ± 3 × √(p(1−p) ÷ n) around the share of all peers together: small ones may differ more
    poisson      e ± 3 × √e around what is expected from the rate of all peers together and the own exposure
                 both widened where peers differ more than chance lets them: √φ, φ the mean of the squared z, of which
                 the outermost tenth on each side is drawn in (Spiegelhalter's overdispersion)

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
    return few + _funnel(indicator, limits, enough)


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


def _funnel(indicator: Indicator, limits: Limits, group: list[Value]) -> list[Judged]:
    scale, cases = SCALES[indicator.unit], sum(one.denominator for one in group)
    rate = sum(one.numerator for one in group) / cases
    variance = max(rate * (1 - rate) if indicator.judged == "proportion" else rate, 0.0)
    if not variance:
        return [Judged(one, "usual", len(group), _whole(rate * scale)) for one in group]
    plain = [(one.numerator / one.denominator - rate) / sqrt(variance / one.denominator) for one in group]
    wider = sqrt(max(_overdispersion(plain), 1.0))
    return [
        _in_funnel(indicator, len(group), one, rate, wider * sqrt(variance / one.denominator), limits.sigmas / 100)
        for one in group
    ]


def _overdispersion(plain: list[float]) -> float:
    ordered = sorted(plain)
    tenth = len(ordered) // 10
    inner = [min(max(z, ordered[tenth]), ordered[-1 - tenth]) for z in ordered]
    return sum(z * z for z in inner) / len(inner)


def _in_funnel(indicator: Indicator, peers: int, one: Value, rate: float, error: float, sigmas: float) -> Judged:
    scale = SCALES[indicator.unit]
    lower, upper = max(rate - sigmas * error, 0) * scale, (rate + sigmas * error) * scale
    z = _whole(100 * (one.numerator / one.denominator - rate) / error)
    verdict = verdict_of(indicator, one.value, lower, upper)
    return Judged(one, verdict, peers, _whole(rate * scale), _whole(lower), _whole(upper), z)


def verdict_of(indicator: Indicator, value: int, lower: float, upper: float) -> Verdict:
    """Beyond a limit on a side that is a concern."""
    if value > upper and indicator.direction in ("high", "both"):
        return "high"
    if value < lower and indicator.direction in ("low", "both"):
        return "low"
    return "usual"


def _whole(number: float) -> int:
    return int(number + 0.5) if number >= 0 else -int(-number + 0.5)

"""非计划再入院率: one readmission too many, and as many as may be with planned ones besides."""

from datetime import timedelta
from typing import Any

from yibao.supervision.examples._places import least_over, month_begin, place_of, stay_at, stays_at
from yibao.supervision.kinds.readmission_rate import ReadmissionRate
from yibao.supervision.world import World


def violations(world: World, point: ReadmissionRate, number: int) -> str:
    """The least number over the limit."""
    return _example(world, point, number, "V", least_over(point.limit, point.least_stays))


def clean(world: World, point: ReadmissionRate, number: int) -> str:
    """One less; others come back as planned, or on the day they left."""
    code = _example(world, point, number, "C", least_over(point.limit, point.least_stays) - 1)
    begin = month_begin(number, 2)
    if point.exempt:
        _back(world, point, code, "PLANNED", number, dscg_maindiag_code=point.exempt.split()[0])
    stay_at(world, code, "SAMEDAY", begin - timedelta(days=3), 3)
    stay_at(world, code, "SAMEDAY", begin + timedelta(hours=6))
    return code


def _example(world: World, point: ReadmissionRate, number: int, letter: str, back: int) -> str:
    code = place_of(world, letter, point, number)
    stays_at(world, code, point.least_stays - back, month_begin(number, 2))
    for one in range(back):
        _back(world, point, code, f"B{one:04d}", number)
    return code


def _back(world: World, point: ReadmissionRate, code: str, person: str, number: int, **known: Any) -> None:
    begin = month_begin(number, 2)
    away = timedelta(days=min(point.days, 2))
    stay_at(world, code, person, begin - away - timedelta(days=2), 2)
    stay_at(world, code, person, begin + timedelta(hours=3), **known)

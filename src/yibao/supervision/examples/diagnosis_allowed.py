"""诊断与性别、年龄不符: a diagnosis that the person cannot have, and one who can."""

from datetime import date, datetime, timedelta
from typing import Any

from yibao.supervision.examples._common import day_of, order, other_sex, outpatient, person_of
from yibao.supervision.kinds.diagnosis_allowed import DiagnosisAllowed
from yibao.supervision.world import World

YEAR = 366


def violations(world: World, point: DiagnosisAllowed, number: int) -> str:
    """The other sex, or too young or old."""
    day = day_of(point, number)
    who: dict[str, Any] = {"gend": other_sex(point.sex) if point.sex else "2", "brdy": _born(day, 40 * YEAR)}
    if not point.sex:
        upper = point.age_below * YEAR + 400 if point.age_below is not None else 40 * YEAR
        who["brdy"] = _born(day, 20 if point.age_from else upper)
    return _visited(world, point, number, "V", who)


def clean(world: World, point: DiagnosisAllowed, number: int) -> str:
    """A person who can have it, every other one of unknown sex."""
    day = day_of(point, number)
    sex = point.sex or "2"
    youngest = (point.age_from or 0) * YEAR + 10
    age = 3 if point.days_below is not None else max(youngest, min(40, (point.age_below or 41) - 1) * 365)
    return _visited(world, point, number, "C", {"gend": sex if number % 2 else "9", "brdy": _born(day, age)})


def _born(day: datetime, days: int) -> date:
    return max(day.date() - timedelta(days=days), date(1905, 1, 1))


def _visited(world: World, point: DiagnosisAllowed, number: int, letter: str, who: dict[str, Any]) -> str:
    psn_no, day = person_of(letter, point, number), day_of(point, number)
    visit = outpatient(world, psn_no, day, number, dscg_maindiag_code=f"{point.code}", **who)
    order(world, visit, "ORDINARY05", day + timedelta(minutes=20), number)
    return psn_no

"""节假日集中住院: one admission too many for a holiday, and as many as may be."""

from datetime import datetime, time, timedelta

from yibao.supervision.examples._places import place_of, stay_at
from yibao.supervision.kinds.holiday_admissions import HolidayAdmissions
from yibao.supervision.world import World


def violations(world: World, point: HolidayAdmissions, number: int) -> str:
    """The least number over the limit."""
    return _example(world, point, number, "V", _too_many(point))


def clean(world: World, point: HolidayAdmissions, number: int) -> str:
    """One less, and births besides."""
    code = _example(world, point, number, "C", _too_many(point) - 1)
    if point.exempt_care:
        _admit(world, point, code, 5, "E", 0, med_type=point.exempt_care.split()[0])
    return code


def _usual(point: HolidayAdmissions) -> int:
    return max(point.least_usual, point.usual_days)


def _days(point: HolidayAdmissions) -> int:
    return (point.last_day - point.first_day).days + 1


def _too_many(point: HolidayAdmissions) -> int:
    most = point.times * _usual(point) * _days(point) // (point.usual_days * 10_000)
    return max(most + 1, point.least_admissions)


def _example(world: World, point: HolidayAdmissions, number: int, letter: str, admitted: int) -> str:
    code = place_of(world, letter, point, number)
    _admit(world, point, code, _usual(point), "U", point.usual_days)
    _admit(world, point, code, admitted, "H", 0)
    return code


def _admit(
    world: World, point: HolidayAdmissions, code: str, number: int, letter: str, before: int, **known: str
) -> None:
    """Admissions spread over the holiday, or over the days before it."""
    first = datetime.combine(point.first_day, time(8)) - timedelta(days=before)
    for one in range(number):
        begin = first + timedelta(days=one % (before or _days(point)), minutes=11 * (one % 50))
        stay_at(world, code, f"{letter}{one:04d}", begin, min(one, 1), **known)

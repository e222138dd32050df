"""Working days (工作日): weekends and the yearly holiday notices of the State Council (data/holidays.yaml)."""

from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import msgspec
import yaml

SATURDAY = 5


class Year(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One year's notice: days off as spans, and weekend days that are worked."""

    source: str
    holidays: tuple[tuple[date, date], ...]
    worked: frozenset[date]


@cache
def notices() -> dict[int, Year]:
    """The notices by year."""
    text = files("yibao.population").joinpath("data/holidays.yaml").read_text(encoding="utf-8")
    return {year: msgspec.convert(notice, Year) for year, notice in yaml.safe_load(text).items()}


def is_working_day(day: date) -> bool:
    """Whether offices work; of a year without notice only weekends are known."""
    notice = notices().get(day.year)
    if notice is None:
        return day.weekday() < SATURDAY
    if day in notice.worked:
        return True
    return day.weekday() < SATURDAY and not any(first <= day <= last for first, last in notice.holidays)


def after_working_days(day: date, count: int) -> date:
    """The last day of a term of `count` working days that begins the day after `day`."""
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day

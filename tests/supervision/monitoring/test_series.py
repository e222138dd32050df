"""Days of an institution: weekdays and holidays are expected, leaps and small lasting shifts are found."""

from datetime import date, timedelta

from yibao.population.working_days import is_working_day
from yibao.supervision.monitoring.definitions import definitions_of
from yibao.supervision.monitoring.series import judge_days

LIMITS = definitions_of("340600").limits
FIRST = date(2026, 1, 1)


def usual(days: int = 90) -> dict[date, int]:
    every = [FIRST + timedelta(days=place) for place in range(days)]
    return {day: (100 if is_working_day(day) else 40) + day.day % 5 for day in every}


def unusual(values: dict[date, int]) -> dict[date, str]:
    return {one.day: one.verdict for one in judge_days(values, LIMITS) if one.verdict != "usual"}


def test_sundays_and_the_spring_festival_are_no_anomaly() -> None:
    assert unusual(usual()) == {}


def test_a_working_day_like_a_holiday_is_low_and_a_holiday_like_a_working_day_is_high() -> None:
    leap, festival = date(2026, 3, 11), date(2026, 2, 18)
    found = unusual(usual() | {leap: 40, festival: 110})
    assert (found[leap], found[festival]) == ("low", "high")


def test_a_season_that_lifts_every_day_is_no_anomaly() -> None:
    values = {day: value + (value // 2 if day >= date(2026, 2, 25) else 0) for day, value in usual().items()}
    later = [one for one in judge_days(values, LIMITS) if one.day >= date(2026, 3, 15)]
    assert {one.verdict for one in later} == {"usual"}


def test_a_few_days_are_not_judged() -> None:
    assert judge_days(usual(20), LIMITS) == []
    assert judge_days({}, LIMITS) == []


def test_days_without_a_value_count_as_none() -> None:
    values = usual()
    gone = date(2026, 3, 11)
    del values[gone]
    found = {one.day: one for one in judge_days(values, LIMITS)}
    assert (found[gone].value, found[gone].verdict) == (0, "low")


def test_one_leap_does_not_mark_the_days_after_it() -> None:
    leap = date(2026, 3, 11)
    assert set(unusual(usual() | {leap: 400})) == {leap}

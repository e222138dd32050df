"""Months: as numbers (year × 12 + month − 1), so that arithmetic needs no calendar, and as their first days. Pure."""

from datetime import date, timedelta


def month_of(day: date) -> int:
    """The number of the day's month."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """The first day of a numbered month."""
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    """The last day of a numbered month."""
    return first_day(month + 1) - timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """The same day `months` later; the last day of a shorter month."""
    return min(first_day(month_of(day) + months) + timedelta(days=day.day - 1), last_day(month_of(day) + months))


def first_of(day: date) -> date:
    """The first day of the month of `day`."""
    return day.replace(day=1)


def last_of(day: date) -> date:
    """The last day of the month of `day`."""
    return last_day(month_of(day))


def plus_months(day: date, months: int) -> date:
    """The first day of the month `months` after that of `day` (or before it, when negative)."""
    return first_day(month_of(day) + months)


def day_in(month: date, day: int) -> date:
    """That day of the month of `month`, the last one where the month is shorter."""
    return min(first_of(month) + timedelta(days=day - 1), last_of(month))

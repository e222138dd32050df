"""Waiting periods (等待期): from when a paid year or month pays benefits, and why. Pure.

Months are counted as year × 12 + month − 1, so that arithmetic needs no calendar.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

NEVER = -(10**6)  # a month before every other


@dataclass(frozen=True, slots=True)
class ResidentWaiting:
    """Months of waiting of a resident who pays late or after missed years; see parameter resident_waiting."""

    fixed: int
    per_missed_year: int
    repaired_per_year: int
    long_break_years: int
    long_break_floor: int

    def months(self, missed: int, repaired: int) -> int:
        """Waiting after `missed` years without premium, of which `repaired` were paid afterwards."""
        variable = missed * self.per_missed_year - repaired * self.repaired_per_year
        months = self.fixed + max(0, variable)
        if self.long_break_years and missed >= self.long_break_years:
            return max(months, self.long_break_floor)
        return months


@dataclass(frozen=True, slots=True)
class MonthlyWaiting:
    """An interruption of up to `gap_months` does no harm; after a longer one benefits begin that many months later."""

    gap_months: int
    employee: int
    flexible: int

    def after_gap(self, flexible: bool) -> int:
        """Months from the payment to the first month of benefits."""
        return self.flexible if flexible else self.employee


@dataclass(frozen=True, slots=True)
class PaidMonth:
    """One month's contribution: `month` it is for, `paid` the month in which it was paid."""

    month: int
    paid: int
    flexible: bool = False


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


def starts(months: Sequence[PaidMonth], rule: MonthlyWaiting, good: int = NEVER) -> list[int]:
    """For each paid month, in order, the first month that it may cover: itself, or later after an interruption.

    `good` is the last month in which the person was insured elsewhere or as a resident before the first of them.
    """
    result: list[int] = []
    for index, paid in enumerate(months):
        last = _last_good(months, index)
        before, waiting = (months[last].month, result[last]) if last >= 0 else (good, NEVER)
        if paid.paid - before - 1 <= rule.gap_months:
            result.append(max(paid.month, waiting))
        else:
            result.append(max(paid.month, paid.paid) + rule.after_gap(paid.flexible))
    return result


def _last_good(months: Sequence[PaidMonth], index: int) -> int:
    """Which of the earlier months is the last that had been paid when this one was paid; -1 when none."""
    this = months[index].paid
    for earlier in range(index - 1, -1, -1):
        if months[earlier].paid < this or months[earlier].paid <= months[earlier].month:
            return earlier
    return -1

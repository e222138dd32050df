"""Waiting periods (等待期): from when a paid year or month pays benefits, and why. Pure.

Months are numbered as in `core.months`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
class PaidMonth:
    """One month's contribution: the `month` it is for, and the month in which it was `paid`.

    An interruption of up to `gap` months before the payment does no harm; after a longer one benefits begin `wait`
    months after it.
    """

    month: int
    paid: int
    gap: int
    wait: int


def unbroken_since(years: Iterable[tuple[int, int]]) -> int | None:
    """The first year of the last run of insured years; `years` are first and last years of insurance."""
    runs: list[tuple[int, int]] = []
    for first, last in sorted(years):
        if runs and first <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], max(last, runs[-1][1]))
        else:
            runs.append((first, last))
    return runs[-1][0] if runs else None


def starts(months: Sequence[PaidMonth], insured: Sequence[tuple[int, int]] = ()) -> list[int]:
    """For each paid month, in order, the first month that it may cover: itself, or later after an interruption.

    `insured` are first and last months in which the person was insured in another way: elsewhere, or as a resident.
    """
    result: list[int] = []
    for index, paid in enumerate(months):
        last = _last_good(months, index)
        before, waiting = (months[last].month, result[last]) if last >= 0 else (NEVER, NEVER)
        other = _last_insured(insured, paid.month)
        if other > before:
            before, waiting = other, NEVER
        if paid.paid - before - 1 <= paid.gap:
            result.append(max(paid.month, waiting))
        else:
            result.append(max(paid.month, paid.paid) + paid.wait)
    return result


def _last_good(months: Sequence[PaidMonth], index: int) -> int:
    """Which of the earlier months is the last that had been paid when this one was paid; -1 when none."""
    this = months[index].paid
    for earlier in range(index - 1, -1, -1):
        if months[earlier].paid < this or months[earlier].paid <= months[earlier].month:
            return earlier
    return -1


def _last_insured(insured: Sequence[tuple[int, int]], month: int) -> int:
    """The last month before `month` within the spans."""
    return max((min(last, month - 1) for first, last in insured if first < month), default=NEVER)

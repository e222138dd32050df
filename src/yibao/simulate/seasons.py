"""When people fall ill (季节): days of the year drawn by the strength of each month."""

from typing import Any

import numpy as np

from yibao.simulate.model import Ints

EPOCH = np.datetime64("1970-01-01")


class Calendar:
    """The days of one year as numbers since 1970-01-01. `starts[m]` the first day of month m, thirteen of them."""

    def __init__(self, year: int):
        months = np.arange(f"{year}-01", f"{year + 1}-02", dtype="datetime64[M]")
        self.year = year
        self.starts: Ints = (months.astype("datetime64[D]") - EPOCH).astype(np.int64)
        self.first, self.last = int(self.starts[0]), int(self.starts[12]) - 1

    def month_of(self, days: Ints) -> Any:
        """0 … 11 of days within the year."""
        return np.searchsorted(self.starts, days, side="right") - 1

    def drawn(self, seasons: Any, which: Ints, draw: np.random.Generator) -> Any:
        """A day for each entry of `which`, a row of the cumulative `seasons[row][month]`."""
        chance = draw.random(len(which))
        month = np.zeros(len(which), np.int64)
        for row in np.unique(which):
            here = which == row
            month[here] = np.searchsorted(seasons[row], chance[here], side="right")
        return self.within(np.minimum(month, 11), draw)

    def within(self, month: Ints, draw: np.random.Generator) -> Any:
        """A day of each month, all alike."""
        begin = self.starts[month]
        length = self.starts[month + 1] - begin
        return begin + (draw.random(len(month)) * length).astype(np.int64)


def ages_on(birth: Ints, day: int | Ints) -> Any:
    """Completed years, as `core.dates.age_on`."""
    return (_number(np.asarray(day)) - _number(birth)) // 512


def _number(days: Any) -> Any:
    """year × 512 + month × 32 + day: anniversaries differ by multiples of 512."""
    dates = EPOCH + np.asarray(days, np.int64)
    months = dates.astype("datetime64[M]")
    month = months.astype(np.int64)
    return month // 12 * 512 + month % 12 * 32 + (dates - months.astype("datetime64[D]")).astype(np.int64)

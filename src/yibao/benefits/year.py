"""Which year a stay belongs to (年度归属): all to the year of discharge, or split by the days of its lines."""

import datetime

import msgspec

from yibao.benefits.pack import Pack
from yibao.benefits.visit import Line, Visit


def attributed_years(pack: Pack, begin: datetime.date, discharge: datetime.date) -> tuple[int, ...]:
    """The years that a stay is settled in, in order: one, or each year it touched when the pack splits."""
    if pack.year_crossing == "discharge":
        return (discharge.year,)
    return tuple(range(begin.year, discharge.year + 1))


def bills_of(pack: Pack, visit: Visit) -> tuple[Visit, ...]:
    """The bills to evaluate one after the other for a stay: one, or one per year when the pack splits.

    Lines go by their own `day` (without one: the day of discharge). The deductible is counted in the first or last
    bill, as the pack says. Give the visit a `stay` number so that a split stay counts as one admission.
    """
    begin = visit.begin or visit.day
    years = attributed_years(pack, begin, visit.day)
    if len(years) == 1:
        return (visit,)
    counted = years[0] if pack.deductible_in == "first" else years[-1]
    return tuple(_part(visit, begin, year, year == counted) for year in years)


def _part(visit: Visit, begin: datetime.date, year: int, counted: bool) -> Visit:
    end = min(visit.day, datetime.date(year, 12, 31))
    days = (end - begin).days + 1 if end < visit.day else visit.days
    lines = tuple(line for line in visit.lines if _year_of(line, visit) == year)
    return msgspec.structs.replace(visit, day=end, days=days, lines=lines, deductible_counted=counted)


def _year_of(line: Line, visit: Visit) -> int:
    return (line.day or visit.day).year

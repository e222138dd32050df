"""Months of insurance that count for transfer and retirement (缴费年限): paid, taken over, elsewhere, deemed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from yibao.core.database import Connection
from yibao.core.months import month_of
from yibao.population.entitlement.paid_days import History

DEEMED = "select coalesce(sum(months), 0)::int from population.deemed_service where psn_no = $1"
LUMP_SUM = """
select coalesce(sum((details ->> 'months')::int), 0)::int from population.contribution
where psn_no = $1 and insutype = '310' and kind = 'lump_sum' and status = 'paid'
"""


@dataclass(frozen=True, slots=True)
class ServiceMonths:
    """Months by origin: `here` paid in this city, `elsewhere` by certificate, `deemed` recognised, `bought`."""

    here: int
    elsewhere: int
    deemed: int
    bought: int

    @property
    def total(self) -> int:
        """All that count."""
        return self.here + self.elsewhere + self.deemed + self.bought

    @property
    def actual(self) -> int:
        """Those that were really paid month by month (实际缴费)."""
        return self.here + self.elsewhere


async def service_months(connection: Connection, psn_no: str, history: History, until: date) -> ServiceMonths:
    """Months of employee insurance up to and with the month of `until`; a month counts once."""
    here = months_here(history, "310", until)
    elsewhere = _months(((row.begndate, row.enddate) for row in history.elsewhere if row.insutype == "310"), until)
    return ServiceMonths(
        len(here),
        len(elsewhere - here),
        await connection.fetchval(DEEMED, psn_no),
        await connection.fetchval(LUMP_SUM, psn_no),
    )


def months_here(history: History, insutype: str, until: date) -> set[int]:
    """Months of this insurance paid in this city or taken over from its earlier system. Pure."""
    paid = [(one.period_from, one.period_to) for one in history.paid if one.insutype == insutype]
    working = {one.psn_insu_rlts_id for one in history.relations if not one.retired}
    taken = [
        (row.begndate, row.enddate or until)
        for row in history.taken_over
        if row.insutype == insutype and row.state == "covered" and row.psn_insu_rlts_id in working
    ]
    return _months([*paid, *taken], until)


def _months(days: Iterable[tuple[date, date]], until: date) -> set[int]:
    last = month_of(until)
    return {month for begin, end in days for month in range(month_of(begin), min(month_of(end), last) + 1)}


def runs(months: Sequence[int]) -> list[tuple[int, int]]:
    """Sorted months as first and last of each unbroken run. Pure."""
    found: list[tuple[int, int]] = []
    for month in months:
        if found and found[-1][1] == month - 1:
            found[-1] = (found[-1][0], month)
        else:
            found.append((month, month))
    return found

"""A whole load: the city as it stood on a day, and the bills of its last months, in the caller's transaction."""

import datetime
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from yibao.benefits.book import PackBook
from yibao.core.database import Connection
from yibao.simulate.load import Loaded, load_city
from yibao.simulate.load_bills import LakeBills, load_bills
from yibao.simulate.model import City


@dataclass(frozen=True)
class LoadPlan:
    """What is loaded: the city as it stood on `as_of`, and the bills of some months before.

    With `totals` the bills of the whole year are counted, so that the counter goes on from the right yearly totals.
    """

    city: City
    lake: Path
    as_of: datetime.date
    months: int
    totals: bool = False

    def bills(self) -> LakeBills:
        """The bills of the last months, whole months but the last."""
        month = self.as_of.year * 12 + self.as_of.month - self.months
        first = datetime.date(month // 12, month % 12 + 1, 1) if self.months else self.as_of
        return LakeBills(self.lake, self.city, first, self.as_of)


async def load_all(connection: Connection, plan: LoadPlan, console: Console) -> tuple[Loaded, int]:
    """City and bills in the caller's transaction."""
    city, bills, packs = plan.city, plan.bills(), PackBook.load()
    spent = bills.spent() if plan.months else None
    began = time.monotonic()
    with progress(console, "persons", len(city.people)) as told:
        loaded = await load_city(connection, city, packs, plan.as_of, told, spent)
    console.print(f"{loaded.persons / (time.monotonic() - began) * 60:,.0f} persons a minute")
    if spent is None:
        return loaded, 0
    with console.status("bills") as status:
        opening, pack = city.people.balance + spent, packs.pack_of(city.code) if plan.totals else None
        count = await load_bills(connection, city, bills, opening, lambda done: status.update(f"{done:,} bills"), pack)
    return loaded, count


@contextmanager
def progress(console: Console, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on the console; the function that is given hears how many are done."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)

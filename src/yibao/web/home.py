"""`/`: what runs here: the city's areas and their packs, a few counts, whether it is ready, how to connect."""

import time
from dataclasses import dataclass
from typing import Any

from litestar import Request, get
from litestar.response import Template

from yibao.core import dates
from yibao.core.errors import Unavailable
from yibao.web.access import Access
from yibao.web.accounts import has_demo_users
from yibao.web.rendering import page
from yibao.web.state import Services, services

DAY_KEPT_SECONDS = 30.0
REGISTER_KEPT_SECONDS = 300.0
COUNTED_UP_TO = 100_000
"""Above so many persons the planner's estimate is shown: counting two millions takes seconds on a city just loaded."""
REGISTER = f"""
with known as (select reltuples::bigint as persons from pg_class where oid = 'population.person'::regclass)
select (select case when persons > {COUNTED_UP_TO} then persons else (select count(*) from population.person) end
        from known),
       (select count(*) from directory.institution where status = 'active')
"""
DAY = """
with today as (select entry_id, kind from ledger.entry where booked_on = $1 and kind in ('settlement', 'cancellation'))
select (select count(*) from today where kind = 'settlement') as settled_today,
       (select coalesce(sum(p.amount), 0)::bigint from today join ledger.posting p using (entry_id)
        join ledger.account a on a.code = p.account and a.kind = 'expense') as paid_today
"""


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts of the city, `persons` about right when many; `paid_today` in fen, cancellations taken off."""

    persons: int
    institutions: int
    settled_today: int
    paid_today: int

    @property
    def estimated(self) -> bool:
        """Whether `persons` is an estimate."""
        return self.persons > COUNTED_UP_TO


@dataclass(frozen=True, slots=True)
class Area:
    """One pooling area (统筹区) and the size of its policy pack."""

    code: str
    name: str
    version: str
    schemes: int


@get("/", opt={"access": Access.PUBLIC})
async def home(request: Request[Any, Any, Any]) -> Template:
    """What runs here; says so too when the database is away."""
    shared = services(request)
    problem = await shared.database.ready()
    overview, demo = None, False
    if problem is None:
        try:
            overview = await overview_of(shared)
            demo = await has_demo_users(shared.database)
        except Unavailable as error:
            problem = str(error)
    base = str(request.base_url).rstrip("/")
    return await page(
        request, "home.html", problem=problem, overview=overview, has_demo=demo, areas=areas(shared), base=base
    )


async def overview_of(shared: Services) -> Overview:
    """The counts, kept for a while: that of the register may read a whole index, that of today the day's journal."""
    persons, institutions = await kept(shared, REGISTER, REGISTER_KEPT_SECONDS)
    settled, paid = await kept(shared, DAY, DAY_KEPT_SECONDS, dates.today())
    return Overview(persons, institutions, settled, paid)


async def kept(shared: Services, query: str, seconds: float, *parameters: Any) -> tuple[int, ...]:
    """The one row of a query, at most so many seconds old."""
    at, known = shared.recent.get(query, (0.0, None))
    if known is None or time.monotonic() - at > seconds:
        async with shared.database.connection() as connection:
            known = tuple((await connection.fetchrow(query, *parameters)).values())
        shared.recent[query] = (time.monotonic(), known)
    found: tuple[int, ...] = known
    return found


def areas(shared: Services) -> list[Area]:
    """The areas whose packs this installation runs."""
    return [Area(pack.area_code, pack.area_name, pack.version, len(pack.schemes)) for pack in shared.city.packs]

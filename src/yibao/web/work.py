"""`/work`: what waits for a clerk (待办): rosters, files that were not taken, money without an order, changed bills."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, get
from litestar.response import Template

from yibao.core.database import Connection
from yibao.settlement.retroactive import open_effects
from yibao.web.access import Access
from yibao.web.rendering import page
from yibao.web.state import services

MOST = 200
COUNTS = {
    "rosters": """
        select count(*), count(*) filter (where (report ->> 'review')::int > 0) from population.roster_batch
        where status in ('staged', 'compared')""",
    "quarantined": """
        select count(*), 0::bigint from population.exchange
        where direction = 'in' and status = 'quarantined' and at > now() - interval '30 days'""",
    "unallocated": """
        select count(*), coalesce(sum(amount), 0)::bigint from population.channel_receipt
        where status = 'unallocated'""",
    "differences": """
        select count(*), 0::bigint from population.reconciliation r
        where r.at > now() - interval '7 days'
          and exists (select from population.reconciliation_difference d where d.run_id = r.run_id)""",
    "effects": "select count(*), 0::bigint from settlement.retroactive_effect where status = 'open'",
}
WAITING = """
select batch_no, department, as_of, status, row_count, coalesce((report ->> 'review')::int, 0) as review
from population.roster_batch where status in ('staged', 'compared') order by received_at limit $1
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait; `more` says it closer: doubtful rosters, fen."""

    count: int
    more: int


@get("/work", opt={"access": Access.CLERK})
async def work(request: Request[Any, Any, Any]) -> Template:
    """Counts with the way to each, the rosters that wait and the settled bills that would differ."""
    async with services(request).database.connection() as connection:
        counts = {name: await _count(connection, statement) for name, statement in COUNTS.items()}
        batches = await connection.fetch(WAITING, MOST)
        effects = await open_effects(connection, MOST)
    return await page(request, "work.html", counts=counts, batches=batches, effects=effects)


async def _count(connection: Connection, statement: str) -> Waiting:
    return Waiting(*await connection.fetchrow(statement))


WORK_PAGES = [work]

"""Who used benefits between two days: asked before premiums are given back."""

from collections.abc import Sequence
from datetime import date

from yibao.core.database import Connection

USED = """
select distinct asked.psn_no from unnest($1::text[]) as asked (psn_no)
cross join lateral settlement.bills_of(asked.psn_no, $2, $3)
"""


async def benefits_used(connection: Connection, psn_nos: Sequence[str], first: date, last: date) -> set[str]:
    """Persons with a bill, not cancelled, of care on a day between these (both inclusive)."""
    return {row["psn_no"] for row in await connection.fetch(USED, list(psn_nos), first, last)}

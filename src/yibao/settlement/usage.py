"""Who used benefits between two days: asked before premiums are given back."""

from collections.abc import Sequence
from datetime import date

from yibao.core.database import Connection

USED = """
select distinct s.psn_no from settlement.settlement s
where s.psn_no = any ($1) and s.setl_time >= $2 and s.init_setl_id is null and s.begndate between $2 and $3
  and not exists (select from settlement.settlement c where c.init_setl_id = s.setl_id)
"""


async def benefits_used(connection: Connection, psn_nos: Sequence[str], first: date, last: date) -> set[str]:
    """Persons with a bill, not cancelled, of care that began between these days (both inclusive)."""
    return {row["psn_no"] for row in await connection.fetch(USED, list(psn_nos), first, last)}

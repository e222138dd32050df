"""A roster takes effect with all that follows from it: tags, premiums, the list to its department, settled bills.

Population knows nothing of bills, so what joins the two stands here; used by the pages and by `yibao roster`.
"""

from datetime import date

from yibao.core.database import Connection
from yibao.population.rosters.applying import Applied, apply
from yibao.population.rosters.exchange import put_out_changes
from yibao.settlement.retroactive import note_batch
from yibao.settlement.services import Services


async def bring_to_effect(
    services: Services,
    connection: Connection,
    batch_no: str,
    actor: str,
    today: date,
    *,
    many_endings: bool = False,
) -> tuple[Applied, int]:
    """Apply a compared batch in the caller's transaction; returns what it did and how many settled bills would differ.

    Raises `Refused` as `applying.apply` does.
    """
    applied = await apply(connection, services.packs, batch_no, actor, today, many_endings=many_endings)
    if not applied.persons:
        return applied, 0
    await put_out_changes(connection, batch_no, actor, today)
    effects = await note_batch(services, connection, batch_no, today)
    return applied, len(effects)

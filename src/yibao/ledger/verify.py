"""Checks of the journal: balance of every entry, and the unbroken chain of the daily seals."""

from collections.abc import AsyncIterator

from yibao.core.database import Connection
from yibao.ledger.actions import GENESIS, digest_of_day

UNBALANCED = """
select entry_id, sum(amount)::bigint as difference from ledger.posting group by entry_id having sum(amount) <> 0 limit 5
"""
TOTAL = "select coalesce(sum(amount), 0)::bigint from ledger.posting"
SEALS = "select day, entries, previous, digest from ledger.seal order by day"


async def unbalanced_entries(connection: Connection) -> AsyncIterator[str]:
    """Entries whose debits differ from their credits, and a journal that does not balance in total."""
    for row in await connection.fetch(UNBALANCED):
        yield f"entry {row['entry_id']}: debits exceed credits by {row['difference']} fen"
    total = await connection.fetchval(TOTAL)
    if total:
        yield f"the journal as a whole: debits exceed credits by {total} fen"


async def broken_seals(connection: Connection) -> AsyncIterator[str]:
    """Days whose entries are not what was sealed, or whose seal does not continue the chain."""
    previous = GENESIS
    for seal in await connection.fetch(SEALS):
        digest, entries = await digest_of_day(connection, bytes(seal["previous"]), seal["day"])
        if bytes(seal["previous"]) != previous:
            yield f"seal of {seal['day']}: does not continue the seal before it"
        if digest != bytes(seal["digest"]) or entries != seal["entries"]:
            counts = f"{seal['entries']} entries sealed, {entries} found"
            yield f"seal of {seal['day']}: the journal of that day was changed ({counts})"
        previous = bytes(seal["digest"])

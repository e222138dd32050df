"""Booking and sealing.

A sealed day's digest is SM3 over the previous digest and every entry of the day in the order of its number, so a
changed, added or missing row anywhere breaks the chain from that day on.
"""

import hashlib
from datetime import date, timedelta

from yibao.core.database import Connection
from yibao.ledger.entry import Entry, posting_columns

BOOK = """
with entry as (
  insert into ledger.entry (booked_on, kind, reference, text) values ($1, $2, $3, $4) returning entry_id
), postings as (
  insert into ledger.posting (entry_id, line_no, account, amount, party)
  select entry.entry_id, p.line_no, p.account, p.amount, p.party
  from entry, unnest($5::text[], $6::bigint[], $7::text[]) with ordinality as p (account, amount, party, line_no)
)
select entry_id from entry
"""
LAST_SEAL = "select day, digest from ledger.seal order by day desc limit 1"
FIRST_DAY = "select min(booked_on) from ledger.entry"
NEXT_DAY = "select min(booked_on) from ledger.entry where booked_on >= $1 and booked_on < $2"
ROWS_OF_DAY = """
select e.entry_id, e.booked_on, e.kind, e.reference, e.text, p.line_no, p.account, p.amount, p.party
from ledger.entry e left join ledger.posting p using (entry_id)
where e.booked_on = $1 order by e.entry_id, p.line_no
"""
WRITE_SEAL = "insert into ledger.seal (day, entries, previous, digest) values ($1, $2, $3, $4)"
GENESIS = bytes(32)
ONE_DAY = timedelta(days=1)
LOCK_JOURNAL = "lock table ledger.entry in share row exclusive mode"


async def book(connection: Connection, entry: Entry) -> int:
    """Write one entry with its postings in the caller's transaction; returns its number."""
    accounts, amounts, parties = posting_columns(entry.postings)
    number: int = await connection.fetchval(
        BOOK, entry.booked_on, entry.kind, entry.reference, entry.text, accounts, amounts, parties
    )
    return number


async def digest_of_day(connection: Connection, previous: bytes, day: date) -> tuple[bytes, int]:
    """SM3 of `previous` and the rows of one day, and how many entries they are; in the caller's transaction.

    The rows come a thousand at a time: a day may have hundreds of thousands.
    """
    chain = hashlib.new("sm3", previous)
    entries, last = 0, None
    async for row in connection.cursor(ROWS_OF_DAY, day, prefetch=1000):
        entries += row["entry_id"] != last
        last = row["entry_id"]
        chain.update("\x1f".join("" if value is None else str(value) for value in row.values()).encode())
        chain.update(b"\x1e")
    return chain.digest(), entries


async def seal_days(connection: Connection, before: date) -> list[date]:
    """Seal every day since the last seal up to the day before `before`; returns the days sealed now.

    Each day with entries is a transaction of its own, since bookings wait for it; empty days go with the next one.
    """
    sealed: list[date] = []
    while days := await _seal_next(connection, before):
        sealed += days
    return sealed


async def _seal_next(connection: Connection, before: date) -> list[date]:
    """Seal the days after the last sealed one up to the next with entries, or up to `before` when none has any."""
    async with connection.transaction():
        await connection.execute(LOCK_JOURNAL)  # waits for bookings under way, so that none slips into a sealed day
        last = await connection.fetchrow(LAST_SEAL)
        day: date | None = last["day"] + ONE_DAY if last else await connection.fetchval(FIRST_DAY)
        if day is None or day >= before:
            return []
        end = await connection.fetchval(NEXT_DAY, day, before)
        days = [day + ONE_DAY * n for n in range(((end or before - ONE_DAY) - day).days + 1)]
        previous, rows = bytes(last["digest"]) if last else GENESIS, []
        for day in days:
            digest, entries = await digest_of_day(connection, previous, day) if day == end else _empty_day(previous)
            rows.append((day, entries, previous, digest))
            previous = digest
        await connection.executemany(WRITE_SEAL, rows)
    return days


def _empty_day(previous: bytes) -> tuple[bytes, int]:
    """What `digest_of_day` gives for a day without entries."""
    return hashlib.new("sm3", previous).digest(), 0

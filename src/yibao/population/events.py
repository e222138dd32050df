"""The log of what happened to a person (参保人大事记): written with every change, never changed, shown as a timeline.

    note(connection, Event(…))      one event in the caller's transaction
    timeline(connection, psn_no)    newest first

Kinds (past tense) and what `details` holds for each stand on docs/enrolment.md.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from yibao.core.database import Connection

NOTE = """
insert into population.event (psn_no, kind, effective, actor, reason, details) values ($1, $2, $3, $4, $5, $6)
"""
TIMELINE = """
select psn_no, kind, effective, actor, reason, details, at from population.event
where psn_no = $1 order by event_id desc limit $2
"""


@dataclass(frozen=True, slots=True)
class Event:
    """`effective` is the day from which it holds, `at` when it was written (set by the database)."""

    psn_no: str
    kind: str
    effective: date
    actor: str
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


async def note(connection: Connection, *events: Event) -> None:
    """Write events in the caller's transaction, in their order."""
    rows = [(e.psn_no, e.kind, e.effective, e.actor, e.reason, e.details) for e in events]
    await connection.executemany(NOTE, rows)


async def timeline(connection: Connection, psn_no: str, limit: int = 200) -> list[Event]:
    """The person's events, newest first."""
    return [Event(**row) for row in await connection.fetch(TIMELINE, psn_no, limit)]

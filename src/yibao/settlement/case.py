"""The case: everything the database knows before a bill is computed, read once and, for a real settlement, locked."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refused
from yibao.core.inbox import Message, check_same_body
from yibao.population.model import CareFacts
from yibao.population.queries import merged_person, unknown_person

_care_facts = msgspec.json.Decoder(CareFacts)

OPEN = "select * from settlement.open_case($1, $2, $3, $4, $5, $6, $7)"


@dataclass(frozen=True, slots=True)
class Case:
    """`facts`: person, enrolments, tags, account, family, filings on the day of care.

    `totals`: accumulators of the years around, key → fen or count. `reply`: the stored reply when this very
    message was answered before. The three numbers are drawn for the settlement about to be written.
    """

    on_date: date
    facts: CareFacts
    totals: dict[str, int]
    visit: dict[str, Any] | None
    reply: bytes | None
    setl_id: str
    mdtrt_id: str
    entry_id: int

    @property
    def own_balance(self) -> int:
        """Balance of the person's own account, fen; 0 without an account."""
        return self.facts.account.balance if self.facts.account else 0


async def open_case(
    connection: Connection, psn_no: str, message: Message | None, mdtrt_id: str, on_date: date | None, *, lock: bool
) -> Case:
    """Lock and read; `on_date` None takes the day of care from the visit.

    Raises `Refused` P106 for an unknown person, P118 for a duplicate's number, G041 for a reused msgid.
    """
    sender, msgid = (message.sender, message.msgid) if message else ("", "")
    row = await connection.fetchrow(OPEN, psn_no, sender, msgid, mdtrt_id, on_date, dates.today(), lock)
    if row["facts"] is None:
        raise Refused(unknown_person(psn_no))
    if message and row["digest"] is not None:
        check_same_body(message, row["digest"])
    facts = _care_facts.decode(row["facts"])
    if facts.person.merged_into and row["reply"] is None:
        raise Refused(merged_person(psn_no, facts.person.merged_into))
    totals: dict[str, int] = {}
    for of_year in (row["totals"] or {}).values():
        totals |= of_year
    return Case(
        row["on_date"],
        facts,
        totals,
        row["visit"],
        bytes(row["reply"]) if row["reply"] is not None else None,
        row["new_setl_id"],
        row["new_mdtrt_id"],
        row["new_entry_id"],
    )


def year_of_key(key: str) -> int:
    """Policy year in which an accumulator key is stored; 0 for keys without a year (stay:…, account:…)."""
    return int(key[:4]) if key[:4].isdigit() else 0


def totals_by_year(before: dict[str, int], change: dict[str, int], sign: int = 1) -> dict[int, dict[str, int]]:
    """New totals of every year that `change` touches: before + sign × change; zeros are dropped."""
    touched = {year_of_key(key) for key in change}
    after: dict[int, dict[str, int]] = {year: {} for year in touched}
    for key in before.keys() | change.keys():
        year = year_of_key(key)
        value = before.get(key, 0) + sign * change.get(key, 0)
        if year in touched and value:
            after[year][key] = value
    return after

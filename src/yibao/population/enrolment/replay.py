"""Replay: what a person's events say that his tables must hold. Pure fold, and the comparison for `yibao verify`.

    replay(psn_no, events)        PersonState: enrolments, suspensions, household, death, merging
    differences(connection)       sentences about persons whose tables say something else

An enrolment whose beginning is not among the events (taken over without them) is left aside until its first change:
then the actions put it on record as it was. Of a person who was registered here every enrolment has begun here.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import msgspec

from yibao.core.database import Connection
from yibao.population.enrolment.enrolment_rules import ENDED, INVALID, NORMAL, SUSPENDED, Row
from yibao.population.events import Event

REGISTERED = "registered"
AT_ONCE = 5000
"""Persons compared in one go."""
EVENTS = """
select psn_no, kind, effective, actor, reason, details, at from population.event
where kind = any ($1) order by psn_no, event_id
"""
STATES = """
select p.psn_no, p.die_date, p.household_no, p.merged_into,
  coalesce((select jsonb_agg(to_jsonb(e)) from population.enrolment e where e.psn_no = p.psn_no), '[]') as enrolments,
  coalesce((select jsonb_agg(jsonb_build_array(s.psn_insu_rlts_id, s.paus_date, s.resu_date))
            from population.suspension s join population.enrolment e using (psn_insu_rlts_id)
            where e.psn_no = p.psn_no), '[]') as suspensions
from population.person p where p.psn_no = any ($1)
"""

Suspension = tuple[int, date, date]


@dataclass(frozen=True, slots=True)
class PersonState:
    """What the events say; `household_no`, `die_date` and `merged_into` are None where nothing was said."""

    psn_no: str
    enrolments: dict[int, Row] = field(default_factory=dict)
    suspensions: frozenset[Suspension] = frozenset()
    household_no: str | None = None
    die_date: date | None = None
    merged_into: str | None = None

    def with_row(self, row: Row) -> "PersonState":
        """The same with this enrolment in place of what it was."""
        return replace(self, enrolments={**self.enrolments, row.psn_insu_rlts_id: row})


def replay(psn_no: str, events: Iterable[Event]) -> PersonState:
    """The state after all events, in their order; kinds that change no state here are passed over."""
    state = PersonState(psn_no)
    for event in events:
        step = STEPS.get(event.kind)
        state = step(state, event) if step else state
    return state


def _begun(state: PersonState, event: Event) -> PersonState:
    facts = {"psn_insu_stas": NORMAL, "begndate": event.effective, "reason": event.reason, **event.details}
    return state.with_row(msgspec.convert({**facts, "psn_no": state.psn_no}, Row, strict=False))


def _suspended(state: PersonState, event: Event) -> PersonState:
    return _changed(state, event, psn_insu_stas=SUSPENDED, paus_date=event.effective)


def _resumed(state: PersonState, event: Event) -> PersonState:
    number = int(event.details["psn_insu_rlts_id"])
    paused = state.enrolments[number].paus_date or state.enrolments[number].begndate
    state = replace(state, suspensions=state.suspensions | {(number, paused, event.effective)})
    return _changed(state, event, psn_insu_stas=NORMAL, paus_date=None)


def _ended(state: PersonState, event: Event) -> PersonState:
    return _changed(state, event, psn_insu_stas=ENDED, enddate=event.effective)


def _invalidated(state: PersonState, event: Event) -> PersonState:
    return _changed(state, event, psn_insu_stas=INVALID)


def _reclassified(state: PersonState, event: Event) -> PersonState:
    names = ("category", "psn_type", "emp_no", "emp_name")
    return _changed(state, event, **{name: event.details[name] for name in names})


def _joined(state: PersonState, event: Event) -> PersonState:
    return replace(state, household_no=event.details["household_no"])


def _left(state: PersonState, event: Event) -> PersonState:
    return replace(state, household_no=None)


def _died(state: PersonState, event: Event) -> PersonState:
    return replace(state, die_date=event.effective)


def _death_undone(state: PersonState, event: Event) -> PersonState:
    for facts in event.details["enrolments"]:
        state = state.with_row(msgspec.convert({**facts, "psn_no": state.psn_no}, Row))
    return replace(state, die_date=None)


def _merged(state: PersonState, event: Event) -> PersonState:
    """The duplicate: everything of it is now the other's."""
    return PersonState(state.psn_no, die_date=state.die_date, merged_into=event.details["merged_into"])


def _absorbed(state: PersonState, event: Event) -> PersonState:
    """The record that stays: it gets the duplicate's enrolments as they were."""
    for facts in event.details["enrolments"]:
        state = state.with_row(msgspec.convert({**facts, "psn_no": state.psn_no}, Row))
    moved = msgspec.convert(event.details["suspensions"], list[Suspension])
    return replace(state, suspensions=state.suspensions | set(moved))


STEPS: dict[str, Callable[[PersonState, Event], PersonState]] = {
    "enrolled": _begun,
    "enrolment_taken_over": _begun,
    "suspended": _suspended,
    "resumed": _resumed,
    "ended": _ended,
    "invalidated": _invalidated,
    "reclassified": _reclassified,
    "household_joined": _joined,
    "household_left": _left,
    "died": _died,
    "death_undone": _death_undone,
    "merged": _merged,
    "absorbed": _absorbed,
}


def _changed(state: PersonState, event: Event, **changes: Any) -> PersonState:
    row = state.enrolments[int(event.details["psn_insu_rlts_id"])]
    return state.with_row(msgspec.structs.replace(row, reason=event.reason, **changes))


async def differences(connection: Connection) -> AsyncIterator[str]:
    """What the tables say otherwise than the events, a sentence per person; inside the caller's transaction."""
    waiting: dict[str, list[Event]] = {}
    async for row in connection.cursor(EVENTS, [*STEPS, REGISTERED], prefetch=AT_ONCE):
        if row["psn_no"] not in waiting and len(waiting) >= AT_ONCE:
            for sentence in await _compare(connection, waiting):
                yield sentence
            waiting = {}
        waiting.setdefault(row["psn_no"], []).append(Event(**row))
    for sentence in await _compare(connection, waiting):
        yield sentence


async def _compare(connection: Connection, events: dict[str, list[Event]]) -> list[str]:
    rows = await connection.fetch(STATES, list(events))
    return [f"person {row['psn_no']}: {found}" for row in rows if (found := _difference(row, events[row["psn_no"]]))]


def _difference(row: Any, events: Sequence[Event]) -> str:
    """The first thing that the tables say otherwise, or ""."""
    try:
        said = replay(row["psn_no"], events)
    except (KeyError, msgspec.ValidationError) as error:
        return f"events cannot be replayed: {error!r}"
    kept = {e.psn_insu_rlts_id: e for e in msgspec.convert(row["enrolments"], list[Row])}
    for number, enrolment in said.enrolments.items():
        if kept.get(number) != enrolment:
            return f"enrolment {number} is {kept.get(number)}, events say {enrolment}"
    kinds = {event.kind for event in events}
    here = any(event.kind == REGISTERED and event.reason != "taken_over" for event in events)
    unknown = sorted(kept.keys() - said.enrolments.keys())
    if unknown and here:
        return f"enrolment {unknown[0]} has no event that began it, though the person was registered here"
    moved = frozenset(msgspec.convert(row["suspensions"], list[Suspension]))
    if said.suspensions != moved:
        return f"suspensions {sorted(moved)}, events say {sorted(said.suspensions)}"
    for name, telling in TOLD_BY.items():
        if kinds & telling and row[name] != getattr(said, name):
            return f"{name} is {row[name]}, events say {getattr(said, name)}"
    return ""


TOLD_BY = {
    "die_date": {"died", "death_undone"},
    "household_no": {"household_joined", "household_left"},
    "merged_into": {"merged"},
}

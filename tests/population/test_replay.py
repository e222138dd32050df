"""Replay: whatever is done to persons, their tables are what their events say, and nobody is insured twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import asyncpg
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.population.desk import AREA, furnish, registered
from yibao.core import dates
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.population.enrolment import enrolments, households
from yibao.population.enrolment.deaths import record_death
from yibao.population.enrolment.enrolment_rules import Row
from yibao.population.enrolment.enrolments import Change, Start
from yibao.population.enrolment.merging import merge
from yibao.population.enrolment.persons import NewPerson, register
from yibao.population.enrolment.replay import differences, replay
from yibao.population.events import Event

DAY_ZERO = date(2024, 1, 1)
KINDS = (("390", "resident", "15"), ("310", "flexible", "11"), ("310", "retired", "12"))
TWICE = """
select a.psn_no from population.enrolment a join population.enrolment b on a.psn_no = b.psn_no
  and a.psn_insu_rlts_id < b.psn_insu_rlts_id
where a.insutype in ('310', '390') and b.insutype in ('310', '390')
  and a.psn_insu_stas <> '3' and b.psn_insu_stas <> '3'
  and daterange(a.begndate, greatest(a.begndate, coalesce(least(a.enddate + 1, a.paus_date), 'infinity')))
      && daterange(b.begndate, greatest(b.begndate, coalesce(least(b.enddate + 1, b.paus_date), 'infinity')))
"""
ACTIONS = ("start", "start", "suspend", "suspend", "resume", "resume", "end", "reclassify", "switch", "join", "leave")
CHOICE = [*ACTIONS, *ACTIONS, "merge", "merge", "die"]
Step = tuple[str, int, int, int]


def random_steps(seed: int) -> list[Step]:
    """Each an action, which person, days after the step before, and which kind of enrolment or other person."""
    chance = Random(seed)
    return [
        (chance.choice(CHOICE), chance.randint(0, 1), chance.randint(-3, 9), chance.randint(0, 2))
        for _ in range(chance.randint(10, 30))
    ]


class Desk:
    """Three records of one woman's data, so that any two may be merged, and random actions on them."""

    def __init__(self, connection: Any, people: list[str]) -> None:
        self.connection = connection
        self.people = people
        self.day = DAY_ZERO
        self.done: Counter[str] = Counter()

    async def step(self, action: str, person: int, days: int, kind: int) -> None:
        """One action in a transaction of its own; a refusal changes nothing."""
        self.day += timedelta(days=days)
        try:
            async with self.connection.transaction():
                await self._act(action, self.people[person], self.day, kind)
        except Refused:
            return
        self.done[action] += 1

    async def _act(self, action: str, psn_no: str, day: date, kind: int) -> None:
        new = Start(psn_no, *KINDS[kind], AREA, day)
        if action == "start":
            await enrolments.start(self.connection, new, "clerk", "new")
        elif action == "die":
            await record_death(self.connection, psn_no, day, "clerk", "公安")
        elif action == "join":
            await households.found(self.connection, psn_no, "", "clerk")
        elif action == "leave":
            await households.leave(self.connection, psn_no, "clerk")
        elif action == "merge":
            await merge(self.connection, psn_no, self.people[kind], "clerk", "重复登记")
        else:
            await self._change(action, psn_no, day, new)

    async def _change(self, action: str, psn_no: str, day: date, new: Start) -> None:
        rows = await enrolments.enrolments_of(self.connection, psn_no)
        if not rows:
            raise Refused()
        wanted = "2" if action == "resume" else "1"
        number = max(rows, key=lambda row: (row.psn_insu_stas == wanted, row.psn_insu_rlts_id)).psn_insu_rlts_id
        if action == "suspend":
            await enrolments.suspend(self.connection, number, day, "clerk", "unpaid")
        elif action == "resume":
            await enrolments.resume(self.connection, number, day, "clerk", "paid")
        elif action == "end":
            await enrolments.end(self.connection, number, day, "clerk", "requested")
        elif action == "switch":
            await enrolments.switch(self.connection, number, new, "clerk")
        else:
            change = Change(day, new.category, new.psn_type)
            await enrolments.reclassify(self.connection, number, change, "clerk", "changed_insurance")


async def three_records(connection: Any) -> list[str]:
    """Three passports of one woman; the first has an enrolment that came from an earlier system, without events."""
    people = [
        await register(
            connection,
            NewPerson(f"E{n}000000", "测试甲", AREA, "2", date(1980, 1, 1), "16", despite_namesake=True),
            "clerk",
            "taken_over",
        )
        for n in range(3)
    ]
    await connection.execute(
        "insert into population.enrolment (psn_no, insutype, category, psn_type, insu_admdvs, begndate)"
        " values ($1, '390', 'resident', '15', '340600', '2020-01-01')",
        people[0],
    )
    return people


@pytest.fixture
async def office(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[asyncpg.Connection]:
    monkeypatch.setattr(dates, "now", lambda: datetime(2024, 6, 1, 9, 0, 0))
    async with database.connection() as connection:
        await furnish(connection)
        yield connection


async def test_the_tables_are_what_the_events_say_whatever_is_done(office: Any) -> None:
    loop = asyncio.get_running_loop()
    done: Counter[str] = Counter()

    async def story(steps: list[Step]) -> None:
        undo = office.transaction()
        await undo.start()
        try:
            desk = Desk(office, await three_records(office))
            for step in steps:
                await desk.step(*step)
                assert await office.fetch(TWICE) == [], step
            assert [sentence async for sentence in differences(office)] == []
            done.update(desk.done)
        finally:
            await undo.rollback()

    @settings(max_examples=60, deadline=None, derandomize=True, phases=[Phase.generate])
    @given(st.integers(0, 2**32))
    def run(seed: int) -> None:
        asyncio.run_coroutine_threadsafe(story(random_steps(seed)), loop).result()

    await asyncio.to_thread(run)
    assert min(done[action] for action in {*ACTIONS, "merge", "die"}) > 5, "the stories must do something of each kind"


async def test_a_table_changed_behind_the_back_of_the_events_is_named(office: Any) -> None:
    psn_no = await registered(office)
    await enrolments.start(office, Start(psn_no, "390", "resident", "15", AREA, DAY_ZERO), "clerk", "new")
    async with office.transaction():
        assert [sentence async for sentence in differences(office)] == []
    await office.execute("update population.enrolment set psn_type = '16'")
    async with office.transaction():
        (sentence,) = [sentence async for sentence in differences(office)]
    assert sentence.startswith(f"person {psn_no}: enrolment ")


async def test_an_enrolment_without_an_event_is_named_for_whoever_was_registered_here(office: Any) -> None:
    psn_no = await register(office, NewPerson("E9000000", "测试甲", AREA, "2", date(1980, 1, 1), "16"), "clerk", "new")
    async with office.transaction():
        assert [line async for line in differences(office)] == []
        await office.execute(
            "insert into population.enrolment (psn_no, insutype, psn_type, insu_admdvs, begndate)"
            " values ($1, '390', '15', '340600', '2024-01-01')", psn_no,
        )  # fmt: skip
        (found,) = [line async for line in differences(office)]
    assert psn_no in found
    assert "has no event" in found


def test_events_that_tell_of_an_unknown_enrolment_are_no_story() -> None:
    with pytest.raises(KeyError):
        replay("1", [Event("1", "ended", DAY_ZERO, "clerk", "requested", {"psn_insu_rlts_id": 1})])


def test_kinds_that_change_no_enrolment_are_passed_over() -> None:
    details = {"psn_insu_rlts_id": 7, "insutype": "390", "category": "resident", "psn_type": "15"}
    begun = Event("1", "enrolled", DAY_ZERO, "clerk", "new", {**details, "insu_admdvs": AREA})
    state = replay("1", [Event("1", "registered", DAY_ZERO, "clerk"), begun, Event("1", "paid", DAY_ZERO, "bank")])
    assert state.enrolments == {7: Row(7, "1", "390", "resident", "15", AREA, "1", DAY_ZERO, reason="new")}

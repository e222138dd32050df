"""Catalogue items and institutions kept in memory, so that a bill of 40 lines costs microseconds.

`items` takes what it knows and fetches all missing codes by one query; unknown codes are remembered as unknown.
The database announces every change of the two tables on the channel `directory_changed`; `listen` hears it and
forgets everything. Until it listens, and whenever the listening connection is lost, nothing is kept.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from datetime import date

import msgspec

from yibao.core.database import Connection, Database
from yibao.core.errors import Conflict, Unavailable
from yibao.directory.model import Institution, Item

CHANNEL = "directory_changed"
ITEMS = """
select coalesce(jsonb_agg(to_jsonb(i) order by i.valid_from desc), '[]')::text
from directory.item i where i.area = $1 and i.med_list_codg = any($2::text[])
"""
INSTITUTION = "select to_jsonb(i)::text from directory.institution i where i.fixmedins_code = $1"
RETRY_SECONDS = 2.0

_items = msgspec.json.Decoder(list[Item])
_institution = msgspec.json.Decoder(Institution)


class DirectoryCache:
    """Items by (area, code), all periods, and institutions by code; the least recently used go first."""

    def __init__(self, database: Database, capacity: int = 50_000) -> None:
        self._database = database
        self._capacity = capacity
        self._items: OrderedDict[tuple[str, str], tuple[Item, ...]] = OrderedDict()
        self._institutions: dict[str, Institution] = {}
        self._generation = 0
        self._listening = False
        self._task: asyncio.Task[None] | None = None

    async def items(
        self, area: str, codes: Iterable[str], on: date, connection: Connection | None = None
    ) -> dict[str, Item]:
        """The items among `codes` in force on `on`; a code that is missing is not in the catalogue that day.

        Give `connection` when the caller holds one already; otherwise one is taken from the pool if needed.
        """
        known: dict[str, tuple[Item, ...]] = {}
        missing: list[str] = []
        for code in codes:
            periods = self._items.get((area, code))
            if periods is None:
                missing.append(code)
            else:
                self._items.move_to_end((area, code))
                known[code] = periods
        if missing:
            known.update(await self._fetch_items(area, missing, connection))
        found = {code: _in_force(periods, on) for code, periods in known.items()}
        return {code: item for code, item in found.items() if item is not None}

    async def institution(self, code: str, connection: Connection | None = None) -> Institution | None:
        """The institution with this code, or None."""
        known = self._institutions.get(code)
        if known is not None:
            return known
        generation = self._generation
        text = await self._value(connection, INSTITUTION, code)
        if text is None:
            return None
        found = _institution.decode(text)
        if self._may_keep(generation):
            self._institutions[code] = found
        return found

    async def listen(self) -> None:
        """Start hearing changes, and from now on keep what is looked up; call once when a process starts."""
        first_try = asyncio.Event()
        self._task = asyncio.create_task(self._stay_subscribed(first_try))
        await first_try.wait()

    async def close(self) -> None:
        """Stop hearing changes and forget everything."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self.forget()

    def forget(self) -> None:
        """Drop everything known; what is being fetched at this moment will not be kept either."""
        self._generation += 1
        self._items.clear()
        self._institutions.clear()

    async def _fetch_items(
        self, area: str, codes: list[str], connection: Connection | None
    ) -> dict[str, tuple[Item, ...]]:
        generation = self._generation
        text = await self._value(connection, ITEMS, area, codes)
        fetched: dict[str, tuple[Item, ...]] = dict.fromkeys(codes, ())
        for item in _items.decode(text or "[]"):
            fetched[item.med_list_codg] += (item,)
        if self._may_keep(generation):
            self._keep(area, fetched)
        return fetched

    async def _value(self, connection: Connection | None, query: str, *arguments: object) -> str | None:
        if connection is not None:
            found: str | None = await connection.fetchval(query, *arguments)
            return found
        async with self._database.connection() as own:
            return await self._value(own, query, *arguments)

    def _keep(self, area: str, fetched: dict[str, tuple[Item, ...]]) -> None:
        for code, periods in fetched.items():
            self._items[(area, code)] = periods
        while len(self._items) > self._capacity:
            self._items.popitem(last=False)

    def _may_keep(self, generation: int) -> bool:
        return self._listening and generation == self._generation

    async def _stay_subscribed(self, first_try: asyncio.Event) -> None:
        while True:
            with suppress(Unavailable, Conflict):
                await self._hear_until_lost(first_try)
            first_try.set()
            await asyncio.sleep(RETRY_SECONDS)

    async def _hear_until_lost(self, subscribed: asyncio.Event) -> None:
        async with self._database.connection() as connection:
            lost = asyncio.Event()

            def when_lost(_: object) -> None:
                self._lose(lost)

            connection.add_termination_listener(when_lost)
            await connection.add_listener(CHANNEL, self._heard)
            try:
                self.forget()
                self._listening = True
                subscribed.set()
                await lost.wait()
            finally:
                self._lose(lost)
                if not connection.is_closed():
                    connection.remove_termination_listener(when_lost)
                    await connection.remove_listener(CHANNEL, self._heard)

    def _lose(self, lost: asyncio.Event) -> None:
        self._listening = False
        self.forget()
        lost.set()

    def _heard(self, *_: object) -> None:
        self.forget()


def _in_force(periods: tuple[Item, ...], on: date) -> Item | None:
    """The newest period that holds on `on`."""
    for item in periods:
        if item.valid_on(on):
            return item
    return None

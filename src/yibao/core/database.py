"""The database as the rest of yibao sees it: a pool of asyncpg connections, transactions and readiness.

    database = await Database.open(url)
    async with database.transaction() as connection:      # commits at the end, rolls back on any exception
        await connection.execute("insert into …", …)
    async with database.connection() as connection:       # reading only, no transaction around it
        await connection.fetch("select …")

A database that is away, restarting or out of disk raises `Unavailable`; the next call tries anew, so that
nothing has to be restarted when it is back. A lost race (deadlock, serialisation) raises `Conflict`.

Connections are not reset between users, which saves one round trip each time: use `set local`,
`pg_advisory_xact_lock` and other things that end with their transaction, never their session-wide forms.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Self

import asyncpg
import msgspec
from asyncpg import exceptions as faults
from asyncpg.pool import PoolConnectionProxy

from yibao.core.errors import Conflict, Unavailable

Connection = PoolConnectionProxy | asyncpg.Connection
TIME_ZONE = "Asia/Shanghai"
SESSION = {"timezone": TIME_ZONE, "application_name": "yibao"}
POOL_SESSION = {**SESSION, "jit": "off", "enable_seqscan": "off"}
"""The pool's statements look things up by key. Plans of foreign keys and functions are cached per connection, and one
made while a table was still empty would scan it for good: so scans are taken only where there is no index."""
ACQUIRE_TIMEOUT = 5.0  # seconds to wait for a free connection
STATEMENT_TIMEOUT = 30.0  # seconds one statement may take
SILENCE_TIMEOUT = 1.0  # seconds a server has, after a statement took too long, to show that it is there at all
LEAST_FREE_BYTES = 32 << 20  # below this PostgreSQL cannot even write its log: not ready

_AWAY = (
    faults.PostgresConnectionError,
    faults.OperatorInterventionError,  # shutting down, starting up, statement cancelled
    faults.InsufficientResourcesError,  # disk full, out of memory, too many connections
    faults.PostgresSystemError,  # input/output error of the server
    ConnectionError,
    TimeoutError,
)
_LOST_RACE = (faults.DeadlockDetectedError, faults.SerializationError, faults.LockNotAvailableError)

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


class Database:
    """One process's way to the database; made by `open`, shared by all tasks of the process."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self._disk_was_full = False

    @classmethod
    async def open(cls, url: str, *, connections: int = 16) -> Self:
        """A pool of at most `connections`; they are made when needed, so the database may still be away."""
        pool = await asyncpg.create_pool(
            url,
            min_size=0,
            max_size=connections,
            command_timeout=STATEMENT_TIMEOUT,
            timeout=ACQUIRE_TIMEOUT,
            init=prepare_connection,
            reset=_leave_as_is,
            server_settings=POOL_SESSION,
        )
        return cls(pool)

    async def close(self) -> None:
        """Close the pool; running statements get two seconds."""
        try:
            async with asyncio.timeout(2.0):
                await self.pool.close()
        except TimeoutError:
            self.pool.terminate()

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[PoolConnectionProxy]:
        """A connection for reading; raises `Unavailable` or `Conflict`."""
        connection = await self._acquire()
        try:
            yield connection
        except _LOST_RACE as error:
            raise Conflict(str(error)) from error
        except _AWAY as error:
            raise self._away(error) from error
        except faults.InternalClientError as error:  # the server died in the middle of an answer
            _abandon(connection)
            raise self._away(error) from error
        except faults.InterfaceError as error:
            if not _is_lost(connection):
                raise  # a mistake of ours, not of the database
            raise self._away(error) from error
        finally:
            await self._give_back(connection)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[PoolConnectionProxy]:
        """A connection inside one transaction; raises `Unavailable` or `Conflict`, both safe to repeat."""
        async with self.connection() as connection, connection.transaction():
            try:
                yield connection
            except TimeoutError:
                await _drop_if_silent(connection)
                raise

    async def ready(self) -> str | None:
        """None when the database answers and can write, else the reason in English for the operator."""
        try:
            async with asyncio.timeout(2.0), self.connection() as connection:
                place = await connection.fetchval("select current_setting('data_directory', true)")
                if self._disk_was_full:
                    await _try_to_write(connection)
                    self._disk_was_full = False
        except (Unavailable, TimeoutError) as error:
            return str(error) or "the database does not answer"
        except faults.PostgresError as error:
            return str(error)
        return _disk_reason(place)

    async def _acquire(self) -> PoolConnectionProxy:
        try:
            connection: PoolConnectionProxy = await self.pool.acquire(timeout=ACQUIRE_TIMEOUT)
            return connection
        except (*_AWAY, OSError, faults.PostgresError) as error:
            raise self._away(error) from error

    async def _give_back(self, connection: PoolConnectionProxy) -> None:
        with contextlib.suppress(faults.InterfaceError, *_AWAY):
            await self.pool.release(connection, timeout=SILENCE_TIMEOUT)

    def _away(self, error: BaseException) -> Unavailable:
        self._disk_was_full = self._disk_was_full or isinstance(error, faults.DiskFullError)
        return Unavailable(f"{type(error).__name__}: {error}")


async def connect(url: str) -> asyncpg.Connection:
    """One connection of its own, with the same codecs and time zone, for commands and tests."""
    try:
        connection: asyncpg.Connection = await asyncpg.connect(url, timeout=ACQUIRE_TIMEOUT, server_settings=SESSION)
    except (*_AWAY, OSError, faults.PostgresError) as error:
        raise Unavailable(f"{type(error).__name__}: {error}") from error
    await prepare_connection(connection)
    return connection


async def prepare_connection(connection: Connection) -> None:
    """Read and write json and jsonb as Python values; numbers with a fraction are `Decimal`, never float."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + _encoder.encode(value),  # 1 is the version of jsonb's binary form
        decoder=lambda data: _decoder.decode(data[1:]),
    )
    await connection.set_type_codec(
        "json", schema="pg_catalog", format="binary", encoder=_encoder.encode, decoder=_decoder.decode
    )


def _is_lost(connection: PoolConnectionProxy) -> bool:
    try:
        return bool(connection.is_closed())
    except faults.InterfaceError:  # the pool has already taken a broken connection away
        return True


async def _drop_if_silent(connection: PoolConnectionProxy) -> None:
    """Roll back what took too long; a server that is silent would keep the rollback waiting just as long again."""
    try:
        await connection.execute("rollback", timeout=SILENCE_TIMEOUT)
    except (*_AWAY, faults.InterfaceError, faults.InternalClientError):
        _abandon(connection)


def _abandon(connection: PoolConnectionProxy) -> None:
    with contextlib.suppress(faults.InterfaceError):  # the pool has already taken it away
        connection.terminate()


async def _leave_as_is(connection: Connection) -> None:
    """Nothing to reset (see the module's note); asyncpg itself has ended an open transaction."""


async def _try_to_write(connection: Connection) -> None:
    """Ask PostgreSQL for a few new disk blocks, and give them back; raises when the disk is still full."""
    async with connection.transaction():
        await connection.execute(
            "create temp table readiness_probe on commit drop as"
            " select repeat(md5(n::text), 250) from generate_series(1, 40) n"
        )


def _disk_reason(place: str | None) -> str | None:
    """A reason not to be ready when the server's data directory is on this machine and nearly full."""
    try:
        space = os.statvfs(Path(place or ""))
    except OSError:
        return None
    free = space.f_bavail * space.f_frsize
    return f"the disk is full: {free >> 20} MB free at {place}" if free < LEAST_FREE_BYTES else None

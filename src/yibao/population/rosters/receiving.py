"""A department's roster (部门名册) from file to effect.

    receive(connection, Incoming(…), file, actor, today)   read and stage every line, match it to a person
    review: matching.accept / matching.reject               a clerk decides who the doubtful lines are
    comparison.compare(connection, batch_no)                 what the file says that the tables do not say yet
    applying.apply(connection, packs, batch_no, …)           all of that in one transaction, or nothing
    reject(connection, batch_no, …)                          the file is set aside

A line that cannot be read or matched is answered and does not hold up the others. The same file for the same day is
the same batch: receiving it again changes nothing.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from yibao.core.crypto import sm3
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.sheets import Row, read_sheet
from yibao.population.rosters import matching
from yibao.population.rosters.departments import Department, department_of
from yibao.population.rosters.roster_lines import FIELDS, columns_of, line_of

Mode = Literal["full", "incremental"]
Progress = Callable[[int], None]
CHUNK = 5_000
PATIENCE = 900.0  # seconds for one statement over a whole roster

LOCK = "select pg_advisory_xact_lock(hashtext('roster ' || $1))"
BULK = "set local enable_seqscan = on; set local work_mem = '64MB'"
SAME = """
select batch_no from population.roster_batch
where insu_admdvs = $1 and department = $2 and digest = $3 and as_of = $4 and status <> 'rejected'
"""
INSERT = """
insert into population.roster_batch
  (batch_no, insu_admdvs, department, kind, mode, as_of, file_name, digest, sequence, received_by)
values ($1 || '-' || to_char($6::date, 'YYYYMMDD') || '-' || nextval('population.roster_no'),
        $2, $1, $3, $4, $6, $5, $7, $8, $9)
returning batch_no
"""
REPEATED_LINES = """
update population.roster_row r set match = 'faulty', faults = r.faults || jsonb_build_array(jsonb_build_object(
    'code', $2::text, 'text', '与第' || d.first_row || '行重复', 'advice', '请只保留一行',
    'place', '第' || r.row_no || '行'))
from (select row_no, min(row_no) over (partition by certno, tag) as first_row
      from population.roster_row where batch_no = $1 and certno is not null and match = 'open') d
where r.batch_no = $1 and r.row_no = d.row_no and d.first_row < d.row_no
"""
COUNT = """
update population.roster_batch b set row_count = c.rows, fault_count = c.faulty
from (select count(*) as rows, count(*) filter (where match = 'faulty') as faulty
      from population.roster_row where batch_no = $1) c
where b.batch_no = $1
"""
FIND = """
select batch_no, insu_admdvs, department, kind, mode, as_of, file_name, sequence, status, row_count, fault_count,
       report, fingerprint, received_at, received_by, decided_at, decided_by, reason
from population.roster_batch where batch_no = $1
"""
LIST = f"{FIND.replace('batch_no = $1', 'insu_admdvs = $1 and department = $2')} order by received_at desc limit $3"
REJECT = """
update population.roster_batch set status = 'rejected', decided_at = now(), decided_by = $2, reason = $3
where batch_no = $1 and status in ('staged', 'compared') returning batch_no
"""


@dataclass(frozen=True, slots=True)
class Incoming:
    """What comes with a file: whose it is, `mode` full (everybody who has the tag) or incremental, its day."""

    admdvs: str
    department: str
    mode: Mode
    as_of: date
    file_name: str
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """One file with its state; `report` counts what the comparison found."""

    batch_no: str
    insu_admdvs: str
    department: str
    kind: str
    mode: Mode
    as_of: date
    file_name: str
    sequence: int | None
    status: str
    row_count: int
    fault_count: int
    report: dict[str, Any]
    fingerprint: str
    received_at: Any
    received_by: str
    decided_at: Any
    decided_by: str
    reason: str


async def receive(
    connection: Connection,
    incoming: Incoming,
    source: Path | bytes,
    actor: str,
    today: date,
    progress: Progress | None = None,
) -> Batch:
    """Stage a file and match its lines, in the caller's transaction; the batch that is there when it came before.

    Raises `Refused`: P801 unknown department, P805 a day to come, C1xx a file that is no such table.
    """
    department = department_of(incoming.admdvs, incoming.department, today)
    if incoming.as_of > today:
        raise Refused(Refusal("P805", f"名册日期{incoming.as_of}晚于今天", "请核对名册所属日期", "as_of"))
    digest = digest_of(source)
    await connection.execute(LOCK, f"{incoming.admdvs[:4]} {department.code}")
    known = await connection.fetchval(SAME, incoming.admdvs, department.code, digest, incoming.as_of)
    if known is not None:
        return await find_batch(connection, known)
    rows = await asyncio.to_thread(read_sheet, source, columns_of(department))
    batch_no: str = await connection.fetchval(
        INSERT, department.code, incoming.admdvs, department.kind, incoming.mode, incoming.file_name, incoming.as_of,
        digest, incoming.sequence, actor,
    )  # fmt: skip
    await _stage(connection, batch_no, department, rows, progress)
    await matching.match_lines(connection, batch_no)
    return await find_batch(connection, batch_no)


async def find_batch(connection: Connection, batch_no: str) -> Batch:
    """One batch; `Refused` P806 when there is none of that number."""
    row = await connection.fetchrow(FIND, batch_no)
    if row is None:
        raise Refused(Refusal("P806", f"名册批次{batch_no}不存在", "请核对批次号", "batch_no"))
    return Batch(**row)


async def list_batches(connection: Connection, admdvs: str, department: str, limit: int = 50) -> list[Batch]:
    """The newest batches of a department first."""
    return [Batch(**row) for row in await connection.fetch(LIST, admdvs, department, limit)]


async def reject(connection: Connection, batch_no: str, actor: str, reason: str) -> None:
    """Set a batch aside that was not applied; `Refused` P806, P807."""
    batch = await find_batch(connection, batch_no)
    if await connection.fetchval(REJECT, batch_no, actor, reason) is None:
        raise wrong_state(batch)


def wrong_state(batch: Batch) -> Refused:
    """P807: the batch is no longer (or not yet) where this may be done."""
    names = {"staged": "待比对", "compared": "待生效", "applied": "已生效", "rejected": "已退回"}
    return Refused(
        Refusal("P807", f"名册批次{batch.batch_no}现为“{names[batch.status]}”", "请刷新后按当前状态办理", "batch_no")
    )


def digest_of(source: Path | bytes) -> bytes:
    """SM3 of a file."""
    return sm3(source if isinstance(source, bytes) else source.read_bytes())


async def prepare_for_bulk(connection: Connection) -> None:
    """Let this transaction scan and sort whole tables: the pool's connections are set for single look-ups."""
    await connection.execute(BULK)


async def _stage(
    connection: Connection, batch_no: str, department: Department, rows: Iterator[Row], progress: Progress | None
) -> None:
    """COPY the lines in chunks; the sheet is read in a thread, so that a server goes on answering."""

    async def lines() -> AsyncIterator[tuple[Any, ...]]:
        done = 0
        while chunk := await asyncio.to_thread(lambda: list(itertools.islice(rows, CHUNK))):
            for row in chunk:
                yield (batch_no, *line_of(row, department))
            done += len(chunk)
            if progress:
                progress(done)

    await prepare_for_bulk(connection)
    await connection.copy_records_to_table(
        "roster_row", schema_name="population", records=lines(), columns=["batch_no", *FIELDS], timeout=PATIENCE
    )
    await connection.execute(REPEATED_LINES, batch_no, "P813", timeout=PATIENCE)
    await connection.execute(COUNT, batch_no, timeout=PATIENCE)
    await connection.execute("analyze population.roster_row", timeout=PATIENCE)

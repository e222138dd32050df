"""What departments and the bureau send each other (部门数据共享), numbered, checked and kept.

    take_in(connection, packs, Manifest(…), content, …)             a department's file → a compared roster, or why not
    send(connection, admdvs, department, kind, …)                   a list for a department, next number
    waiting_for(connection, admdvs, department, after)              what a department has not fetched
    acknowledge(connection, admdvs, department, sequence, digest)   it has it, with the same SM3

Each side numbers its files from 1. A number that came before with the same content is answered as before and changes
nothing; with other content it is quarantined, like every file that is damaged or no roster; a number too high waits
for the ones between. Folders (`exchange_folders`) and the interface (`web.exchange_api`) only carry.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import msgspec

from yibao.benefits.book import PackBook
from yibao.core.crypto import sm3, sm3_hex
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.rosters.applying import apply
from yibao.population.rosters.comparison import compare
from yibao.population.rosters.departments import department_of
from yibao.population.rosters.exchange_lists import after_applying, after_comparing
from yibao.population.rosters.receiving import Batch, Incoming, Mode, find_batch, receive
from yibao.population.rules import rules_of

OnApplied = Callable[[Connection, str], Awaitable[object]]
PLAIN_NAME = re.compile(r"[\w\-.（）() ]{1,120}")
LOCK = "select pg_advisory_xact_lock(hashtext('exchange ' || $1))"
LAST = """
select coalesce(max(sequence), 0) from population.exchange
where insu_admdvs = $1 and department = $2 and direction = $3 and status <> 'quarantined'
"""
KNOWN = """
select digest, batch_no from population.exchange
where insu_admdvs = $1 and department = $2 and direction = 'in' and sequence = $3 and status <> 'quarantined'
"""
KEEP = """
insert into population.exchange (insu_admdvs, department, direction, sequence, kind, file_name, digest, row_count,
  status, reason, details, batch_no, content, actor)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""
COLUMNS = """
exchange_id, direction, sequence, kind, file_name, encode(digest, 'hex') as digest, row_count, status, reason,
batch_no, at, sent_at
"""
LISTED = f"""
select {COLUMNS} from population.exchange where insu_admdvs = $1 and department = $2
order by exchange_id desc limit $3
"""
WAITING = f"""
select {COLUMNS} from population.exchange
where insu_admdvs = $1 and department = $2 and direction = 'out' and sequence > $3 and status in ('ready', 'sent')
order by sequence
"""
CONTENT = """
select file_name, content from population.exchange
where insu_admdvs = $1 and department = $2 and direction = 'out' and sequence = $3
"""
SENT = """
update population.exchange set status = 'sent', sent_at = coalesce(sent_at, now())
where insu_admdvs = $1 and department = $2 and direction = 'out' and sequence = $3 and status = 'ready'
"""
ACKNOWLEDGE = """
update population.exchange set status = 'acknowledged', sent_at = coalesce(sent_at, now())
where insu_admdvs = $1 and department = $2 and direction = 'out' and sequence = $3 and digest = $4
returning sequence
"""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What comes with a file; `sm3` hexadecimal; `as_of` and `mode` say what the roster is."""

    admdvs: str
    department: str
    sequence: int
    kind: str
    file_name: str
    sm3: str
    mode: Mode = "full"
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a file: `received`, `repeated`, `waiting` for numbers before it, or `quarantined` and why."""

    sequence: int
    status: Literal["received", "repeated", "waiting", "quarantined"]
    batch_no: str | None = None
    batch_status: str = ""
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One file in or out, without its content; `digest` hexadecimal SM3."""

    exchange_id: int
    direction: str
    sequence: int
    kind: str
    file_name: str
    digest: str
    row_count: int
    status: str
    reason: str
    batch_no: str | None
    at: Any
    sent_at: Any


async def take_in(
    connection: Connection,
    packs: PackBook,
    manifest: Manifest,
    content: bytes,
    actor: str,
    today: date,
    on_applied: OnApplied | None = None,
) -> Receipt:
    """Take a file in, in the caller's transaction: stage, match and compare it, and apply it where the area says so.

    `on_applied` gets the number of a batch that took effect, in the same transaction. Nothing is raised for a bad
    file: it is kept in quarantine with its reasons (P821–P825, C1xx, P8xx), its number stays free. Raises `Refused`
    P801 for a department that the city does not have.
    """
    department_of(manifest.admdvs, manifest.department, today)
    await connection.execute(LOCK, f"{manifest.admdvs} {manifest.department}")
    faults = check_manifest(manifest, content)
    known = await connection.fetchrow(KNOWN, manifest.admdvs, manifest.department, manifest.sequence)
    if known is not None and not faults:
        if bytes(known["digest"]) == sm3(content):
            return Receipt(manifest.sequence, "repeated", known["batch_no"])
        text = f"序号{manifest.sequence}已用于内容不同的文件"
        faults = (Refusal("P823", text, "新文件请用下一个序号", "sequence"),)
    if not faults:
        last = await connection.fetchval(LAST, manifest.admdvs, manifest.department, "in")
        if manifest.sequence > last + 1:
            return Receipt(manifest.sequence, "waiting", refusals=(gap(last, manifest.sequence),))
        try:
            async with connection.transaction():  # a refused file leaves nothing of itself
                return await _take_roster(connection, packs, manifest, content, actor, today, on_applied)
        except Refused as refused:
            faults = refused.refusals
    await _keep(connection, manifest, content, actor, "quarantined", faults)
    return Receipt(manifest.sequence, "quarantined", refusals=faults)


def check_manifest(manifest: Manifest, content: bytes) -> tuple[Refusal, ...]:
    """What is wrong with a manifest, beside its file: P821, P822, P825."""
    faults = []
    if not PLAIN_NAME.fullmatch(manifest.file_name) or manifest.file_name.startswith(".") or manifest.sequence < 1:
        faults.append(Refusal("P821", "清单文件的文件名或序号不合规", "请核对清单文件", "manifest"))
    if sm3_hex(content) != manifest.sm3.lower():
        text = "文件与清单中的SM3校验值不符，可能没有传完或被改动"
        faults.append(Refusal("P822", text, "请用原序号重新传送", "sm3"))
    if manifest.kind != "roster" or manifest.as_of is None:
        faults.append(Refusal("P825", f"不接收“{manifest.kind}”类文件，或没有名册日期", "请核对清单文件", "kind"))
    return tuple(faults)


def gap(last: int, sequence: int) -> Refusal:
    """P824: numbers between are missing."""
    missing = f"{last + 1}" if sequence == last + 2 else f"{last + 1}至{sequence - 1}"
    return Refusal("P824", f"缺少序号{missing}的文件", "请补传缺少的文件，本文件到时自动处理", "sequence")


async def send(
    connection: Connection,
    admdvs: str,
    department: str,
    kind: str,
    file_name: str,
    content: bytes,
    rows: int,
    actor: str,
    batch_no: str | None = None,
) -> int:
    """Put a file out for a department under its next number, in the caller's transaction; returns the number."""
    await connection.execute(LOCK, f"{admdvs} {department}")
    sequence: int = 1 + await connection.fetchval(LAST, admdvs, department, "out")
    await connection.execute(
        KEEP, admdvs, department, "out", sequence, kind, file_name, sm3(content), rows, "ready", "", {}, batch_no,
        content, actor,
    )  # fmt: skip
    return sequence


async def waiting_for(connection: Connection, admdvs: str, department: str, after: int = 0) -> list[Exchanged]:
    """Files out that the department has not acknowledged, by number."""
    return [Exchanged(**row) for row in await connection.fetch(WAITING, admdvs, department, after)]


async def history(connection: Connection, admdvs: str, department: str, limit: int = 100) -> list[Exchanged]:
    """What was sent and received, newest first."""
    return [Exchanged(**row) for row in await connection.fetch(LISTED, admdvs, department, limit)]


async def content_of(connection: Connection, admdvs: str, department: str, sequence: int) -> tuple[str, bytes]:
    """Name and content of a file out, which counts as sent from now on; `Refused` P826 when there is none."""
    row = await connection.fetchrow(CONTENT, admdvs, department, sequence)
    if row is None:
        raise Refused(Refusal("P826", f"没有序号{sequence}的文件", "请先查询待取清单", "sequence"))
    await connection.execute(SENT, admdvs, department, sequence)
    return row["file_name"], bytes(row["content"])


async def acknowledge(connection: Connection, admdvs: str, department: str, sequence: int, digest: str) -> None:
    """The department has the file; `Refused` P826 unknown number or other content."""
    try:
        given = bytes.fromhex(digest)
    except ValueError:
        given = b""
    if await connection.fetchval(ACKNOWLEDGE, admdvs, department, sequence, given) is None:
        raise Refused(Refusal("P826", f"没有序号{sequence}的文件，或SM3校验值不符", "请重新取文件后核对", "sequence"))


async def _take_roster(
    connection: Connection,
    packs: PackBook,
    manifest: Manifest,
    content: bytes,
    actor: str,
    today: date,
    on_applied: OnApplied | None,
) -> Receipt:
    assert manifest.as_of is not None
    incoming = Incoming(
        manifest.admdvs, manifest.department, manifest.mode, manifest.as_of, manifest.file_name, manifest.sequence
    )
    batch = await receive(connection, incoming, content, actor, today)
    if batch.status in ("staged", "compared"):
        await compare(connection, batch.batch_no)
        batch = await find_batch(connection, batch.batch_no)
        await _put_out(connection, await after_comparing(connection, batch, today), batch, actor)
        if rules_of(manifest.admdvs).on("roster_application", today)["automatic"]:
            batch = await _apply_if_safe(connection, packs, batch, actor, today, on_applied)
    await _keep(connection, manifest, content, actor, "received", (), batch)
    return Receipt(manifest.sequence, "received", batch.batch_no, batch.status)


async def _apply_if_safe(
    connection: Connection, packs: PackBook, batch: Batch, actor: str, today: date, on_applied: OnApplied | None
) -> Batch:
    """Apply without asking, unless a line is doubtful or the brake holds: then a clerk decides."""
    if batch.report.get("review"):
        return batch
    try:
        async with connection.transaction():
            await apply(connection, packs, batch.batch_no, actor, today)
            await put_out_changes(connection, batch.batch_no, actor, today)
            if on_applied:
                await on_applied(connection, batch.batch_no)
    except Refused:
        return batch
    return await find_batch(connection, batch.batch_no)


async def put_out_changes(connection: Connection, batch_no: str, actor: str, today: date) -> None:
    """After a batch was applied: its department gets the list of what changed."""
    batch = await find_batch(connection, batch_no)
    await _put_out(connection, await after_applying(connection, batch, today), batch, actor)


async def _put_out(connection: Connection, lists: Any, batch: Batch, actor: str) -> None:
    for one in lists:
        await send(
            connection, batch.insu_admdvs, one.department, one.kind, one.file_name, one.content, one.rows, actor,
            batch.batch_no,
        )  # fmt: skip


async def _keep(
    connection: Connection,
    manifest: Manifest,
    content: bytes,
    actor: str,
    status: str,
    faults: tuple[Refusal, ...],
    batch: Batch | None = None,
) -> None:
    reason = "；".join(map(str, faults[:20]))
    details = {"manifest": msgspec.to_builtins(manifest)}
    rows, batch_no = (batch.row_count, batch.batch_no) if batch else (0, None)
    await connection.execute(
        KEEP, manifest.admdvs, manifest.department, "in", manifest.sequence, manifest.kind, manifest.file_name[:200],
        sm3(content), rows, status, reason, details, batch_no, content, actor,
    )  # fmt: skip

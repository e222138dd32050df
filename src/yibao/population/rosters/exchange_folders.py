"""The exchange by folders, for departments whose machines only copy files (文件交换目录).

    <root>/<department>/inbox        the department puts  <name>  and then  <sequence>.manifest.json
                                     and, for what it fetched,  <sequence>.ack.json
    <root>/<department>/outbox       the bureau puts the same: file first, manifest last
    <root>/<department>/done         what was taken in (or had been before)
    <root>/<department>/quarantine   what was not, with the reasons in  <sequence>.reasons.txt

`sweep` handles every folder once, each file in a transaction of its own; files move after the commit, so a crash
between only makes a repetition, which changes nothing.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import msgspec

from yibao.benefits.book import PackBook
from yibao.core.database import Database
from yibao.core.errors import Refusal, Refused
from yibao.population.rosters.departments import departments_of
from yibao.population.rosters.exchange import (
    Manifest,
    OnApplied,
    Receipt,
    acknowledge,
    content_of,
    take_in,
    waiting_for,
)

PLACES = ("inbox", "outbox", "done", "quarantine")


class Acknowledgement(msgspec.Struct, frozen=True):
    """`<sequence>.ack.json`: the department holds the file with this SM3."""

    sequence: int
    sm3: str


@dataclass(slots=True)
class Swept:
    """What one sweep did, per department: receipts of files in, numbers of files out and of acknowledgements."""

    receipts: dict[str, list[Receipt]] = field(default_factory=dict)
    sent: dict[str, list[int]] = field(default_factory=dict)
    acknowledged: dict[str, list[int]] = field(default_factory=dict)


async def sweep(
    database: Database,
    packs: PackBook,
    root: Path,
    admdvs: str,
    actor: str,
    today: date,
    on_applied: OnApplied | None = None,
) -> Swept:
    """Take in what lies in the inboxes and put out what is ready, for every department of the city."""
    swept = Swept()
    for code in departments_of(admdvs, today):
        folder = root / code
        for place in PLACES:
            (folder / place).mkdir(parents=True, exist_ok=True)
        swept.acknowledged[code] = await _acknowledgements(database, folder, admdvs, code)
        take = partial(take_in, packs=packs, actor=actor, today=today, on_applied=on_applied)
        swept.receipts[code] = await _inbox(database, folder, admdvs, code, take)
    for code in departments_of(admdvs, today):  # after every inbox: a roster of one makes lists for others
        swept.sent[code] = await _outbox(database, root / code, admdvs, code)
    return swept


async def _inbox(
    database: Database, folder: Path, admdvs: str, code: str, take: Callable[..., Awaitable[Receipt]]
) -> list[Receipt]:
    receipts = []
    for path in sorted((folder / "inbox").glob("*.manifest.json"), key=_number):
        manifest = _manifest(path, admdvs, code)
        if isinstance(manifest, Refusal):
            receipt = Receipt(_number(path), "quarantined", refusals=(manifest,))
            _put_away(folder, path, None, receipt)
        else:
            file = folder / "inbox" / manifest.file_name
            async with database.transaction() as connection:
                receipt = await take(connection, manifest=manifest, content=_content(file))
            if receipt.status != "waiting":
                _put_away(folder, path, file, receipt)
        receipts.append(receipt)
    return receipts


async def _outbox(database: Database, folder: Path, admdvs: str, code: str) -> list[int]:
    """File first, manifest last and whole: whoever sees a manifest finds its file."""
    async with database.connection() as connection:
        ready = [one for one in await waiting_for(connection, admdvs, code) if one.status == "ready"]
    for one in ready:
        async with database.transaction() as connection:
            name, content = await content_of(connection, admdvs, code, one.sequence)
            (folder / "outbox" / name).write_bytes(content)
            manifest = Manifest(
                admdvs=admdvs, department=code, sequence=one.sequence, kind=one.kind, file_name=name, sm3=one.digest
            )
            _write_whole(folder / "outbox" / f"{one.sequence}.manifest.json", msgspec.json.encode(manifest))
    return [one.sequence for one in ready]


async def _acknowledgements(database: Database, folder: Path, admdvs: str, code: str) -> list[int]:
    done = []
    for path in sorted((folder / "inbox").glob("*.ack.json"), key=_number):
        try:
            told = msgspec.json.decode(path.read_bytes(), type=Acknowledgement)
            async with database.transaction() as connection:
                await acknowledge(connection, admdvs, code, told.sequence, told.sm3)
            done.append(told.sequence)
            path.replace(folder / "done" / path.name)
        except (msgspec.MsgspecError, Refused) as error:
            (folder / "quarantine" / f"{path.stem}.reasons.txt").write_text(str(error), encoding="utf-8")
            path.replace(folder / "quarantine" / path.name)
    return done


def _manifest(path: Path, admdvs: str, code: str) -> Manifest | Refusal:
    """The manifest in a file; who sends is said by the folder, not by the file. P821 when it cannot be read."""
    try:
        told = {"admdvs": admdvs, **json.loads(path.read_bytes()), "department": code}
        manifest = msgspec.convert(told, Manifest)
    except (ValueError, TypeError, msgspec.ValidationError) as error:
        return Refusal("P821", f"清单文件不能读取：{error}", "请按接口文档生成清单文件", path.name)
    if "/" in manifest.file_name or manifest.file_name.startswith(".") or manifest.admdvs[:4] != admdvs[:4]:
        return Refusal("P821", "清单文件的文件名或统筹区不合规", "请按接口文档生成清单文件", path.name)
    return manifest


def _content(file: Path) -> bytes:
    return file.read_bytes() if file.is_file() else b""  # its SM3 will not fit: quarantined as not (wholly) there


def _put_away(folder: Path, manifest: Path, file: Path | None, receipt: Receipt) -> None:
    place = folder / ("quarantine" if receipt.status == "quarantined" else "done")
    for path in (file, manifest):
        if path is not None and path.is_file():
            path.replace(place / path.name)
    if receipt.refusals:
        reasons = "\n".join(map(str, receipt.refusals))
        (place / f"{receipt.sequence}.reasons.txt").write_text(reasons, encoding="utf-8")


def _write_whole(path: Path, content: bytes) -> None:
    draft = path.with_suffix(".draft")
    draft.write_bytes(content)
    draft.replace(path)


def _number(path: Path) -> int:
    first = path.name.split(".", 1)[0]
    return int(first) if first.isdecimal() else 0

"""Files of an appeal (申诉材料): what they may be is told by their first bytes, not by their name.

Refusals: V411 too large, V412 none of the kinds taken, V413 too many.
"""

import io
import secrets
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from yibao.core import dates
from yibao.core.crypto import sm3
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.supervision.casework.moves import Actor

LARGEST = 5 << 20
MOST_FILES = 5
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BEGINNINGS = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}
KEEP = """
insert into supervision.attachment (file_id, fixmedins_code, file_name, media_type, content, digest, actor, at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
LINK = """
insert into supervision.finding_attachment (finding_id, file_id)
select * from unnest($1::text[]) f (finding_id) cross join unnest($2::text[]) a (file_id)
"""
OF_FINDING = """
select a.file_id, a.file_name, a.media_type, length(a.content) as size, a.actor, a.at
from supervision.finding_attachment l join supervision.attachment a using (file_id)
where l.finding_id = $1 order by a.at, a.file_id
"""
FIND = """
select a.file_name, a.media_type, a.content, a.fixmedins_code from supervision.attachment a where a.file_id = $1
"""
DRAWN_TO = """
select exists (select from supervision.finding_attachment l
               join supervision.opinion o on o.finding_id = l.finding_id and o.user_name = $2 where l.file_id = $1)
"""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent."""

    file_name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Attachment:
    """A kept file with its content."""

    file_name: str
    media_type: str
    content: bytes


def media_type_of(content: bytes) -> str | None:
    """PDF, JPEG, PNG or xlsx by what the file holds; None for anything else."""
    for beginning, media_type in BEGINNINGS.items():
        if content.startswith(beginning):
            return media_type
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError):
        return None
    plain = {"[Content_Types].xml", "xl/workbook.xml"} <= names and "xl/vbaProject.bin" not in names
    return XLSX if plain else None


def checked(files: Sequence[Upload]) -> list[str]:
    """The media types; every file's fault at once. Refused V411, V412, V413."""
    faults = [Refusal("V413", f"一次最多附{MOST_FILES}个文件", "请合并后再传")] if len(files) > MOST_FILES else []
    for one in files:
        if len(one.content) > LARGEST:
            faults.append(Refusal("V411", f"文件超过{LARGEST >> 20}MB", "请压缩或拆分后再传", one.file_name))
        elif media_type_of(one.content) is None:
            text = "文件不是PDF、JPG、PNG或xlsx，或已损坏"
            faults.append(Refusal("V412", text, "请另存为这四种格式之一后再传", one.file_name))
    if faults:
        raise Refused(*faults)
    return [media_type_of(one.content) or "" for one in files]


async def attach(connection: Connection, actor: Actor, files: Sequence[Upload], ids: Sequence[str]) -> list[str]:
    """Keep the files once, for all these findings; their numbers."""
    numbers = []
    for one, media_type in zip(files, checked(files), strict=True):
        number = secrets.token_hex(12)
        owner = actor.fixmedins_code or ""
        digest = sm3(one.content)
        await connection.execute(
            KEEP, number, owner, one.file_name, media_type, one.content, digest, actor.user_name, dates.now()
        )
        numbers.append(number)
    if numbers:
        await connection.execute(LINK, list(ids), numbers)
    return numbers


async def find_attachment(connection: Connection, file_id: str, actor: Actor) -> Attachment | None:
    """The file for reviewers, its own institution, and experts to whom one of its findings was drawn; else None."""
    row = await connection.fetchrow(FIND, file_id)
    if row is None:
        return None
    own = actor.role == "institution" and actor.fixmedins_code == row["fixmedins_code"]
    drawn = actor.role == "expert" and await connection.fetchval(DRAWN_TO, file_id, actor.user_name)
    if not (own or drawn or actor.role in ("reviewer", "second_reviewer")):
        return None
    return Attachment(row["file_name"], row["media_type"], bytes(row["content"]))

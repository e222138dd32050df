"""Files beside the messages (文件): kept in gateway.file, fetched by their file_qury_no, as 9101 and 9102 say.

Files of the catalogues belong to everybody (fixmedins_code "plc"); every other file only to its institution.
"""

import io
import secrets
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime

from yibao.core.database import Connection

PUBLIC = "plc"
KEEP = """
insert into gateway.file (file_qury_no, fixmedins_code, filename, content, dld_end_time) values ($1, $2, $3, $4, $5)
"""
FIND = """
select filename, content, dld_end_time from gateway.file where file_qury_no = $1 and fixmedins_code = any($2::text[])
"""
FIXED_TIME = (2000, 1, 1, 0, 0, 0)  # so that the same text always makes the same zip


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file as it was kept; `dld_end_time` is its last moment, local time."""

    filename: str
    content: bytes
    dld_end_time: datetime | None


async def keep_file(
    connection: Connection, fixmedins_code: str, filename: str, content: bytes, until: datetime | None = None
) -> str:
    """Keep a file; returns its file_qury_no (30 characters nobody can guess)."""
    number = secrets.token_hex(15)
    await connection.execute(KEEP, number, fixmedins_code, filename, content, until)
    return number


async def find_file(connection: Connection, number: str, fixmedins_code: str) -> KeptFile | None:
    """The file when it is public or the institution's own."""
    row = await connection.fetchrow(FIND, number, [fixmedins_code, PUBLIC])
    return None if row is None else KeptFile(row["filename"], bytes(row["content"]), row["dld_end_time"])


def zipped(name: str, content: bytes) -> bytes:
    """A zip with one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, FIXED_TIME), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unzipped(content: bytes, limit: int) -> str:
    """The text of the first file in a zip, at most `limit` bytes; `ValueError` when it is no such zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            first = archive.infolist()[0]
            if first.file_size > limit:
                raise ValueError(f"the file in the zip has {first.file_size} bytes, at most {limit} are read")
            return archive.read(first).decode("utf-8-sig")
    except (zipfile.BadZipFile, zlib.error, EOFError, IndexError, RuntimeError, NotImplementedError) as error:
        raise ValueError(str(error)) from error

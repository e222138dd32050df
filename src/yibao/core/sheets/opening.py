"""The raw cells of the one table in a file: xlsx and xls by `core.sheet_child`, csv by the standard library.

A file is told by its first bytes, never by its name. Before calamine sees an xlsx, its parts are inflated once under
a limit (a zip bomb, a truncated zip) and the places of its cells are looked at, because calamine keeps the whole
rectangle between the first and the last cell in memory.
"""

import csv
import io
import itertools
import re
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from yibao.core.errors import Refusal, Refused

LARGEST_FILE = 100 * 1024 * 1024
LARGEST_INFLATED = 400 * 1024 * 1024
WIDEST = 78  # columns A to BZ
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
TOO_FAR_RIGHT = re.compile(rb'<(?:\w+:)?c [^>]*?r="(?:[A-Z]{3}|[C-Z][A-Z])\d')
WITHOUT_PLACE = re.compile(rb"<(?:\w+:)?c(?:\s*/?>|\s(?![^>]*?\br=)[^>]*>)")
ROW_NUMBER = re.compile(rb'<(?:\w+:)?row [^>]*?r="(\d+)"')

Place = tuple[int, int]
Raw = list[Any]


@dataclass(frozen=True, slots=True)
class Table:
    """Raw rows with their number as the table shows it (from 1), and the merged areas (row, column from 0)."""

    rows: Iterator[tuple[int, Raw]]
    merged: tuple[tuple[Place, Place], ...] = ()


def open_table(source: Path | bytes, limit_rows: int) -> Table:
    """The table of a file; `Refused` C101–C105, C111–C113 when it has none that can be read."""
    content = _content(source)
    if content.startswith(ZIP):
        _check_archive(content, limit_rows)
        return _open_workbook(content, limit_rows)
    if content.startswith(OLE):
        if ENCRYPTED_PACKAGE in content:
            _refuse_encrypted()
        return _open_workbook(content, limit_rows)
    return _open_text(content)


def refuse(code: str, text: str, advice: str, place: str = "") -> NoReturn:
    """The whole file is refused."""
    raise Refused(Refusal(code, text, advice, place))


def _content(source: Path | bytes) -> bytes:
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > LARGEST_FILE:
        refuse("C104", f"文件超过{LARGEST_FILE >> 20}MB", "请分成几个文件上传")
    content = source if isinstance(source, bytes) else source.read_bytes()
    if not content.strip():
        refuse("C110", "文件是空的", "请按模板填写后上传")
    return content


def _check_archive(content: bytes, limit_rows: int) -> None:
    """Inflate every part once under the limit; look where the cells of each sheet lie."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                refuse("C101", "文件不是xlsx、xls或csv表格", "请用Excel或WPS另存为xlsx后上传")
            if sum(part.file_size for part in archive.infolist()) > LARGEST_INFLATED:
                refuse("C104", f"文件解压后超过{LARGEST_INFLATED >> 20}MB", "请删除图片和多余工作表，或分成几个文件")
            for part in archive.infolist():
                _check_part(part.filename, archive.read(part), limit_rows)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        refuse("C103", "文件已损坏或没有传完", "请重新保存并上传")


def _check_part(name: str, xml: bytes, limit_rows: int) -> None:
    if not name.startswith("xl/worksheets/sheet"):
        return
    if TOO_FAR_RIGHT.search(xml) or WITHOUT_PLACE.search(xml):
        refuse("C113", f"表格超过{WIDEST}列或单元格没有位置", "请清除右侧多余列，用Excel或WPS另存为xlsx后上传")
    last = max(map(int, ROW_NUMBER.findall(xml)), default=0)
    if last > limit_rows + 1000:
        _refuse_rows(limit_rows)


def _refuse_rows(limit_rows: int) -> NoReturn:
    refuse("C111", f"表格超过{limit_rows}行", "请删除末尾的空行，或分成几个文件上传")


def _refuse_encrypted() -> NoReturn:
    refuse("C105", "文件有打开密码", "请去掉密码后上传")


def _open_workbook(content: bytes, limit_rows: int) -> Table:
    messages = _messages_of_reader(content)
    first = next(messages)
    if first.get("fault") == "encrypted":
        _refuse_encrypted()
    if "fault" in first:
        _refuse_damaged()
    names = first["filled"]
    if len(names) > 1:
        text = f"有{len(names)}个工作表含有数据：{'、'.join(names)}"
        refuse("C112", text, "请只保留一个工作表，其余删除或另存")
    if not names:
        refuse("C110", "表格里没有数据", "请按模板填写后上传")
    if first["height"] > limit_rows + 1000:
        messages.close()
        _refuse_rows(limit_rows)
    merged = tuple((tuple(begin), tuple(end)) for begin, end in first["merged"])
    return Table(zip(itertools.count(1), _rows_of(messages), strict=False), merged)


def _messages_of_reader(content: bytes) -> Generator[Any, None, None]:
    """What `core.sheet_child` says of a workbook; C103 when it dies of it."""
    command = [sys.executable, "-m", "yibao.core.sheet_child"]
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        with subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reader:
            assert reader.stdout is not None
            try:
                while head := reader.stdout.read(4):
                    yield msgspec.msgpack.decode(reader.stdout.read(int.from_bytes(head, "big")))
            except msgspec.DecodeError:
                pass  # it died in the middle of a message
            finally:
                reader.kill()
    _refuse_damaged()


def _rows_of(messages: Iterator[list[Raw]]) -> Iterator[Raw]:
    """Rows until the list without any that ends them."""
    for rows in iter(lambda: next(messages), []):
        for row in rows:
            yield [date_of(cell) if type(cell) is dict else cell for cell in row]


def date_of(cell: dict[str, str]) -> datetime:
    """A date cell as the reader tells it."""
    return datetime.fromisoformat(cell["d"])


def _refuse_damaged() -> NoReturn:
    refuse("C103", "表格已损坏，不能读取", "请用Excel或WPS打开后另存为xlsx再上传")


def _open_text(content: bytes) -> Table:
    text = _decoded(content)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return Table(_lines(reader))


def _lines(reader: Any) -> Iterator[tuple[int, Raw]]:
    number = 1
    try:
        for cells in reader:
            yield number, cells
            number = reader.line_num + 1
    except csv.Error:
        refuse("C103", f"第{number}行起不能按csv读取", "请检查引号是否成对，或改用xlsx", f"第{number}行")


def _decoded(content: bytes) -> str:
    """UTF-8 (with or without mark), UTF-16 with its mark, or GB18030 as the Chinese Excel writes csv."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    elif b"\0" in content:
        refuse("C101", "文件不是xlsx、xls或csv表格", "请用Excel或WPS另存为xlsx后上传")
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    refuse("C102", "文字编码不是UTF-8或GB18030", "请用Excel或WPS另存为xlsx后上传")

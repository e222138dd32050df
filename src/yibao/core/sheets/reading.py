"""Rows of a table by declared columns.

    for row in read_sheet(path, (Column("certno", "证件号码", kind="identity"), …)):
        row.values["certno"], row.faults

The header line is looked for among the first ten lines, so that a title above it does no harm. Titles are compared
without spaces and without regard to width; `序号` and `备注` may stand in any table.
"""

import itertools
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yibao.core.errors import Refusal, Refused
from yibao.core.sheets.cells import READERS, CellFault, Kind, is_blank, shown
from yibao.core.sheets.opening import Raw, Table, open_table, refuse

LIMIT_ROWS = 300_000
HEADER_WITHIN = 10
EVERYWHERE = {"序号", "备注"}
MOST_PLACES = 20


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a table must (`required`) or may have.

    `title` and `aliases` are the headings; a required column must be there and filled in every row; `check` gets the
    value and says in Chinese what is wrong with it, or "".
    """

    name: str
    title: str
    aliases: tuple[str, ...] = ()
    required: bool = True
    kind: Kind = "text"
    check: Callable[[Any], str] | None = None


@dataclass(slots=True)
class Row:
    """One line: its number as the table shows it; a value per column name (None when blank or faulty)."""

    number: int
    values: dict[str, Any]
    faults: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Header:
    row_number: int
    positions: tuple[tuple[Column, int], ...]


def read_sheet(
    source: Path | bytes,
    columns: Sequence[Column],
    *,
    limit_rows: int = LIMIT_ROWS,
    ignore_unknown: bool = False,
) -> Iterator[Row]:
    """The rows of an xlsx, xls or csv table; blank lines are left out.

    `source` is a path or the bytes themselves, of 100 MB at most. A fault of the whole file is a `Refused` (C1xx)
    raised here, before the first row; only a csv that breaks or grows too long further down raises later. Faults
    of a cell stand in its row. `ignore_unknown` lets columns pass that are not declared.
    """
    table = open_table(source, limit_rows)
    header = _find_header(table, columns, ignore_unknown)
    _check_merged(table, header)
    rows = _rows(table, header, limit_rows)
    first = next(rows, None)
    if first is None:
        refuse("C110", "表头下面没有数据行", "请按模板填写后上传")
    return itertools.chain((first,), rows)


def _find_header(table: Table, columns: Sequence[Column], ignore_unknown: bool) -> _Header:
    """The line with the most declared titles among the first ten."""
    known = {_title(title): column for column in columns for title in (column.title, *column.aliases)}
    best: tuple[int, int, list[str]] = (0, 0, [])
    for number, cells in itertools.islice(table.rows, HEADER_WITHIN):
        titles = [_title(shown(cell)) for cell in cells]
        score = len({known[title].name for title in titles if title in known})
        if score > best[0]:
            best = (score, number, titles)
        if score == len(columns) or (score and score >= sum(column.required for column in columns)):
            break
        if best[0] and score < best[0]:
            break  # the best line is above and is incomplete: refused below
    return _header_of(best[1], best[2], known, columns, ignore_unknown)


def _header_of(
    number: int, titles: list[str], known: dict[str, Column], columns: Sequence[Column], ignore_unknown: bool
) -> _Header:
    positions = [(known[title], place) for place, title in enumerate(titles) if title in known]
    names = [column.name for column, _ in positions]
    refusals = [
        Refusal("C107", f"缺少列“{column.title}”", "请使用下载的模板，不要改动表头", column.title)
        for column in columns
        if column.required and column.name not in names
    ]
    refusals += [
        Refusal("C109", f"列“{column.title}”出现了不止一次", "请只保留一列", column.title)
        for column in columns
        if names.count(column.name) > 1
    ]
    if not ignore_unknown and positions:
        refusals += [
            Refusal("C108", f"不认识的列“{title[:20]}”", "请删除该列，或改回模板里的列名", title[:20])
            for title in titles
            if title and title not in known and title not in EVERYWHERE
        ]
    if refusals:
        raise Refused(*refusals)
    return _Header(number, tuple(positions))


def _title(text: str) -> str:
    """A heading without spaces, line breaks and the star of a required column."""
    return "".join(unicodedata.normalize("NFKC", text).split()).strip("*")


def _check_merged(table: Table, header: _Header) -> None:
    """Merged areas are allowed above the header line only: below it is unclear whose value stands there."""
    faults = [(first, last) for first, last in table.merged if last[0] + 1 >= header.row_number]
    if faults:
        raise Refused(
            *(
                Refusal("C106", "数据区有合并单元格", "请取消合并并在每一行填写完整", f"{_name(first)}:{_name(last)}")
                for first, last in faults[:MOST_PLACES]
            )
        )


def _name(place: tuple[int, int]) -> str:
    """(0, 1) → "B1"."""
    row, column = place
    letters = chr(ord("A") + column % 26)
    if column >= 26:
        letters = chr(ord("A") + column // 26 - 1) + letters
    return f"{letters}{row + 1}"


def _rows(table: Table, header: _Header, limit_rows: int) -> Iterator[Row]:
    count = 0
    for number, cells in table.rows:
        if number <= header.row_number or all(map(is_blank, cells)):
            continue
        count += 1
        if count > limit_rows:
            refuse("C111", f"表格超过{limit_rows}行", "请分成几个文件上传", f"第{number}行")
        yield _row(number, cells, header)


def _row(number: int, cells: Raw, header: _Header) -> Row:
    values: dict[str, Any] = {}
    faults: list[Refusal] = []
    notes: list[str] = []
    width = len(cells)
    for column, position in header.positions:
        raw = cells[position] if position < width else ""
        try:
            values[column.name] = _value(column, raw, notes)
        except CellFault as fault:
            values[column.name] = None
            faults.append(Refusal(fault.code, fault.text, fault.advice, f"第{number}行“{column.title}”"))
    return Row(number, values, tuple(faults), tuple(notes))


def _value(column: Column, raw: Any, notes: list[str]) -> Any:
    if is_blank(raw):
        if column.required:
            raise CellFault("C121", "没有填写", "请补填")
        return None
    value = READERS[column.kind](raw, notes)
    fault = column.check(value) if column.check else ""
    if fault:
        raise CellFault("C130", fault, "请核对后修改")
    return value

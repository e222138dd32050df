"""Reads one workbook in a process of its own: a damaged file can make the reader panic or ask for all memory.

Started by `core.sheets.opening`: the workbook comes on standard input; on standard output go messages, each four bytes
of length and MessagePack. The first says {"fault": …} or {"filled": names of visible sheets with data, "height": rows,
"merged": areas}; when one sheet is filled its rows follow in lists of a thousand, dates as {"d": ISO text}, and [] at
the end. Whoever reads less than the end knows that the reader died.
"""

import io
import sys
from datetime import date, datetime
from typing import Any

import msgspec
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

MOST_MEMORY = 3 << 30
MOST_SECONDS = 120
ROWS_AT_ONCE = 1_000


def main() -> None:
    _limit()
    try:
        sheets = _filled(CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read())))
    except PasswordError:
        _say({"fault": "encrypted"})
    except CalamineError:
        _say({"fault": "damaged"})
    else:
        first = sheets[0] if sheets else None
        merged = list(first.merged_cell_ranges or ()) if first else []
        height = first.total_height if first else 0
        _say({"filled": [sheet.name for sheet in sheets], "height": height, "merged": merged})
        if len(sheets) == 1:
            _say_rows(sheets[0])
    sys.stdout.buffer.flush()


def _filled(workbook: Any) -> list[Any]:
    visible = [
        workbook.get_sheet_by_name(sheet.name)
        for sheet in workbook.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    ]
    return [sheet for sheet in visible if sheet.height]


def _say_rows(sheet: Any) -> None:
    chunk: list[list[Any]] = []
    for row in sheet.iter_rows():
        chunk.append([cell if type(cell) in (str, float, int, bool) else _told(cell) for cell in row])
        if len(chunk) == ROWS_AT_ONCE:
            _say(chunk)
            chunk = []
    if chunk:
        _say(chunk)
    _say([])


def _told(cell: Any) -> Any:
    return {"d": cell.isoformat()} if isinstance(cell, date | datetime) else str(cell)


def _say(message: Any) -> None:
    packed = msgspec.msgpack.encode(message)
    sys.stdout.buffer.write(len(packed).to_bytes(4, "big") + packed)


def _limit() -> None:
    """Bounds of memory and time, where the system knows such (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()

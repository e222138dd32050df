"""Tables for people: one sheet with a title, a header line, and cells in which nothing can run.

    write_sheet(target, "参保日报", (Heading("乡镇", width=20), Heading("应收", "money")), rows)

Amounts are given in fen and stand as numbers of yuan with two decimals; ratios in basis points and stand as percent;
identity numbers are text. A text that begins like a formula stays text (in csv behind an apostrophe).
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal

import xlsxwriter

from yibao.core.money import yuan_from_fen
from yibao.core.sheets.cells import FORMULA_SIGNS

WrittenKind = Literal["text", "identity", "date", "month", "time", "money", "integer", "percent"]

NUMBER_FORMATS: dict[WrittenKind, str] = {
    "text": "@",
    "identity": "@",
    "date": "yyyy-mm-dd",
    "month": "yyyy-mm",
    "time": "yyyy-mm-dd hh:mm:ss",
    "money": "#,##0.00",
    "integer": "#,##0",
    "percent": "0.00%",
}
WIDTHS: dict[WrittenKind, int] = {"identity": 22, "money": 14, "date": 12, "month": 10, "time": 20, "text": 16}
MOST_ROWS = 1_048_000
SAFE = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": False,
}


@dataclass(frozen=True, slots=True)
class Heading:
    """One column: its title, what its values are, its width in characters (0: usual for the kind)."""

    title: str
    kind: WrittenKind = "text"
    width: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart to the right of the table: titles of the category column and of the value columns."""

    title: str
    categories: str
    values: tuple[str, ...]
    kind: Literal["column", "bar", "line"] = "column"


def write_sheet(
    target: Path | IO[bytes],
    title: str,
    headings: Sequence[Heading],
    rows: Iterable[Sequence[Any]],
    *,
    note: str = "",
    chart: Chart | None = None,
) -> int:
    """Write an xlsx file; returns the number of rows. `note` stands beside the title (source, time, day)."""
    with xlsxwriter.Workbook(target if not isinstance(target, Path) else str(target), SAFE) as workbook:
        sheet = workbook.add_worksheet(_sheet_name(title))
        formats = _dress(workbook, sheet, title, headings, note)
        count = 0
        for count, row in enumerate(rows, 1):
            if count > MOST_ROWS:
                raise ValueError("a sheet cannot hold more rows: write several files or csv")
            for place, (heading, value) in enumerate(zip(headings, row, strict=True)):
                _write_cell(sheet, count + 1, place, heading.kind, value, formats[heading.kind])
        sheet.autofilter(1, 0, count + 1, len(headings) - 1)
        if chart and count:
            _add_chart(workbook, sheet, chart, headings, count)
        return count


def write_csv(target: Path, headings: Sequence[Heading], rows: Iterable[Sequence[Any]]) -> int:
    """Write UTF-8 csv with the mark that Excel needs; returns the number of rows."""
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([heading.title for heading in headings])
        count = 0
        for row in rows:
            writer.writerow([_csv_cell(heading.kind, value) for heading, value in zip(headings, row, strict=True)])
            count += 1
        return count


def _dress(workbook: Any, sheet: Any, title: str, headings: Sequence[Heading], note: str) -> dict[WrittenKind, Any]:
    """Title line, header line, widths, print set-up; the cell formats by kind."""
    formats = {kind: workbook.add_format({"num_format": code}) for kind, code in NUMBER_FORMATS.items()}
    head = workbook.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "text_wrap": True})
    for place, heading in enumerate(headings):
        sheet.set_column(place, place, heading.width or WIDTHS.get(heading.kind, 12))
    large = workbook.add_format({"bold": True, "font_size": 14})
    sheet.write_string(0, 0, f"{title}　{note}" if note else title, large)
    for place, heading in enumerate(headings):
        sheet.write_string(1, place, heading.title, head)
    sheet.freeze_panes(2, 0)
    sheet.repeat_rows(1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    return formats


def _write_cell(sheet: Any, row: int, place: int, kind: WrittenKind, value: Any, style: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(row, place, None, style)
    elif kind == "money":
        sheet.write_number(row, place, yuan_from_fen(value), style)
    elif kind == "percent":
        sheet.write_number(row, place, Decimal(value).scaleb(-4), style)
    elif kind == "integer":
        sheet.write_number(row, place, value, style)
    elif isinstance(value, date | datetime):
        sheet.write_datetime(row, place, value, style)
    else:
        sheet.write_string(row, place, str(value), style)


def _add_chart(workbook: Any, sheet: Any, chart: Chart, headings: Sequence[Heading], count: int) -> None:
    titles = [heading.title for heading in headings]
    drawn = workbook.add_chart({"type": chart.kind})
    where = titles.index(chart.categories)
    for values in map(titles.index, chart.values):
        drawn.add_series(
            {
                "name": [sheet.get_name(), 1, values],
                "categories": [sheet.get_name(), 2, where, count + 1, where],
                "values": [sheet.get_name(), 2, values, count + 1, values],
            }
        )
    drawn.set_title({"name": chart.title})
    drawn.set_size({"width": 720, "height": 400})
    sheet.insert_chart(1, len(headings) + 1, drawn)


def _csv_cell(kind: WrittenKind, value: Any) -> str:
    if value is None:
        return ""
    if kind == "money":
        return str(yuan_from_fen(value))
    if kind == "percent":
        return f"{Decimal(value).scaleb(-2)}%"
    if kind == "month" and isinstance(value, date):
        return f"{value:%Y-%m}"
    text = str(value)
    return f"'{text}" if kind != "integer" and text.startswith((*FORMULA_SIGNS, "\t", "\r")) else text


def _sheet_name(title: str) -> str:
    """A title as Excel allows it as name of a sheet: 31 characters, none of []:*?/\\."""
    return "".join(" " if sign in "[]:*?/\\'" else sign for sign in title)[:31] or "Sheet1"

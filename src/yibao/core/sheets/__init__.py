"""Tables of other people: read with an answer per row, written so that nothing in them can run.

    opening.py   xlsx, xls or csv → the raw cells of its one table, or a refusal of the whole file (C101–C114)
    cells.py     one raw cell → text, identity number, date, amount; or a coded fault (C121–C130)
    reading.py   `read_sheet(source, columns)`: finds the header line, yields a `Row` per line
    writing.py   `write_sheet` and `write_csv`: amounts as numbers, identity numbers as text, never a formula

A file that is refused as a whole raises `Refused` before the first row; a bad cell is a fault of its row only, so
that the sender gets every row's answer at once. The codes are explained on docs/rosters.md.
"""

from yibao.core.sheets.cells import Kind
from yibao.core.sheets.reading import Column, Row, read_sheet
from yibao.core.sheets.writing import Chart, Heading, write_csv, write_sheet

__all__ = ["Chart", "Column", "Heading", "Kind", "Row", "read_sheet", "write_csv", "write_sheet"]

"""Tables of other people: what is turned, what is refused, and that nothing written can run."""

import io
import random
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from yibao.core.errors import Refused
from yibao.core.sheets import Chart, Column, Heading, Row, read_sheet, write_csv, write_sheet

COLUMNS = (
    Column("certno", "证件号码", ("身份证号",), kind="identity"),
    Column("name", "姓名"),
    Column("begins", "开始日期", kind="date", required=False),
    Column("month", "月份", kind="month", required=False),
    Column("amount", "金额", kind="money", required=False),
    Column("count", "人数", kind="integer", required=False),
)
NUMBER = "340602198001010014"


def workbook(*rows: Sequence[Any], merge: str = "", sheets: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    if merge:
        book.active.merge_cells(merge)
    for name in sheets:
        book.create_sheet(name).append(["x"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def one(title: str, cell: Any) -> Row:
    """The only row of a table with a certificate, a name and one further column."""
    content = workbook(["证件号码", "姓名", title], [NUMBER, "王芳", cell])
    return next(iter(read_sheet(content, COLUMNS)))


def codes_of(content: bytes, **options: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        list(read_sheet(content, COLUMNS, **options))
    return [refusal.code for refusal in caught.value.refusals]


def fault_of(row: Row) -> tuple[str, str]:
    (fault,) = row.faults
    return fault.code, fault.place


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (datetime(2024, 3, 1), date(2024, 3, 1)),
        (45352, date(2024, 3, 1)),
        ("45352", date(2024, 3, 1)),
        (20240301, date(2024, 3, 1)),
        ("2024-03-01", date(2024, 3, 1)),
        ("2024/3/1", date(2024, 3, 1)),
        ("2024年3月1日", date(2024, 3, 1)),
        ("２０２４．３．１", date(2024, 3, 1)),
    ],
)
def test_dates_are_read_however_excel_keeps_them(cell: Any, day: date) -> None:
    assert one("开始日期", cell).values["begins"] == day


def test_a_date_that_came_as_a_serial_number_is_noted() -> None:
    assert one("开始日期", 45352).notes == ("日期序列值45352已转为2024-03-01",)


@pytest.mark.parametrize("cell", ["2024-02-30", "去年", "2024-13-01", 3.5, 99999])
def test_what_is_no_date_is_a_fault_of_its_row(cell: Any) -> None:
    row = one("开始日期", cell)
    assert fault_of(row) == ("C124", "第2行“开始日期”")
    assert row.values["name"] == "王芳"


@pytest.mark.parametrize("cell", ["2024-03", "202403", "2024年3月", datetime(2024, 3, 9), "2024-03-09"])
def test_a_month_is_its_first_day(cell: Any) -> None:
    assert one("月份", cell).values["month"] == date(2024, 3, 1)


@pytest.mark.parametrize(
    ("cell", "fen"),
    [(380, 38000), (380.5, 38050), ("￥1,234.50", 123450), ("３８０元", 38000), (0.1 + 0.2, 30), ("-12", -1200)],
)
def test_amounts_in_yuan_become_fen(cell: Any, fen: int) -> None:
    assert one("金额", cell).values["amount"] == fen


@pytest.mark.parametrize("cell", ["三百八", "3.805", "1e400", "NaN", "Infinity"])
def test_what_is_no_amount_is_a_fault_of_its_row(cell: Any) -> None:
    assert fault_of(one("金额", cell)) == ("C126", "第2行“金额”")


def test_what_is_no_month_and_no_integer_is_a_fault_of_its_row() -> None:
    assert fault_of(one("月份", "春天"))[0] == "C125"
    assert fault_of(one("人数", 2.5))[0] == "C127"


def test_full_width_digits_become_half_width_and_are_noted() -> None:
    content = workbook(["证件号码", "姓名"], ["３４０６０２１９８００１０１００１４", "王芳"])
    (row,) = read_sheet(content, COLUMNS)
    assert row.values["certno"] == NUMBER
    assert row.notes == (f"全角字符已转为半角：{NUMBER}",)


@pytest.mark.parametrize("cell", [340602198001010014, 3.40602198001010e17, "3.40602E+17"])
def test_an_identity_number_that_excel_made_a_number_is_refused_with_advice(cell: Any) -> None:
    (row,) = read_sheet(workbook(["证件号码", "姓名"], [cell, "王芳"]), COLUMNS)
    assert fault_of(row) == ("C123", "第2行“证件号码”")
    assert "文本" in row.faults[0].advice
    assert row.values["certno"] is None


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+86", "@SUM(A1)", "-2+3", "＝cmd|'/c calc'!A0"])
def test_a_name_that_would_run_as_a_formula_is_refused(name: str) -> None:
    content = f"证件号码,姓名\n{NUMBER},{name}\n".encode()
    (row,) = read_sheet(content, COLUMNS)
    assert fault_of(row) == ("C128", "第2行“姓名”")


def test_faults_of_one_row_leave_the_others_alone() -> None:
    content = workbook(["证件号码", "姓名"], [NUMBER, "王芳"], ["不详", ""], [NUMBER, "李强"])
    rows = list(read_sheet(content, COLUMNS))
    assert [[fault.code for fault in row.faults] for row in rows] == [[], ["C122", "C121"], []]
    assert [row.number for row in rows] == [2, 3, 4]


def test_a_columns_own_check_speaks_for_its_cell() -> None:
    columns = (Column("name", "姓名", check=lambda name: "姓名太短" if len(name) < 2 else ""),)
    (row,) = read_sheet("姓名\n王\n".encode(), columns)
    assert (row.faults[0].code, row.faults[0].text) == ("C130", "姓名太短")


def test_text_too_long_or_with_control_signs_is_a_fault_of_its_row() -> None:
    rows = read_sheet(f"证件号码,姓名\n{NUMBER},{'长' * 501}\n{NUMBER},王\x07芳\n".encode(), COLUMNS)
    assert [row.faults[0].code for row in rows] == ["C129", "C129"]


def test_a_title_above_and_blank_lines_below_do_no_harm() -> None:
    content = workbook(
        ["淮北市花名册"],
        ["序号", "*身份 证号", "姓名", "备注"],
        [1, NUMBER, "王芳", ""],
        [],
        ["", " ", "-"],
        merge="A1:D1",
    )
    (row,) = read_sheet(content, COLUMNS)
    assert (row.number, row.values["certno"]) == (3, NUMBER)


def test_missing_unknown_and_double_columns_are_refused_together() -> None:
    content = workbook(["姓名", "姓名", "电话"], ["王芳", "王芳", "1"])
    assert sorted(codes_of(content)) == ["C107", "C108", "C109"]
    assert sorted(codes_of(content, ignore_unknown=True)) == ["C107", "C109"]


def test_a_table_without_any_known_column_is_refused() -> None:
    assert codes_of(workbook(["甲", "乙"], [1, 2])) == ["C107", "C107"]


def test_merged_cells_in_the_data_are_named() -> None:
    content = workbook(["证件号码", "姓名"], [NUMBER, "王芳"], ["", "李强"], merge="A2:A3")
    with pytest.raises(Refused) as caught:
        read_sheet(content, COLUMNS)
    assert [(refusal.code, refusal.place) for refusal in caught.value.refusals] == [("C106", "A2:A3")]


def test_a_truncated_workbook_is_refused() -> None:
    content = workbook(["证件号码", "姓名"], [NUMBER, "王芳"])
    assert codes_of(content[: len(content) // 2]) == ["C103"]


def test_a_workbook_with_a_flipped_byte_is_refused() -> None:
    content = bytearray(workbook(["证件号码", "姓名"], [NUMBER, "王芳"]))
    content[content.index(b"xl/worksheets/sheet1.xml") + 60] ^= 0xFF
    assert codes_of(bytes(content)) == ["C103"]


def test_a_zip_bomb_is_refused_before_it_is_inflated() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(610):
                part.write(bytes(1 << 20))
    assert codes_of(file.getvalue()) == ["C104"]


def test_cells_far_apart_are_refused_because_the_rectangle_between_them_would_fill_the_memory() -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1"] = "证件号码", "姓名"
    file = io.BytesIO()
    book.save(file)
    assert codes_of(file.getvalue()) == ["C113"]
    book.active["XFD1"], book.active["A1048576"] = None, "x"
    file = io.BytesIO()
    book.save(file)
    assert "C111" in codes_of(file.getvalue())


def test_what_is_no_table_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert codes_of(file.getvalue()) == ["C101"]
    assert codes_of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") == ["C101"]
    assert codes_of(b"\xd0\xcf\x11\xe0" + bytes(2000)) == ["C103"]
    assert codes_of(b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le") + bytes(2000)) == ["C105"]
    assert codes_of(b"\xff\xff\x80abc") == ["C102"]


def test_a_table_without_rows_and_an_empty_file_are_refused() -> None:
    assert codes_of(workbook(["证件号码", "姓名"])) == ["C110"]
    assert codes_of(workbook()) == ["C110"]
    assert codes_of(b" \n") == ["C110"]


def test_more_rows_than_allowed_are_refused() -> None:
    content = "证件号码,姓名\n" + f"{NUMBER},王芳\n" * 4
    assert codes_of(content.encode(), limit_rows=3) == ["C111"]
    assert len(list(read_sheet(content.encode(), COLUMNS, limit_rows=4))) == 4


def test_two_sheets_with_data_are_refused_and_an_empty_one_does_no_harm() -> None:
    rows = (["证件号码", "姓名"], [NUMBER, "王芳"])
    assert codes_of(workbook(*rows, sheets=["另一个"])) == ["C112"]
    book = openpyxl.load_workbook(io.BytesIO(workbook(*rows)))
    book.create_sheet("空表")
    file = io.BytesIO()
    book.save(file)
    assert len(list(read_sheet(file.getvalue(), COLUMNS))) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_is_read_in_the_encodings_that_chinese_offices_write(encoding: str, delimiter: str) -> None:
    content = f"证件号码{delimiter}姓名\r\n{NUMBER}{delimiter}王芳\r\n".encode(encoding)
    (row,) = read_sheet(content, COLUMNS)
    assert row.values["name"] == "王芳"


def test_what_was_written_is_read_back_the_same(tmp_path: Path) -> None:
    headings = (
        Heading("证件号码", "identity"),
        Heading("姓名"),
        Heading("开始日期", "date"),
        Heading("月份", "month"),
        Heading("金额", "money"),
        Heading("人数", "integer"),
    )
    data = [(NUMBER, "王芳", date(2024, 3, 1), date(2024, 3, 1), 38050, 3), (NUMBER, "李强", None, None, None, None)]
    write_sheet(tmp_path / "a.xlsx", "名册", headings, data, note="2024年", chart=Chart("图", "姓名", ("金额",)))
    write_csv(tmp_path / "a.csv", headings, data)
    for name in ("a.xlsx", "a.csv"):
        rows = [tuple(row.values.values()) for row in read_sheet(tmp_path / name, COLUMNS)]
        assert rows == data


def test_a_written_table_holds_amounts_as_numbers_and_formulas_as_text(tmp_path: Path) -> None:
    headings = (Heading("证件号码", "identity"), Heading("姓名"), Heading("金额", "money"), Heading("比例", "percent"))
    write_sheet(tmp_path / "a.xlsx", "名册", headings, [(NUMBER, "=1+1", 38050, 7550)])
    cells = next(openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows(min_row=3))
    assert [(cell.value, cell.data_type) for cell in cells] == [
        (NUMBER, "s"),
        ("=1+1", "s"),
        (380.5, "n"),
        (0.755, "n"),
    ]
    assert cells[2].number_format == "#,##0.00"
    write_csv(tmp_path / "a.csv", headings, [(NUMBER, "=1+1", 38050, 7550)])
    assert (tmp_path / "a.csv").read_text("utf-8-sig").splitlines()[1] == f"{NUMBER},'=1+1,380.50,75.50%"


def test_the_old_binary_workbook_is_read_the_same() -> None:
    rows = list(read_sheet(Path(__file__).with_name("roster.xls"), COLUMNS))
    assert rows[0].values == {"certno": NUMBER, "name": "王芳", "begins": date(2024, 3, 1), "amount": 38050}
    assert (rows[1].values["begins"], rows[1].values["amount"]) == (date(2024, 3, 1), 123450)
    assert fault_of(rows[1]) == ("C123", "第3行“证件号码”")
    content = Path(__file__).with_name("roster.xls").read_bytes()
    assert codes_of(content[: len(content) // 3]) == ["C103"]


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_a_workbook_damaged_anywhere_is_read_or_refused_and_never_takes_the_process_along(seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(Path(__file__).with_name("roster.xls").read_bytes())
    for _ in range(chance.randint(1, 20)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    try:
        answer = "read" if len(list(read_sheet(bytes(content), COLUMNS))) <= 2 else "too many rows"
    except Refused as refused:
        answer = refused.refusals[0].code
    assert answer == "read" or answer.startswith("C1")

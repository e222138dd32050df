"""`yibao declare` from the file of an employer to money on the accounts, and the roster that goes back."""

import asyncio
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from tests.population.workplace import certno, employer, now_is, table, worker
from yibao.core.database import Connection, connect
from yibao.ledger.chart import install_chart
from yibao.population.contributions.payments import Payment, confirm
from yibao.population.employees.commands import declare_app

Run = Callable[..., Any]


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("YIBAO_DATABASE_URL", database_url)
    now_is(monkeypatch, date(2024, 5, 10))

    def run(*words: str, code: int = 0) -> Any:
        done = CliRunner().invoke(declare_app, list(words), catch_exceptions=False)
        assert done.exit_code == code, done.output
        return json.loads(done.stdout) if code == 0 and done.stdout.strip() else done.output

    return run


def in_database(url: str, work: Callable[[Connection], Any]) -> Any:
    async def connected() -> Any:
        connection = await connect(url)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(connected())


async def office(connection: Connection) -> str:
    await install_chart(connection)
    return await employer(connection)


def test_a_month_from_the_employers_file_to_the_accounts_and_back(run: Run, database_url: str, tmp_path: Path) -> None:
    emp_no = in_database(database_url, office)
    file = tmp_path / "五月.xlsx"
    file.write_bytes(table([worker(1), worker(2, 100), worker(3, None)]))
    answer = run("file", emp_no, "2024-05", str(file))
    assert [line["answer"] for line in answer["lines"]] == ["accepted", "corrected", "refused"]
    bill = run("bill", emp_no, "2024-05")["bill"]
    assert (bill["persons"], bill["employer"] + bill["personal"]) == (2, 71_200)
    order = run("order", bill["bill_no"])
    paid = Payment("tax", order["order_no"], order["amount"], "T1", datetime(2024, 5, 10, 8))
    in_database(database_url, lambda connection: confirm(connection, paid, "tax"))
    assert run("credit", "340600", "2024-05")["credited"] == 17_800
    assert run("feedback", "340600", "2024-05", "--to", str(tmp_path / "out")) == {"files": 1}
    sheet = openpyxl.load_workbook(tmp_path / "out" / f"{emp_no}-2024-05.xlsx").active
    rows = {row[1]: row for row in sheet.iter_rows(min_row=3, values_only=True)}
    assert rows[certno(1)][2:4] == ("钱二", "正常参保")
    assert rows[certno(1)][6:9] == (5000, 300, 100)
    assert rows[certno(1)][13] == "已缴"


def test_refusals_go_to_standard_error_with_their_codes(run: Run) -> None:
    assert "P143" in run("bill", "E0", "2024-05", code=1)
    assert "P715" in run("withdraw", "B0", "--reason", "", code=1)
    assert "P106" in run("flexible", "0", "2024-05", "--percent", "60", code=1)

"""`yibao campaign` from tables to the bulletin, as a bureau without pages runs it."""

import asyncio
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from tests.population.campaign.conftest import CITY, COUNTY, TOWN_A, TOWN_B, settle_people
from yibao.core.database import connect
from yibao.core.sheets import Heading, write_sheet
from yibao.population.campaign.commands import campaign_app
from yibao.population.campaign.parameters import campaign_rules
from yibao.population.rules import rules_of

SHARED = ("--area", "340600")
YEAR = (*SHARED, "--year", "2024")


@pytest.fixture
def campaign(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with the county behind the command, and a folder for tables."""

    async def fill() -> None:
        connection = await connect(database_url)
        await settle_people(connection)
        await connection.close()

    asyncio.run(fill())
    monkeypatch.setenv("YIBAO_DATABASE_URL", database_url)
    monkeypatch.setenv("YIBAO_HOME", str(tmp_path / "home"))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(campaign_app, arguments)


def table(folder: Path, titles: str, *rows: tuple[str, ...]) -> str:
    file = folder / "table.xlsx"
    write_sheet(file, "表", [Heading(title) for title in titles.split()], rows)
    return str(file)


def test_from_tasks_to_the_bulletin_and_the_weekly_list(campaign: Path) -> None:
    tasks = table(campaign, "区划编码 任务数", (CITY, "12"), (COUNTY, "12"), (TOWN_A, "9"), (TOWN_B, "3"))
    assert "4 tasks changed" in run("tasks", tasks, *YEAR, "--reason", "市下达").output
    assert "counted 2023-09-01 to 2023-11-15" in run("snapshot", *YEAR, "--day", "2023-11-15").output
    assert "2 towns" in run("supervise", *YEAR, "--day", "2023-11-15").output
    target = campaign / "day.xlsx"
    assert run("bulletin", *YEAR, "--day", "2023-11-15", "--to", str(target)).exit_code == 0
    sheet = load_workbook(target).active
    assert sheet is not None
    assert [sheet["B3"].value, sheet["D3"].value] == ["青禾镇", 9]
    assert "counted 2023-11-14 to 2023-11-15" in run(
        "rebuild", *YEAR, "--from", "2023-11-14", "--to", "2023-11-15"
    ).output  # fmt: skip


def test_schools_rolls_and_helpers_answer_the_rows_that_were_left(campaign: Path) -> None:
    assert (
        "1 rows taken"
        in run("schools", table(campaign, "学校编号 学校名称 所属区划", ("S1", "小学", TOWN_A)), *SHARED).output
    )
    roll = table(
        campaign, "学校编号 证件号码 姓名", ("S1", "340621198001010001", "村民1"), ("S1", "340621198001019999", "谁")
    )
    answer = run("roll", roll, *YEAR).output
    assert "1 rows taken, 1 left" in answer
    assert "[P905]第4行" in answer
    helpers = table(campaign, "证件号码 姓名 帮扶责任人", ("340621198001010001", "村民1", "王干部"))
    assert "1 rows taken, 0 left" in run("helpers", helpers, *SHARED).output


def test_a_refusal_ends_with_its_reasons_and_exit_code_1(campaign: Path) -> None:
    bad = run("tasks", table(campaign, "区划编码 任务数", (CITY, "12"), (COUNTY, "11")), *YEAR, "--reason", "市下达")
    assert bad.exit_code == 1
    assert "[P902]" in bad.output
    unknown = run("snapshot", "--area", "999900", "--year", "2024")
    assert (unknown.exit_code, "[P001]" in unknown.output) == (1, True)


def test_the_campaign_of_tongren_ends_when_its_notice_says() -> None:
    assert campaign_rules(rules_of("520600"), 2025).last_day.isoformat() == "2025-02-28"

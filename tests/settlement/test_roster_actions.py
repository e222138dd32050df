"""A roster that reaches back: tags, premiums, lists, and the settled bills that would differ, in one step."""

import json
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from tests.settlement.town import Town
from yibao.population.identity import identity_number
from yibao.population.rosters.comparison import compare
from yibao.population.rosters.exchange import waiting_for
from yibao.population.rosters.receiving import Incoming, receive
from yibao.settlement.retroactive import open_effects
from yibao.settlement.roster_actions import bring_to_effect
from yibao.settlement.roster_commands import roster_app

CITY, TODAY = "340600", date(2024, 6, 20)
NUMBER = identity_number("340602", date(1970, 1, 1), 2)
ROSTER = f"证件号码,姓名,身份类别,开始日期\n{NUMBER},居民丁,低保,2024-01-01\n".encode()


@pytest.fixture
async def settled_town(town: Town) -> Town:
    """r1 has a settled stay of June and an identity number that a roster can name."""
    await town.stay("r1", "20000")
    async with town.database.transaction() as connection:
        await connection.execute("update population.person set certno = $1 where psn_no = 'r1'", NUMBER)
    return town


async def test_a_roster_that_reaches_back_lists_the_settled_bills_that_would_differ(settled_town: Town) -> None:
    incoming = Incoming(CITY, "civil_affairs", "incremental", TODAY, "低保名册.csv")
    async with settled_town.database.transaction() as connection:
        batch = await receive(connection, incoming, ROSTER, "clerk", TODAY)
        await compare(connection, batch.batch_no)
        done, bills = await bring_to_effect(settled_town.services, connection, batch.batch_no, "clerk", TODAY)
        assert (done.persons, bills) == (1, 1)
        (effect,) = await open_effects(connection)
        assert (effect["reference"], effect["psn_no"], effect["since"]) == (batch.batch_no, "r1", date(2024, 1, 1))
        assert [one.kind for one in await waiting_for(connection, CITY, "civil_affairs")] == ["tag_changes"]
        again, more = await bring_to_effect(settled_town.services, connection, batch.batch_no, "clerk", TODAY)
        assert (again.persons, more) == (0, 0)


@pytest.fixture
def roster(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """`roster("compare", batch_no)` runs `yibao roster compare …` and returns its JSON."""
    monkeypatch.setenv("YIBAO_DATABASE_URL", database_url)
    monkeypatch.setenv("YIBAO_HOME", str(tmp_path / "home"))

    def run(*words: str) -> Any:
        answers: list[Any] = []

        def call() -> None:  # commands start an event loop of their own
            done = CliRunner().invoke(roster_app, list(words), catch_exceptions=False)
            answers.append((done.exit_code, done.stdout))

        thread = threading.Thread(target=call)
        thread.start()
        thread.join()
        code, text = answers[0]
        assert code == 0, text
        return json.loads(text)

    return run


async def test_the_command_line_takes_a_roster_from_file_to_effect(
    settled_town: Town, roster: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "低保名册.csv"
    file.write_bytes(ROSTER)
    area = ("--area", CITY)
    batch = roster("import", "civil_affairs", str(file), *area, "--as-of", "2024-06-03", "--incremental")
    assert (batch["status"], batch["row_count"]) == ("staged", 1)
    assert roster("review", batch["batch_no"]) == []
    assert roster("compare", batch["batch_no"])["begin"] == 1
    assert roster("answers", batch["batch_no"], str(tmp_path / "answers.xlsx")) == {"rows": 1}
    (row,) = openpyxl.load_workbook(tmp_path / "answers.xlsx").active.iter_rows(min_row=3, values_only=True)
    assert row[4:6] == ("已比对到人", "新增")
    assert roster("apply", batch["batch_no"])["bills_that_would_differ"] == 1
    assert [one["psn_no"] for one in roster("effects")] == ["r1"]
    swept = roster("exchange", str(tmp_path / "exchange"), *area)
    assert swept["sent"]["civil_affairs"] == [1]
    assert roster("statement", "2024", str(tmp_path / "statement.xlsx"), *area) == {"persons": 0, "fen": 0, "rows": 0}
    assert roster("book", "2024", *area) == {"entry": None}
    assert roster("warn", "2024", *area) == {"persons": 0}
    key = roster("grant", "civil_affairs", *area)
    assert roster("revoke", key["access_key"]) is True

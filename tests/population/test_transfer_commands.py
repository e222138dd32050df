"""`yibao transfer` and `yibao entitlement` run a bureau's desk without pages."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from tests.population.conftest import SEED
from yibao.core import dates
from yibao.core.database import connect
from yibao.population.entitlement.certificates import read_certificate
from yibao.population.entitlement.commands import entitlement_app, transfer_app
from yibao.population.entitlement.coverage import refresh, take_over

Run = Callable[..., Any]
LEAVE = """
update population.enrolment set psn_insu_stas = '4', enddate = '2024-04-30' where psn_no = '2';
insert into population.account_movement (psn_no, amount, balance_after, kind, reference)
values ('2', 10000, 10000, 'opening', 't');
"""
ARRIVE = """
insert into population.enrolment (psn_no, insutype, psn_type, insu_admdvs, begndate, category)
values ('2', '310', '11', '421300', '2024-05-01', 'employee')
"""


def execute(url: str, *statements: str) -> None:
    async def work() -> None:
        connection = await connect(url)
        for statement in statements:
            await connection.execute(statement)
            if statement is SEED:
                await take_over(connection)
        await refresh(connection, ["1", "2"])
        await connection.close()

    asyncio.run(work())


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("YIBAO_DATABASE_URL", database_url)
    monkeypatch.setattr(dates, "now", lambda: datetime(2024, 6, 3, 9, 0, 0))
    execute(database_url, SEED)

    def run(app: typer.Typer, *words: str) -> Any:
        done = CliRunner().invoke(app, list(words), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


def test_a_person_leaves_one_city_and_arrives_in_another_with_a_file(
    run: Run, database_url: str, tmp_path: Path
) -> None:
    execute(database_url, LEAVE)
    out = run(transfer_app, "out", "2", "--area", "421300")
    file = tmp_path / "certificate.json"
    run(transfer_app, "send", out, str(file))
    execute(database_url, ARRIVE)
    into = run(transfer_app, "in", "2", "--area", "340600")
    assert run(transfer_app, "receive", into, str(file))["months"] == 172
    run(transfer_app, "merge", into)
    run(transfer_app, "done", out)
    assert run(transfer_app, "overdue", "--day", "2025-01-01") == []
    refused = CliRunner().invoke(transfer_app, ["merge", into])
    assert (refused.exit_code, "E103" in refused.stderr) == (1, True)


def test_another_city_is_asked_and_what_it_answers_is_taken(run: Run, database_url: str, tmp_path: Path) -> None:
    execute(database_url, LEAVE)
    out = run(transfer_app, "out", "2", "--area", "421300")
    file = tmp_path / "参保凭证.xlsx"
    run(transfer_app, "send", out, str(file))
    assert read_certificate(file.read_bytes()).months == 172
    assert run(transfer_app, "collect", "--day", "2024-06-11") == [{"transfer_no": out, "kind": "merged", "why": ""}]
    assert [message["kind"] for message in run(transfer_app, "messages")] == ["merged", "certificate"]


def test_a_city_without_rules_of_retirement_says_so_and_no_default_is_taken(run: Run, database_url: str) -> None:
    assert run(entitlement_app, "months", "2")["missing"] > 0
    execute(database_url, LEAVE, ARRIVE)
    refused = CliRunner().invoke(entitlement_app, ["months", "2"])
    assert (refused.exit_code, "P001" in refused.stderr) == (1, True)


def test_a_person_is_told_what_he_is_insured_for(run: Run) -> None:
    report = run(entitlement_app, "of", "1")
    assert (report["insured"], report["standings"][0]["title"]) == (True, "城乡居民基本医疗保险")
    assert run(entitlement_app, "refresh", "--area", "340600") == 0

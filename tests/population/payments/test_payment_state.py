"""What a person sees of the year's premium, and the commands of the desk."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.population.payments.ordering import order, paid, payment
from tests.population.payments.test_channels import A1, DAY, STATEMENT, TAX, sheet
from tests.population.payments.test_refunds import nobody
from yibao.benefits.book import PackBook
from yibao.core.database import Database
from yibao.population.contributions.channels.callback import reply
from yibao.population.contributions.commands import premium_app
from yibao.population.contributions.payment_state import payment_state
from yibao.population.contributions.payments import confirm, report
from yibao.population.contributions.premiums import assess
from yibao.population.contributions.refunds import Request, refund


async def seen(desk: Any, psn_no: str = "A1") -> str:
    return (await payment_state(desk, psn_no, 2024)).state


async def test_a_premium_goes_through_its_states(desk: Any, packs: PackBook, at: Any) -> None:
    assert await seen(desk) == "none"
    await assess(desk, packs, ["A1"], 2024, DAY, "test")
    assert await seen(desk) == "due"
    made = await order(desk, packs, "A1", channel="village")
    assert await seen(desk) == "ordered"
    await report(desk, made.order_no, "test")
    assert await seen(desk) == "reported"
    at("2023-12-03 10:01")
    state = await payment_state(desk, "A1", 2024)
    assert (state.state, str(state.appears_by)) == ("overdue", "2023-12-03 10:00:00")
    await confirm(desk, payment(made), "village")
    assert await seen(desk) == "paid"
    await refund(desk, packs, Request(made.order_no, ("A1",), "emigrated"), "test", nobody)
    assert await seen(desk) == "refunded"
    kept = await desk.fetch("select status from population.contribution where psn_no = 'A1'")
    assert [row["status"] for row in kept] == ["refunded"]


async def test_an_order_that_has_expired_leaves_the_premium_due(desk: Any, packs: PackBook, at: Any) -> None:
    await order(desk, packs, "A1")
    at("2023-12-03 10:01")
    assert await seen(desk) == "due"


async def test_whom_the_subsidy_carries_in_full_reads_so(desk: Any, packs: PackBook) -> None:
    await assess(desk, packs, ["B1"], 2024, DAY, "test")
    assert "资助参保全额负担" in (await payment_state(desk, "B1", 2024)).text


async def test_a_channel_is_told_the_amount_in_yuan(desk: Any, packs: PackBook) -> None:
    assert json.loads(reply(await paid(desk, packs, "A1")))["amount"] == "380.00"


def test_a_bureau_runs_the_year_from_the_command_line(
    village: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIBAO_DATABASE_URL", database_url)
    monkeypatch.setenv("YIBAO_HOME", str(tmp_path / "home"))

    def run(*words: str) -> dict[str, Any]:
        done = CliRunner().invoke(premium_app, words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    (tmp_path / "in.xlsx").write_bytes(sheet(TAX, ("T1", A1, "测试甲", 2024, 38000, DAY)))
    (tmp_path / "day.xlsx").write_bytes(sheet(STATEMENT, ("T1", 38000), ("T2", 1)))
    where = ("--area", "340600")
    assert run("assess", *where, "--year", "2024", "--day", "2023-10-20") == {"changed": 5}
    assert run("file-out", "tax", str(tmp_path / "out.csv"), *where, "--year", "2024")["file"]["rows"] == 4
    assert run("file-in", "tax", str(tmp_path / "in.xlsx"), *where)["answer"]["paid"] == 1
    found = run("reconcile", "tax", str(tmp_path / "day.xlsx"), "--day", "2023-12-01")["reconciliation"]
    assert (found["matched"], len(found["differences"])) == (38000, 1)
    assert run("state", "A1", "--year", "2024")["payment"]["state"] == "paid"
    (tmp_path / "more.xlsx").write_bytes(sheet(TAX, ("T3", A1, "测试甲", 2024, 38000, DAY)))
    assert run("file-in", "tax", str(tmp_path / "more.xlsx"), *where)["answer"]["unallocated"] == 1
    (left,) = run("unallocated", "tax")["receipts"]
    assert (left["serial"], left["amount"], left["reason"]) == ("T3", 38000, "P606")
    assert run("return", "tax", "T3", "--reason", "重复缴费")["refund_no"].startswith("TF20231201")
    admitted = run("admit", "A2", "--year", "2024", "--ground", "veteran", "--day", "2024-05-06")
    assert (admitted, run("state", "A2", "--year", "2024")["payment"]["kind"]) == ({"changed": 1}, "midyear")
    assert len(run("grant", "tax")["secret"]) == 48
    assert run("revoke", "tax") == {"revoked": True}
    assert run("expire") == {"released": 0}

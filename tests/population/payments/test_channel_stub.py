"""A season with the stub of a channel on the other side: lists, batches, messages, reversal, statement."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from tests.population.payments.ordering import DAY, balance, order
from yibao.benefits.book import PackBook
from yibao.core.database import Database
from yibao.population.contributions.channels import bank, tax
from yibao.population.contributions.channels.access import admit, grant
from yibao.population.contributions.channels.callback import answer
from yibao.population.contributions.channels.stub import ChannelStub
from yibao.population.contributions.payment_orders import order_of
from yibao.population.contributions.premiums import assess_area
from yibao.population.contributions.reconciliation import reconcile

KEY = bytes(range(32))


async def test_the_tax_bureau_collects_its_list_and_its_statement_agrees(
    desk: Any, packs: PackBook, tmp_path: Path
) -> None:
    bureau, target = ChannelStub("tax"), tmp_path / "owed.xlsx"
    await assess_area(desk, packs, "340600", 2024, DAY, "test")
    rows, amount = await tax.write_list(desk, target, "340600", 2024)
    found = await tax.take_list(desk, packs, "340600", "paid.xlsx", bureau.collect(target.read_bytes(), DAY), "tax")
    assert (found.paid, found.paid_amount, found.unallocated) == (rows, amount, 0)
    run = await reconcile(desk, "tax", DAY, bureau.statement(DAY), "clerk")
    assert (run.matched, run.differences, await balance(desk, "channels.receivable")) == (amount, (), 0)


async def test_a_bank_debits_a_batch_and_what_failed_is_due_again(desk: Any, packs: PackBook, tmp_path: Path) -> None:
    bank_stub, target = ChannelStub("bank"), tmp_path / "batch.xlsx"
    paid = await order(desk, packs, "A1", "A2", channel="bank")
    failed = await order(desk, packs, "A3", channel="bank")
    await bank.write_batch(desk, target, "340600", "clerk")
    results = bank_stub.debit(target.read_bytes(), DAY, failing=[failed.order_no])
    await bank.take_results(desk, "results.xlsx", results, "bank")
    assert [(await order_of(desk, one.order_no)).status for one in (paid, failed)] == ["paid", "reversed"]
    run = await reconcile(desk, "bank", DAY, bank_stub.statement(DAY), "clerk")
    assert (run.matched, run.differences) == (paid.amount, ())


async def test_a_signed_message_pays_an_order_and_another_takes_it_back(village: Database, packs: PackBook) -> None:
    async with village.transaction() as connection:
        bureau = ChannelStub("tax", await grant(connection, KEY, "tax"))
        begun, kept = await order(connection, packs, "A1"), await order(connection, packs, "A2")
    at = datetime(2023, 12, 1, 9, 59)
    messages = [bureau.paid(one.order_no, one.amount, at) for one in (begun, kept)]
    for message in (*messages, bureau.taken_back(begun.order_no)):
        headers, body = message
        async with village.connection() as connection:
            await admit(connection, KEY, "tax", headers, body)
        await answer(village, "tax", body)
    async with village.transaction() as connection:
        assert (await order_of(connection, begun.order_no)).status == "reversed"
        run = await reconcile(connection, "tax", date(2023, 12, 1), bureau.statement(at.date()), "clerk")
        assert (run.ours, run.matched, run.differences) == (kept.amount, kept.amount, ())

"""Files of the tax bureau and the bank, the collector's cash, a relative's account."""

import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.population.payments.ordering import balance, codes, order, paid, payment
from yibao.benefits.book import PackBook
from yibao.core.errors import Refused
from yibao.core.sheets import Column, Heading, read_sheet, write_sheet
from yibao.population.contributions.channels import bank, tax, village
from yibao.population.contributions.channels.family_account import pay
from yibao.population.contributions.channels.files import FileAnswer
from yibao.population.contributions.payment_orders import order_of
from yibao.population.contributions.payments import confirm, reverse
from yibao.population.contributions.premiums import assess_area
from yibao.population.contributions.reconciliation import reconcile, write_differences
from yibao.population.contributions.refunds import return_receipt

TAX = (
    Heading("流水号"), Heading("证件号码", "identity"), Heading("姓名"), Heading("缴费年度", "integer"),
    Heading("缴费金额", "money"), Heading("缴费日期", "date"),
)  # fmt: skip
BANK = (Heading("订单号"), Heading("流水号"), Heading("金额", "money"), Heading("交易日期", "date"), Heading("结果"))
STATEMENT = (Heading("流水号"), Heading("金额", "money"))
DAY = date(2023, 12, 1)
NOBODY, A1, A2, N1 = "340621197001010010", "340621198002290013", "340621198105050021", "340621199009090018"


def sheet(headings: tuple[Heading, ...], *rows: tuple[Any, ...]) -> bytes:
    file = io.BytesIO()
    write_sheet(file, "明细", headings, rows)
    return file.getvalue()


def outcomes(answer: FileAnswer) -> list[tuple[str, str]]:
    return [(row.outcome, row.code) for row in answer.rows]


async def take(desk: Any, packs: PackBook, content: bytes) -> FileAnswer:
    return await tax.take_list(desk, packs, "340600", "1201.xlsx", content, "tax")


async def test_the_tax_bureaus_list_pays_for_its_persons_and_answers_every_row(desk: Any, packs: PackBook) -> None:
    content = sheet(
        TAX,
        ("T1", A1, "测试甲", 2024, 38000, DAY),
        ("T2", A2, "测试甲", 2024, 38000, DAY),
        ("T3", NOBODY, "无人", 2024, 38000, DAY),
        ("T4", N1, "测试己", 2024, 35000, DAY),
        ("T5", A1, "测试甲", 2024, 38000, DAY),
        ("T1", N1, "测试己", 2024, 38000, DAY),
    )
    answer = await take(desk, packs, content)
    assert outcomes(answer) == [
        ("paid", ""), ("unallocated", "P644"), ("unallocated", "P643"), ("unallocated", "P612"),
        ("unallocated", "P606"), ("refused", "P616"),
    ]  # fmt: skip
    assert (answer.paid_amount, answer.unallocated_amount) == (38000, 38000 * 3 + 35000)
    assert await balance(desk, "resident.contributions") == -38000
    assert await balance(desk, "unallocated.receipts") == -(38000 * 3 + 35000)
    assert await balance(desk, "channels.receivable") == 38000 * 4 + 35000


async def test_the_same_list_again_gives_the_same_answer_and_the_same_serial_is_taken_once(
    desk: Any, packs: PackBook
) -> None:
    content = sheet(TAX, ("T1", A1, "测试甲", 2024, 38000, DAY))
    first = await take(desk, packs, content)
    assert await take(desk, packs, content) == first
    longer = sheet(TAX, ("T1", A1, "测试甲", 2024, 38000, DAY), ("T2", A2, "测试乙", 2024, 38000, DAY))
    assert outcomes(await take(desk, packs, longer)) == [("known", ""), ("paid", "")]
    assert await balance(desk, "channels.receivable") == 2 * 38000


async def test_who_is_insured_elsewhere_does_not_stop_the_others_of_the_list(desk: Any, packs: PackBook) -> None:
    await desk.execute(
        "insert into population.national_report (psn_cert_type, certno, insu_admdvs, insutype, psn_insu_stas, begndate)"
        " values ('01', $1, '320300', '390', '1', '2022-01-01')",
        N1,
    )
    content = sheet(TAX, ("T1", A1, "测试甲", 2024, 38000, DAY), ("T2", N1, "测试己", 2024, 38000, DAY))
    assert outcomes(await take(desk, packs, content)) == [("paid", ""), ("unallocated", "P171")]


async def test_paying_at_the_bureau_ends_an_order_that_was_begun_here(desk: Any, packs: PackBook) -> None:
    begun = await order(desk, packs, "A1", "A2")
    content = sheet(TAX, ("T1", A1, "测试甲", 2024, 38000, DAY))
    assert outcomes(await take(desk, packs, content)) == [("paid", "")]
    assert (await order_of(desk, begun.order_no)).status == "expired"


async def test_a_payment_of_the_window_counts_as_such_when_its_list_comes_after_it(
    desk: Any, packs: PackBook, at: Any
) -> None:
    at("2024-03-03 09:00")
    content = sheet(
        TAX,
        ("T1", A1, "测试甲", 2024, 38000, date(2024, 2, 29)),
        ("T2", A2, "测试乙", 2024, 38000, date(2024, 3, 1)),
    )
    assert outcomes(await take(desk, packs, content)) == [("paid", ""), ("paid", "")]
    kinds = await desk.fetch("select psn_no, kind from population.contribution order by psn_no")
    assert [tuple(row) for row in kinds] == [("A1", "normal"), ("A2", "late")]


async def test_a_list_that_is_no_such_table_changes_nothing(desk: Any, packs: PackBook) -> None:
    with pytest.raises(Refused) as refused:
        await take(desk, packs, sheet(STATEMENT, ("T1", 1)))
    assert set(codes(refused)) == {"C107"}


async def test_the_list_for_the_tax_bureau_names_who_owes_what(desk: Any, packs: PackBook, tmp_path: Path) -> None:
    await assess_area(desk, packs, "340600", 2024, DAY, "test")
    target = tmp_path / "清册.xlsx"
    assert await tax.write_list(desk, target, "340600", 2024) == (4, 3 * 38000 + 7600)
    columns = (Column("psn_no", "人员编号"), Column("amount", "应缴金额（元）", kind="money"))
    rows = [tuple(row.values.values()) for row in read_sheet(target, columns, ignore_unknown=True)]
    assert rows == [("A1", 38000), ("A2", 38000), ("A3", 38000), ("B2", 7600)]


async def test_a_batch_goes_to_the_bank_and_its_results_come_back(desk: Any, packs: PackBook, tmp_path: Path) -> None:
    first = await order(desk, packs, "A1", channel="bank")
    second = await order(desk, packs, "A2", channel="bank")
    assert await bank.write_batch(desk, tmp_path / "batch.xlsx", "340600", "clerk") == (2, 76000)
    told = await order_of(desk, first.order_no)
    assert (told.status, told.appears_by) == ("reported", datetime(2023, 12, 3, 10, 0))
    content = sheet(
        BANK,
        (first.order_no, "K1", 38000, DAY, "成功"),
        (second.order_no, "K2", 38000, DAY, "失败"),
        ("JF202312010000000000", "K3", 38000, DAY, "成功"),
        (first.order_no, "K4", 38000, DAY, "也许"),
        (first.order_no, "K5", 38000, DAY, "成功"),
    )
    answer = await bank.take_results(desk, "results.xlsx", content, "bank")
    assert outcomes(answer) == [
        ("paid", ""), ("failed", ""), ("unallocated", "P611"), ("refused", "P645"), ("unallocated", "P614"),
    ]  # fmt: skip
    assert (await order_of(desk, second.order_no)).status == "reversed"
    assert await bank.take_results(desk, "results.xlsx", content, "bank") == answer
    assert await balance(desk, "channels.receivable") == 3 * 38000


async def test_money_that_belongs_to_nobody_is_given_back_once(desk: Any, packs: PackBook) -> None:
    await take(desk, packs, sheet(TAX, ("T3", NOBODY, "无人", 2024, 38000, DAY)))
    await return_receipt(desk, "tax", "T3", "clerk", "查无此人")
    assert await balance(desk, "unallocated.receipts") == 0
    assert await balance(desk, "contributions.refundable") == -38000
    with pytest.raises(Refused) as refused:
        await return_receipt(desk, "tax", "T3", "clerk", "再退")
    assert codes(refused) == ["P628"]


async def test_a_collector_hands_in_what_she_took(desk: Any, packs: PackBook) -> None:
    made = await order(desk, packs, "A1", "A2", channel="village")
    await confirm(desk, payment(made, "DS1"), "collector")
    await desk.execute("update population.payment_order set actor = 'collector'")
    assert await village.owed(desk, "collector") == [village.Owed(DAY, 76000, 1)]
    with pytest.raises(Refused) as refused:
        await village.hand_in(desk, village.HandIn("collector", DAY, 75000, "P1"), "clerk")
    assert codes(refused) == ["P647"]
    await village.hand_in(desk, village.HandIn("collector", DAY, 76000, "P1"), "clerk")
    assert await village.owed(desk, "collector") == []
    assert (await balance(desk, "income_account.cash"), await balance(desk, "channels.receivable")) == (76000, 0)
    with pytest.raises(Refused) as refused:
        await village.hand_in(desk, village.HandIn("collector", DAY, 76000, "P1"), "clerk")
    assert codes(refused) == ["P646"]


async def test_a_relatives_account_pays_and_gets_its_money_back(desk: Any, packs: PackBook) -> None:
    with pytest.raises(Refused) as refused:
        await pay(desk, packs, "W1", ["A3"], 2024, "W1")
    assert codes(refused) == ["P634"]
    await desk.execute(
        "insert into population.family_link (beneficiary, payer, seq, relation, begndate)"
        " values ('A2', 'W1', 1, '70', '2023-01-01'), ('A3', 'W1', 1, '20', '2023-01-01')"
    )
    made = await pay(desk, packs, "W1", ["A2", "A3"], 2024, "W1")
    assert made.status == "paid"
    assert await desk.fetchval("select balance from population.account") == 100000 - 76000
    assert await balance(desk, "personal_account.balances") == 76000
    await reverse(desk, made.order_no, "clerk", "误操作")
    assert await desk.fetchval("select balance from population.account") == 100000
    assert await balance(desk, "personal_account.balances") == 0


async def test_an_account_that_holds_too_little_pays_nothing(desk: Any, packs: PackBook) -> None:
    await desk.execute(
        "insert into population.family_link (beneficiary, payer, seq, relation, begndate)"
        " select psn_no, 'W1', 1, '20', '2023-01-01' from population.person where psn_no in ('A1', 'A2', 'A3')"
    )
    with pytest.raises(Refused) as refused:
        await pay(desk, packs, "W1", ["A1", "A2", "A3"], 2024, "W1")
    assert codes(refused) == ["P632"]


async def test_equal_receipts_become_cash_once_and_the_others_are_listed(
    desk: Any, packs: PackBook, tmp_path: Path
) -> None:
    for psn_no, serial in ("A1", "S1"), ("A2", "S2"), ("A3", "S3"):
        await paid(desk, packs, psn_no, serial=serial)
    statement = sheet(STATEMENT, ("S1", 38000), ("S2", 30000), ("S9", 100))
    found = await reconcile(desk, "tax", DAY, statement, "clerk")
    assert (found.ours, found.theirs, found.matched) == (3 * 38000, 68100, 38000)
    assert [(one.kind, one.serial, one.ours, one.theirs) for one in found.differences] == [
        ("amount_differs", "S2", 38000, 30000), ("ours_only", "S3", 38000, None), ("theirs_only", "S9", None, 100),
    ]  # fmt: skip
    assert await balance(desk, "income_account.cash") == 38000
    assert await write_differences(desk, tmp_path / "d.xlsx", found.run_id) == 3
    again = await reconcile(desk, "tax", DAY, statement, "clerk")
    assert (again.matched, await balance(desk, "income_account.cash")) == (0, 38000)


async def test_what_the_channel_lists_a_day_later_is_found_by_its_serial(desk: Any, packs: PackBook) -> None:
    await paid(desk, packs, "A1")
    await reconcile(desk, "tax", DAY, sheet(STATEMENT, ("S9", 100)), "clerk")
    later = await reconcile(desk, "tax", date(2023, 12, 2), sheet(STATEMENT, ("S1", 38000)), "clerk")
    assert (later.matched, later.differences) == (38000, ())


async def test_a_serial_twice_in_a_statement_is_refused(desk: Any, packs: PackBook) -> None:
    with pytest.raises(Refused) as refused:
        await reconcile(desk, "tax", DAY, sheet(STATEMENT, ("S1", 1), ("S1", 1)), "clerk")
    assert codes(refused) == ["P651"]

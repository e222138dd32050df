"""A collector in her village: the list, ticks that are payments, the cash of the day, her table both ways."""

import io
from datetime import date, datetime

import pytest
from openpyxl import load_workbook

from tests.population.campaign.conftest import DUE, TOWN_A, VILLAGE_A1, VILLAGE_B1, pay, psn
from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refused
from yibao.core.sheets import Heading, write_sheet
from yibao.ledger.chart import install_chart
from yibao.population.campaign.collecting import (
    Round,
    Taking,
    cash_of,
    cash_text,
    people,
    take_round,
    tick,
    undo,
    write_round,
)
from yibao.population.rules import rules_of

RULES = rules_of("340600")
NOON = datetime(2023, 11, 15, 12, 0)


@pytest.fixture(scope="module")
def packs() -> PackBook:
    return PackBook.load()


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, NOON)


def set_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(dates, "now", lambda: now)


@pytest.fixture
async def village(county: Connection) -> Connection:
    await install_chart(county)
    return county


def taking(number: int, within: str = VILLAGE_A1, amount: int | None = None) -> Taking:
    return Taking(2024, psn(number), "collector", within, amount)


async def states(connection: Connection, **asked: object) -> dict[str, str]:
    rows, _ = await people(connection, RULES, Round(2024, VILLAGE_A1, **asked))  # type: ignore[arg-type]
    return {row.psn_name: row.state for row in rows}


async def test_the_list_shows_who_has_not_paid_and_how_many_have(village: Connection) -> None:
    await pay(village, 1, on=date(2023, 11, 1))
    await village.execute("update population.contribution set personal = 0 where psn_no = $1", psn(2))
    rows, totals = await people(village, RULES, Round(2024, VILLAGE_A1))
    assert [row.psn_name for row in rows] == ["村民3", "村民4", "村民5", "村民6"]
    assert {row.due for row in rows} == {DUE}
    assert (totals.persons, totals.enrolled) == (6, 2)
    assert (await states(village, unpaid_only=False))["村民1"] == "已缴费"
    assert (await states(village, unpaid_only=False))["村民2"] == "全额资助"


async def test_the_list_is_searched_by_name_and_by_the_end_of_the_certificate(village: Connection) -> None:
    assert await states(village, words="民4") == {"村民4": "未缴费"}
    assert await states(village, words="0005") == {"村民5": "未缴费"}
    assert await states(village, words="%") == {}


async def test_members_of_a_household_stand_together_the_head_first(village: Connection) -> None:
    await village.execute("insert into population.household values ('H1', $1, '')", psn(6))
    await village.execute("update population.person set household_no = 'H1' where psn_no in ($1, $2)", psn(2), psn(6))
    rows, _ = await people(village, RULES, Round(2024, VILLAGE_A1))
    assert [(row.psn_name, row.head) for row in rows[:2]] == [("村民6", "村民6"), ("村民2", "村民6")]


async def test_a_tick_is_a_payment_over_the_village_channel(village: Connection, packs: PackBook) -> None:
    assert await tick(village, packs, taking(1)) == DUE
    paid = await village.fetchrow(
        "select c.status, c.paid_on, o.channel, o.payer, o.status as order_status from population.contribution c"
        " join population.payment_order o using (order_no) where c.psn_no = $1", psn(1)
    )  # fmt: skip
    assert tuple(paid) == ("paid", NOON.date(), "village", VILLAGE_A1, "paid")
    assert await states(village) == {f"村民{number}": "未缴费" for number in (2, 3, 4, 5, 6)}
    assert (await states(village, unpaid_only=False))["村民1"] == "已代收"


async def test_a_second_press_takes_no_second_payment(village: Connection, packs: PackBook) -> None:
    assert [await tick(village, packs, taking(1)) for _ in range(2)] == [DUE, DUE]
    assert len(await cash_of(village, "collector", NOON.date())) == 1


async def test_the_days_cash_is_what_was_taken_and_not_undone(village: Connection, packs: PackBook) -> None:
    for number in (1, 2, 3):
        await tick(village, packs, taking(number))
    assert await undo(village, taking(2)) == DUE
    cash = await cash_of(village, "collector", NOON.date())
    assert [one.psn_name for one in cash] == ["村民3", "村民1"]
    assert cash_text(cash) == "760.00"
    assert await village.fetchval("select status from population.contribution where psn_no = $1", psn(2)) == "due"


async def test_a_tick_can_be_made_again_after_it_was_undone(village: Connection, packs: PackBook) -> None:
    await tick(village, packs, taking(1))
    await undo(village, taking(1))
    assert await tick(village, packs, taking(1)) == DUE


async def test_only_todays_tick_is_undone(
    village: Connection, packs: PackBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tick(village, packs, taking(1))
    set_clock(monkeypatch, datetime(2023, 11, 16, 8, 0))
    for number, code in ((1, "P943"), (2, "P942")):
        with pytest.raises(Refused) as refused:
            await undo(village, taking(number))
        assert refused.value.refusals[0].code == code


async def test_a_collector_takes_no_money_from_people_of_another_village(village: Connection, packs: PackBook) -> None:
    for step in (tick(village, packs, taking(10)), undo(village, taking(10)), tick(village, packs, taking(99))):
        with pytest.raises(Refused) as refused:
            await step
        assert refused.value.refusals[0].code == "P941"
    assert await tick(village, packs, taking(10, VILLAGE_B1)) == DUE
    assert await tick(village, packs, taking(1, TOWN_A)) == DUE


async def test_who_has_paid_elsewhere_is_refused_with_the_reason(village: Connection, packs: PackBook) -> None:
    await pay(village, 1, on=date(2023, 11, 1))
    with pytest.raises(Refused) as refused:
        await tick(village, packs, taking(1))
    assert refused.value.refusals[0].code == "P603"


async def test_money_that_is_not_what_is_due_by_now_is_not_registered(village: Connection, packs: PackBook) -> None:
    with pytest.raises(Refused) as refused:
        await tick(village, packs, taking(1, amount=DUE - 1))
    assert str(refused.value.refusals[0]).startswith(f"[P944]{psn(1)}：收到379.99元，现应缴380.00元")
    assert await tick(village, packs, taking(2, amount=DUE)) == DUE


async def test_her_table_goes_out_and_comes_back_filled_in(village: Connection, packs: PackBook) -> None:
    rows, _ = await people(village, RULES, Round(2024, VILLAGE_A1))
    file = io.BytesIO()
    assert write_round(file, "张圩村", rows, certificate=lambda number: "*" * 18) == 6
    book = load_workbook(file)
    sheet = book.active
    assert sheet is not None
    assert sheet["C3"].value == "*" * 18
    assert [cell.value for cell in sheet[2]][6:] == ["应缴（元）", "状态", "收讫"]
    sheet["I3"], sheet["I5"] = "是", "√"
    filled = io.BytesIO()
    book.save(filled)
    taken, left = await take_round(
        village, packs, filled.getvalue(), lambda number, amount: taking(int(number[-6:]), amount=amount)
    )
    assert (taken, left) == ([DUE, DUE], [])
    assert {one.psn_name for one in await cash_of(village, "collector", NOON.date())} == {"村民1", "村民3"}


async def test_rows_of_her_table_that_cannot_be_paid_are_answered_and_the_others_taken(
    village: Connection, packs: PackBook
) -> None:
    await pay(village, 1, on=date(2023, 11, 1))
    file = io.BytesIO()
    rows = [(psn(1), "是"), (psn(10), "是"), (psn(2), "否"), (psn(3), "是")]
    write_sheet(file, "村", (Heading("人员编号"), Heading("收讫")), rows)
    taken, left = await take_round(
        village, packs, file.getvalue(), lambda number, amount: taking(int(number[-6:]), amount=amount)
    )
    assert taken == [DUE]
    assert [(refusal.code, refusal.place) for refusal in left] == [("P603", "第3行"), ("P941", "第4行")]


async def test_a_row_that_says_neither_yes_nor_no_is_answered_and_not_taken(
    village: Connection, packs: PackBook
) -> None:
    file = io.BytesIO()
    rows = [(psn(1), "也许"), (psn(2), "否"), (psn(3), "是")]
    write_sheet(file, "村", (Heading("人员编号"), Heading("收讫")), rows)
    taken, left = await take_round(
        village, packs, file.getvalue(), lambda number, amount: taking(int(number[-6:]), amount=amount)
    )
    assert taken == [DUE]
    assert [(refusal.code, refusal.place) for refusal in left] == [("P946", "第3行")]


async def test_a_table_that_was_sorted_by_its_names_only_takes_nobodys_money(
    village: Connection, packs: PackBook
) -> None:
    file = io.BytesIO()
    rows = [(psn(1), "村民2", "是"), (psn(2), "村民1", "是"), (psn(3), "村民3", "是")]
    write_sheet(file, "村", (Heading("人员编号"), Heading("姓名"), Heading("收讫")), rows)
    taken, left = await take_round(
        village, packs, file.getvalue(), lambda number, amount: taking(int(number[-6:]), amount=amount)
    )
    assert taken == [DUE]
    assert [(refusal.code, refusal.place) for refusal in left] == [("P945", "第3行"), ("P945", "第4行")]

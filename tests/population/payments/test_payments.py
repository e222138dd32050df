"""A payment takes effect at once and once."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.population.payments.ordering import BALANCE, DAY, codes, order, payment
from yibao.benefits.book import PackBook
from yibao.core.errors import Refused
from yibao.population.contributions.payment_orders import expire_orders, is_order_number, order_number, order_of
from yibao.population.contributions.payments import Order, confirm, report, reverse
from yibao.population.contributions.premiums import order_for

NOON = datetime(2023, 12, 1, 12, 0)


async def statuses(desk: Any, order: Order) -> tuple[str, set[str], set[str]]:
    lines = await desk.fetch(
        "select l.status as line, c.status as contribution from population.payment_line l"
        " join population.contribution c using (contribution_id) where l.order_no = $1",
        order.order_no,
    )
    current = await order_of(desk, order.order_no)
    return current.status, {row["line"] for row in lines}, {row["contribution"] for row in lines}


async def test_one_order_pays_for_a_family_and_is_seen_at_once(desk: Any, packs: PackBook) -> None:
    made = await order(desk, packs, "A1", "A2", "A3")
    assert (made.status, made.amount) == ("created", 3 * 38000)
    paid = await confirm(desk, payment(made), "tax")
    assert paid.status == "paid"
    assert await statuses(desk, made) == ("paid", {"paid"}, {"paid"})
    covered = await desk.fetch("select psn_no, begndate, enddate from population.coverage order by psn_no")
    year = (date(2024, 1, 1), date(2024, 12, 31))
    assert [tuple(row) for row in covered] == [("A1", *year), ("A2", *year), ("A3", *year)]
    assert await desk.fetchval("select count(*) from population.event where kind = 'paid'") == 3
    assert await desk.fetchval(BALANCE, "resident.contributions") == -3 * 38000
    assert await desk.fetchval(BALANCE, "channels.receivable") == 3 * 38000


async def test_who_was_enrolled_nowhere_is_enrolled_by_paying(desk: Any, packs: PackBook) -> None:
    await confirm(desk, payment(await order(desk, packs, "N1")), "tax")
    row = await desk.fetchrow(
        "select insu_admdvs, category, psn_type, begndate from population.enrolment where psn_no = 'N1'"
    )
    assert tuple(row) == ("340621", "resident", "15", date(2024, 1, 1))


async def test_who_was_suspended_goes_on_by_paying(desk: Any, packs: PackBook) -> None:
    await desk.execute(
        "update population.enrolment set psn_insu_stas = '2', paus_date = '2023-06-01' where psn_no = 'A1'"
    )
    await confirm(desk, payment(await order(desk, packs, "A1")), "tax")
    assert await desk.fetchval("select psn_insu_stas from population.enrolment where psn_no = 'A1'") == "1"


async def test_the_same_payment_again_changes_nothing(desk: Any, packs: PackBook) -> None:
    made = await order(desk, packs, "A1")
    first = await confirm(desk, payment(made), "tax")
    assert await confirm(desk, payment(made), "tax") == first
    assert await desk.fetchval("select count(*) from ledger.entry where kind = 'premium'") == 1


async def test_a_second_payment_of_an_order_is_refused(desk: Any, packs: PackBook) -> None:
    made = await order(desk, packs, "A1")
    await confirm(desk, payment(made), "tax")
    with pytest.raises(Refused) as refused:
        await confirm(desk, payment(made, "S2"), "tax")
    assert codes(refused) == ["P614"]


async def test_a_wrong_channel_amount_and_clock_are_refused_together(desk: Any, packs: PackBook) -> None:
    made = await order(desk, packs, "A1")
    with pytest.raises(Refused) as refused:
        await confirm(desk, payment(made, channel="bank", amount=1, at=NOON), "bank")
    assert codes(refused) == ["P611", "P612", "P616"]
    assert await statuses(desk, made) == ("created", {"open"}, {"due"})


async def test_a_serial_serves_one_order(desk: Any, packs: PackBook, at: Any) -> None:
    first, second = await order(desk, packs, "A1"), await order(desk, packs, "A2")
    at("2023-12-01 13:00")
    await confirm(desk, payment(first), "tax")
    with pytest.raises(Refused) as refused:
        await confirm(desk, payment(second), "tax")
    assert codes(refused) == ["P616"]


async def test_an_unknown_order_is_refused_and_a_mistyped_number_is_told(desk: Any, packs: PackBook) -> None:
    made = await order(desk, packs, "A1")
    wrong = made.order_no[:-1] + str((int(made.order_no[-1]) + 1) % 10)
    with pytest.raises(Refused, match="校验位") as refused:
        await confirm(desk, payment(made, order_no=wrong), "tax")
    assert codes(refused) == ["P611"]
    assert is_order_number(made.order_no)
    assert is_order_number(order_number(DAY, 999_999_999))
    assert not is_order_number("JF2023120100000000")


async def test_a_late_payment_is_refused_and_the_persons_may_order_anew(desk: Any, packs: PackBook, at: Any) -> None:
    made = await order(desk, packs, "A1")
    at("2023-12-03 12:00")
    with pytest.raises(Refused) as refused:
        await confirm(desk, payment(made, at=datetime(2023, 12, 3, 11, 0)), "tax")
    assert codes(refused) == ["P613"]
    second = await order(desk, packs, "A1")
    assert await statuses(desk, made) == ("expired", {"released"}, {"due"})
    at("2023-12-03 12:30")
    await confirm(desk, payment(second, at=datetime(2023, 12, 3, 12, 10)), "tax")


async def test_a_payment_made_in_time_counts_when_its_message_is_late(desk: Any, packs: PackBook, at: Any) -> None:
    made = await order(desk, packs, "A1")
    at("2023-12-05 12:00")
    assert (await confirm(desk, payment(made), "tax")).status == "paid"


async def test_nobody_stands_in_two_orders_and_nobody_pays_twice(desk: Any, packs: PackBook) -> None:
    made = await order(desk, packs, "A1")
    with pytest.raises(Refused) as refused:
        await order(desk, packs, "A1", "A2")
    assert codes(refused) == ["P608"]
    await confirm(desk, payment(made), "tax")
    with pytest.raises(Refused) as refused:
        await order(desk, packs, "A1")
    assert codes(refused) == ["P603"]


async def test_orders_are_taken_within_the_window_over_the_citys_channels(desk: Any, packs: PackBook, at: Any) -> None:
    with pytest.raises(Refused) as refused:
        await order(desk, packs, "A1", channel="cheque")
    assert codes(refused) == ["P601"]
    at("2023-08-20 10:00")
    with pytest.raises(Refused) as refused:
        await order_for(desk, packs, ["A1"], 2024, "tax", "test", day=date(2023, 8, 20))
    assert codes(refused) == ["P602"]


async def test_who_is_enrolled_in_another_city_is_refused_before_any_money_moves(desk: Any, packs: PackBook) -> None:
    await desk.execute(
        "insert into population.national_report (psn_cert_type, certno, insu_admdvs, insutype, psn_insu_stas, begndate)"
        " values ('01', '340621199009090018', '320300', '390', '1', '2022-01-01')"
    )
    with pytest.raises(Refused) as refused:
        await order(desk, packs, "N1")
    assert codes(refused) == ["P171"]


async def test_a_reversal_leaves_nothing(desk: Any, packs: PackBook) -> None:
    made = await order(desk, packs, "A1", "A2")
    await confirm(desk, payment(made), "tax")
    await reverse(desk, made.order_no, "tax", "银行退票")
    assert await statuses(desk, made) == ("reversed", {"reversed"}, {"due"})
    assert await desk.fetchval(BALANCE, "resident.contributions") == 0
    assert await desk.fetchval(BALANCE, "channels.receivable") == 0
    assert await desk.fetchval("select count(*) from population.coverage") == 0
    with pytest.raises(Refused) as refused:
        await confirm(desk, payment(made), "tax")
    assert codes(refused) == ["P616", "P615"]
    await order(desk, packs, "A1", "A2")


async def test_what_is_booked_as_cash_is_not_reversed(desk: Any, packs: PackBook) -> None:
    made = await order(desk, packs, "A1")
    await confirm(desk, payment(made), "tax")
    await desk.execute("update population.channel_receipt set reconciled = 1")
    with pytest.raises(Refused) as refused:
        await reverse(desk, made.order_no, "tax", "test")
    assert codes(refused) == ["P617"]


async def test_a_reported_payment_shows_until_when_it_must_appear_and_does_not_expire(
    desk: Any, packs: PackBook, at: Any
) -> None:
    made = await order(desk, packs, "A1", channel="village")
    told = await report(desk, made.order_no, "collector")
    assert (told.status, told.appears_by) == ("reported", datetime(2023, 12, 3, 10, 0))
    at("2024-01-20 10:00")
    assert await expire_orders(desk) == 0
    paid = await confirm(desk, payment(made, channel="bank", at=datetime(2024, 1, 19, 9, 0)), "bank")
    assert paid.status == "paid"


async def test_orders_of_the_past_expire_together(desk: Any, packs: PackBook, at: Any) -> None:
    made = await order(desk, packs, "A1", "A2")
    at(str(made.expires_at + timedelta(seconds=1)))
    assert await expire_orders(desk) == 2
    assert await statuses(desk, made) == ("expired", {"released"}, {"due"})

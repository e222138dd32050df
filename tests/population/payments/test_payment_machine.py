"""Whatever comes in whatever order, lines, contributions, accounts and journal tell the same."""

import asyncio
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.population.payments.ordering import DAY, PAID_AT
from tests.population.payments.test_refunds import nobody
from yibao.benefits.book import PackBook
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.population.contributions.channels.family_account import pay
from yibao.population.contributions.payment_orders import expire_orders
from yibao.population.contributions.payments import Payment, confirm, fail, report, reverse
from yibao.population.contributions.premiums import assess, order_for
from yibao.population.contributions.reconciliation import Theirs, reconcile_these
from yibao.population.contributions.refunds import Request, refund
from yibao.population.enrolment.deaths import record_death
from yibao.settlement.verify import QUERIES

LINES = "select psn_no from population.payment_line where order_no = $1 order by psn_no"
PEOPLE = ("A1", "A2", "A3", "B2", "N1")
CHECKS = {
    "an order is the sum of its lines": """
        select order_no from population.payment_order o
        where amount <> (select sum(amount) from population.payment_line l where l.order_no = o.order_no)""",
    "what is paid is what the journal has as income": """
        select 1 where (select coalesce(sum(personal), 0) from population.contribution where status = 'paid')
          <> (select coalesce(-sum(amount), 0) from ledger.posting where account = 'resident.contributions')""",
    "what paid lines keep is what is paid": """
        select 1 where (select coalesce(sum(personal), 0) from population.contribution where status = 'paid')
          <> (select coalesce(sum(amount - refunded), 0) from population.payment_line where status = 'paid')""",
    "what channels owe is what they have not handed over": """
        select 1 where (select coalesce(sum(amount), 0) from population.channel_receipt
                        where status <> 'reversed' and reconciled is null)
          <> (select coalesce(sum(amount), 0) from ledger.posting where account = 'channels.receivable')""",
    "what is to be paid back is owed": """
        select 1 where (select coalesce(sum(amount), 0) from population.premium_refund where status = 'payable')
          <> (select coalesce(-sum(amount), 0) from ledger.posting where account = 'contributions.refundable')""",
    "the account holds what it has not spent": """
        select 1 where (select 100000 - balance from population.account)
          <> (select coalesce(sum(amount), 0) from ledger.posting where account = 'personal_account.balances')""",
    "an entry balances": "select entry_id from ledger.posting group by entry_id having sum(amount) <> 0",
    "nobody pays a year twice": """
        select psn_no from population.contribution where status = 'paid' group by psn_no having count(*) > 1""",
    "who has paid is covered and nobody else": """
        select coalesce(p.psn_no, c.psn_no)
        from (select psn_no from population.contribution where status = 'paid') p
        full join population.coverage c using (psn_no)
        where (p.psn_no is null or c.psn_no is null)
          and coalesce(p.psn_no, c.psn_no) not in (select psn_no from population.person where die_date is not null)""",
    "the dead owe nothing": """
        select psn_no from population.contribution join population.person using (psn_no)
        where status = 'due' and die_date is not null""",
    **{
        sentence: QUERIES[sentence]
        for sentence in (
            "a contribution that an order paid is a paid line of it, of what is still kept",
            "an order is paid exactly when its channel reported the sum",
            "what an order was paid is in the journal",
            "every refund of premiums is in the journal",
        )
    },
}
someone = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True)
which = st.integers(0, 5)
STEPS = st.one_of(
    st.tuples(st.just("order"), someone, st.sampled_from(["tax", "bank", "village"])),
    st.tuples(st.just("confirm"), which, st.sampled_from(["S1", "S2", "own"]), st.sampled_from([0, 0, 0, 1])),
    st.tuples(st.just("report"), which),
    st.tuples(st.just("reverse"), which),
    st.tuples(st.just("refund"), which, st.integers(1, 3)),
    st.tuples(st.just("family"), someone),
    st.tuples(st.just("reconcile"), which),
    st.tuples(st.sampled_from(["late", "expire"])),
    st.tuples(st.just("fail"), which),
    st.tuples(st.just("dies"), st.sampled_from(PEOPLE)),
)


async def play(connection: Any, packs: PackBook, steps: list[tuple[Any, ...]]) -> None:
    """Each step in a savepoint of its own: a refusal leaves nothing."""
    orders: list[Any] = []
    for step in steps:
        try:
            async with connection.transaction():
                await one(connection, packs, orders, *step)
        except Refused:
            continue


async def one(connection: Any, packs: PackBook, orders: list[Any], kind: str, *with_what: Any) -> None:
    if kind == "order":
        orders.append(await order_for(connection, packs, with_what[0], 2024, with_what[1], "test", day=DAY))
    elif kind == "family":
        orders.append(await pay(connection, packs, "W1", with_what[0], 2024, "test"))
    elif kind == "late":
        await connection.execute("update population.payment_order set expires_at = $1", datetime(2023, 12, 1))
    elif kind == "expire":
        await expire_orders(connection)
    elif kind == "dies":
        await record_death(connection, with_what[0], DAY, "test", "police")
    elif orders:
        chosen = orders[with_what[0] % len(orders)]
        if kind == "confirm":
            serial = chosen.order_no if with_what[1] == "own" else with_what[1]
            amount = chosen.amount + with_what[2]
            payment = Payment(chosen.channel, chosen.order_no, amount, serial, PAID_AT)
            await confirm(connection, payment, "test")
        elif kind == "report":
            await report(connection, chosen.order_no, "test")
        elif kind == "fail":
            await fail(connection, chosen.order_no, chosen.channel, "test")
        elif kind == "reverse":
            await reverse(connection, chosen.order_no, "test", "test")
        elif kind == "refund":
            lines = await connection.fetch(LINES, chosen.order_no)
            psn_nos = tuple(line["psn_no"] for line in lines[: with_what[1]])
            await refund(connection, packs, Request(chosen.order_no, psn_nos, "emigrated"), "test", nobody)
        else:
            receipts = await connection.fetch("select serial, amount from population.channel_receipt")
            theirs = [Theirs(row["serial"], row["amount"]) for row in receipts[: with_what[0]]]
            await reconcile_these(connection, chosen.channel, DAY, theirs, "test")


async def test_any_sequence_of_payments_keeps_every_sum(village: Database, packs: PackBook) -> None:
    """Hypothesis calls from a thread of its own; each example is rolled back."""
    loop = asyncio.get_running_loop()

    async def example(steps: list[tuple[Any, ...]]) -> None:
        async with village.connection() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                await connection.execute(
                    "insert into population.family_link (beneficiary, payer, seq, relation, begndate)"
                    " select psn_no, 'W1', 1, '20', '2023-01-01' from population.person where psn_no <> 'W1'"
                )
                await assess(connection, packs, PEOPLE, 2024, DAY, "test")
                await play(connection, packs, steps)
                for sentence, query in CHECKS.items():
                    assert await connection.fetch(query) == [], sentence
            finally:
                await transaction.rollback()

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(STEPS, min_size=3, max_size=14))
    def run(steps: list[tuple[Any, ...]]) -> None:
        asyncio.run_coroutine_threadsafe(example(steps), loop).result(60)

    await asyncio.to_thread(run)

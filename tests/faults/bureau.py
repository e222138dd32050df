"""A bureau's day as a process of its own, to be killed: payments come in, accounts are credited, a roster takes effect.

    python -m tests.faults.bureau URL

Everything is done again from the start after a kill, as a channel, a timer and a department would. A line is printed
after every step.
"""

import asyncio
import sys
from datetime import date, datetime

import msgspec

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.database import Connection, Database
from yibao.ledger.chart import install_chart
from yibao.population.contributions.channels.callback import answer
from yibao.population.contributions.premiums import order_for
from yibao.population.employees import crediting
from yibao.population.entitlement import coverage
from yibao.population.identity import identity_number
from yibao.population.rosters.applying import apply
from yibao.population.rosters.comparison import compare
from yibao.population.rosters.receiving import Incoming, receive

NOW, MONTH = datetime(2023, 12, 1, 10), date(2023, 11, 1)
RESIDENTS, EMPLOYEES = 60, 200
PERSON = """
insert into population.person (psn_no, certno, psn_name, gend, brdy, live_area)
values ($1, $2, $3, '1', $4, '340621001001')
"""
ENROLMENT = """
insert into population.enrolment (psn_no, insutype, category, psn_type, insu_admdvs, begndate)
values ($1, $2, $3, $4, '340621', '2020-01-01')
"""
PAID_MONTH = """
insert into population.contribution (psn_no, insutype, category, period_from, period_to, base, personal, employer,
  serious, to_account, account_charge, status, paid_on)
values ($1, '310', 'employee', '2023-11-01', '2023-11-30', 500000, 10000, 30000, 1200, 10000, 1200, 'paid',
        '2023-11-20')
"""
STANDING = """
select o.order_no, o.amount from population.payment_line l join population.payment_order o using (order_no)
where l.psn_no = $1 and l.status in ('open', 'paid')
"""


def psn(number: int) -> str:
    return f"R{number:03d}"


def certno(number: int) -> str:
    return identity_number("340621", date(1980, 1 + number % 12, 1 + number % 28), 1 + 2 * number)


async def furnish(database: Database) -> None:
    """Residents who will pay and employees whose month is paid."""
    async with database.transaction() as connection:
        await install_chart(connection)
        for number in range(RESIDENTS + EMPLOYEES):
            birth = date(1980, 1 + number % 12, 1 + number % 28)
            await connection.execute(PERSON, psn(number), certno(number), f"村民{number}", birth)
            if number < RESIDENTS:
                await connection.execute(ENROLMENT, psn(number), "390", "resident", "15")
            else:
                await connection.execute(ENROLMENT, psn(number), "310", "employee", "11")
                await connection.execute(PAID_MONTH, psn(number))
        await coverage.refresh(connection, [psn(number) for number in range(RESIDENTS + EMPLOYEES)])


async def work(url: str) -> None:
    database, packs = await Database.open(url), PackBook.load()
    await asyncio.gather(collect(database, packs), credit(database), take_roster(database, packs))
    await database.close()


async def collect(database: Database, packs: PackBook) -> None:
    """Every resident's payment: an order, then the channel's message, repeated until it is answered."""
    for number in range(RESIDENTS):
        async with database.transaction() as connection:
            order_no, amount = await order_of(connection, packs, psn(number))
        body = {
            "msgid": f"M{number}", "state": "paid", "order_no": order_no, "serial": f"S{number}",
            "amount": f"{amount // 100}.{amount % 100:02d}", "paid_at": "2023-12-01T09:55:00",
        }  # fmt: skip
        await answer(database, "tax", msgspec.json.encode(body))
        step()


async def order_of(connection: Connection, packs: PackBook, psn_no: str) -> tuple[str, int]:
    standing = await connection.fetchrow(STANDING, psn_no)
    if standing is not None:
        return standing["order_no"], standing["amount"]
    order = await order_for(connection, packs, [psn_no], 2024, "tax", "test", day=NOW.date())
    return order.order_no, order.amount


def step(months: int = 0) -> None:
    print(months, flush=True)


async def credit(database: Database) -> None:
    async with database.connection() as connection:
        await crediting.run(connection, "340600", MONTH, part=10, told=step)


async def take_roster(database: Database, packs: PackBook) -> None:
    """A full roster of the second half of the residents."""
    lines = [f"{certno(number)},村民{number},低保" for number in range(RESIDENTS // 2, RESIDENTS)]
    incoming = Incoming("340600", "civil_affairs", "full", NOW.date(), "名册.csv")
    content = "\n".join(["证件号码,姓名,身份类别", *lines]).encode()
    async with database.transaction() as connection:
        batch = await receive(connection, incoming, content, "test", NOW.date())
    step()
    if batch.status != "applied":
        async with database.transaction() as connection:
            await compare(connection, batch.batch_no)
    step()
    async with database.transaction() as connection:
        await apply(connection, packs, batch.batch_no, "test", NOW.date())


if __name__ == "__main__":
    dates.now = lambda: NOW
    asyncio.run(work(sys.argv[1]))

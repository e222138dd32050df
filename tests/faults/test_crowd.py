"""One person, and a family that shares an account, at many counters of a server with two workers at once."""

import asyncio
import random

from tests.faults.books import check_books
from tests.faults.conftest import Start
from tests.faults.terminal import Sent, Terminal, sale, undoing

FAMILY = ("w1", "w2", "w3", "r1")


async def twice(terminal: Terminal, sent: Sent) -> None:
    """The same message on two connections at the same time; `post` compares the replies byte for byte."""
    await asyncio.gather(terminal.settle(sent), terminal.settle(sent))


async def all_at_once(url: str, messages: list[Sent]) -> None:
    async with Terminal(url) as terminal:
        await asyncio.gather(*(twice(terminal, sent) for sent in messages))


def test_two_hundred_settlements_of_one_person_each_posted_twice_at_once_are_exact(city_server: Start) -> None:
    server = city_server()
    messages = [sale("c1", f"{2 + n % 5}.{n % 10}5") for n in range(200)]
    asyncio.run(all_at_once(server.url, messages))
    check_books(server, messages)


def test_a_family_on_one_account_settles_and_cancels_at_once_and_every_fen_is_accounted_for(
    city_server: Start,
) -> None:
    server = city_server()
    # residents have no accumulators at the pharmacy, so their bills may be cancelled in any order
    undone = [sale("r1", f"{3 + n % 4}.50", account="2") for n in range(30)]
    asyncio.run(all_at_once(server.url, undone))
    standing = [sale(FAMILY[n % 4], f"{9 + n % 5}.{n % 10}0", account="2") for n in range(120)]
    mixed = [*(undoing(bill) for bill in undone), *standing]
    random.Random(5).shuffle(mixed)
    asyncio.run(all_at_once(server.url, mixed))
    assert sum(bill.fen("acct_mulaid_pay") for bill in standing) > 0
    check_books(server, standing)

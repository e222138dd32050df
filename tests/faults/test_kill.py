"""kill -9 under load: what was acknowledged stands exactly once, what was not can be repeated or reversed."""

import asyncio
from collections.abc import Callable

import pytest

from tests.faults.books import check_books
from tests.faults.city import CROWD
from tests.faults.conftest import Start
from tests.faults.killing import kill_database, kill_everything, kill_server
from tests.faults.terminal import Sent, Terminal, reversal, sale
from tests.server import RunningServer
from yibao.core.embedded import EmbeddedPostgres

Work = list[list[Sent]]
"""The messages of every person in their order."""


async def prepare(url: str, rounds: int) -> Work:
    """For every person of the crowd sales and outpatient settlements in turn, `rounds` of each."""
    async with Terminal(url) as terminal:
        return await asyncio.gather(*(of_person(terminal, n, rounds) for n in range(1, CROWD + 1)))


async def of_person(terminal: Terminal, number: int, rounds: int) -> list[Sent]:
    psn_no, messages = f"c{number}", list[Sent]()
    for one in range(rounds):
        messages.append(sale(psn_no, f"{20 + number}.{one % 10}5"))
        messages.append(await terminal.visit(psn_no, f"{30 + one}.10", f"{number}.33"))
    return messages


async def load_until(url: str, work: Work, count: int, strike: Callable[[], None]) -> None:
    """Every person's messages one after the other, all persons at once; `strike` after `count` acknowledgements.

    A person stops at the first message that is not acknowledged.
    """
    struck = False

    async def person(terminal: Terminal, messages: list[Sent]) -> None:
        nonlocal struck
        for sent in messages:
            if await terminal.post(sent) is None:
                return
            if not struck and acknowledged(work) >= count:
                struck = True
                strike()

    async with Terminal(url) as terminal:
        await asyncio.gather(*(person(terminal, messages) for messages in work))
    assert struck


def acknowledged(work: Work) -> int:
    return sum(sent.reply is not None for messages in work for sent in messages)


def interrupted(work: Work) -> list[Sent]:
    """Messages that were sent and never acknowledged."""
    return [sent for messages in work for sent in messages if sent.refusals and sent.reply is None]


async def repeat_everything(url: str, work: Work) -> None:
    """All messages again in their order: those acknowledged must give the same bytes, the others settle now."""
    async with Terminal(url) as terminal:
        await asyncio.gather(*(repeat(terminal, messages) for messages in work))


async def repeat(terminal: Terminal, messages: list[Sent]) -> None:
    for sent in messages:
        await terminal.settle(sent)


@pytest.mark.parametrize("strike", [kill_server, kill_everything])
def test_after_kill_9_under_load_every_acknowledged_settlement_stands_once_and_the_others_can_be_repeated(
    city_server: Start, strike: Callable[[RunningServer], None]
) -> None:
    server = city_server()
    work = asyncio.run(prepare(server.url, 3))
    asyncio.run(load_until(server.url, work, 48, lambda: strike(server)))
    assert interrupted(work)
    again = city_server()
    asyncio.run(repeat_everything(again.url, work))
    check_books(again, (sent for messages in work for sent in messages))


def test_after_kill_9_under_load_every_message_without_reply_can_be_reversed_and_nothing_of_it_stands(
    city_server: Start,
) -> None:
    server = city_server()
    work = asyncio.run(prepare(server.url, 2))
    asyncio.run(load_until(server.url, work, 32, lambda: kill_everything(server)))
    lost = interrupted(work)
    assert lost
    again = city_server()
    asyncio.run(reverse_all(again.url, lost))
    check_books(again, (sent for messages in work for sent in messages if sent.reply is not None))


async def reverse_all(url: str, lost: list[Sent]) -> None:
    async with Terminal(url) as terminal:
        await asyncio.gather(*(terminal.settle(reversal(sent)) for sent in lost))


def test_kill_9_of_postgresql_under_load_is_survived_without_a_restart_of_yibao(city_server: Start) -> None:
    server = city_server()
    kill_often(server, rounds=3, kills=2)
    assert server.process.poll() is None


@pytest.mark.slow
def test_kill_9_of_postgresql_twenty_times_under_load_is_survived_without_a_restart_of_yibao(
    city_server: Start,
) -> None:
    server = city_server()
    kill_often(server, rounds=8, kills=20)
    assert server.process.poll() is None


def kill_often(server: RunningServer, rounds: int, kills: int) -> None:
    """PostgreSQL dies `kills` times, evenly over the load; the programs repeat what was not acknowledged."""
    work = asyncio.run(prepare(server.url, rounds))
    asyncio.run(load_with_kills(server, work, kills))
    assert any(sent.refusals for messages in work for sent in messages)
    asyncio.run(repeat_everything(server.url, work))
    check_books(server, (sent for messages in work for sent in messages))


async def load_with_kills(server: RunningServer, work: Work, kills: int) -> None:
    total, database = sum(map(len, work)), EmbeddedPostgres(server.home)
    async with Terminal(server.url) as terminal, asyncio.TaskGroup() as group:
        for messages in work:
            group.create_task(repeat(terminal, messages))
        for number in range(1, kills + 1):
            while acknowledged(work) < number * total // (kills + 1) or not database.is_ready():
                await asyncio.sleep(0.005)
            kill_database(server)

"""The floor: the very rows of a settlement written durably by one prepared statement; no HTTP, no rules, no reading."""

import asyncio
import time

import msgspec

from yibao.bench.load import Load, Numbers, summary
from yibao.bench.town import PHARMACY, Town, sale_message
from yibao.core import dates
from yibao.core.database import Database
from yibao.core.inbox import Message
from yibao.gateway.envelope import parse
from yibao.gateway.handlers.pharmacy import sale
from yibao.gateway.registry import Call
from yibao.gateway.validate import validator_of
from yibao.settlement.actions import Prepared, prepare
from yibao.settlement.booking import postings_of
from yibao.settlement.case import open_case
from yibao.settlement.model import AccountUse
from yibao.settlement.services import Services
from yibao.settlement.writing import Writing, write_sale

REPLY = b"x" * 2000


async def floor(services: Services, town: Town, numbers: Numbers, *, seconds: float, count: int, lines: int) -> Load:
    """`count` connections, each: begin, one statement with all rows of a settlement of `lines` lines, commit."""
    template = await computed(services, town, numbers.take(), lines)
    latencies: list[float] = []
    end = time.perf_counter() + seconds

    async def work() -> None:
        while time.perf_counter() < end:
            start = time.perf_counter()
            await write_copy(services.database, template, numbers.take(), town.persons)
            latencies.append((time.perf_counter() - start) * 1000)

    start = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(count)))
    return summary(latencies, time.perf_counter() - start, 0)


async def computed(services: Services, town: Town, number: int, lines: int) -> Prepared:
    """One settlement as the server would compute it."""
    envelope = parse(sale_message(number, town.persons, lines, dates.now()))
    nodes, _ = validator_of("2102").check(envelope.input())
    request = sale(Call(envelope, nodes, services, ""))
    async with services.database.connection() as connection:
        case = await open_case(connection, request.psn_no, None, "", dates.today(), lock=False)
        return await prepare(services, connection, case, request)


async def write_copy(database: Database, template: Prepared, number: int, persons: int) -> None:
    """The template's rows again, as another person's settlement with numbers of its own."""
    psn_no, setl_id, mdtrt_id = f"bench{number % persons + 1}", f"9{number}", f"8{number}"
    lines = template.assessment.lines
    bill = msgspec.structs.replace(
        template.assessment.bill, setl_id=setl_id, mdtrt_id=mdtrt_id, psn_no=psn_no, medins_setl_id=f"floor{number}"
    )
    uses = [AccountUse(payer=psn_no, amount=use.amount) for use in template.assessment.accounts]
    message = Message(PHARMACY, f"floor{number}", "2102", bytes(32))
    postings = postings_of(bill.funds, uses, PHARMACY)
    writing = Writing(bill, 10**12 + number, postings, uses, {}, message, REPLY)
    visit = {**template.visit, "mdtrt_id": mdtrt_id, "psn_no": psn_no}
    async with database.transaction() as connection:
        await write_sale(connection, writing, visit, lines)

"""Where the time of a settlement goes: CPU of the server process by stage, one settlement after the other."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from yibao.bench.load import Numbers
from yibao.bench.town import ACCESS_KEY, Town, sale_message
from yibao.core import dates
from yibao.gateway.bills import render
from yibao.gateway.envelope import parse
from yibao.gateway.handlers.pharmacy import sale
from yibao.gateway.registry import Call
from yibao.gateway.signature import Gatekeeper, sign_tif
from yibao.gateway.validate import validator_of
from yibao.settlement.actions import prepare
from yibao.settlement.booking import postings_of
from yibao.settlement.case import open_case
from yibao.settlement.model import Settled
from yibao.settlement.services import Services
from yibao.settlement.writing import Writing, write_sale


class Stopwatch:
    """CPU milliseconds by stage."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the CPU time of the block to this stage."""
        start = time.process_time_ns()
        yield
        self.spent[name] += (time.process_time_ns() - start) / 1e6


async def stages(
    services: Services, master_key: bytes, town: Town, numbers: Numbers, *, repeat: int, lines: int
) -> dict[str, float]:
    """Milliseconds of CPU per settlement by stage, over `repeat` settlements (waiting for the database not counted)."""
    watch = Stopwatch()
    gatekeeper = Gatekeeper(services.database, master_key)
    for number in range(repeat + 20):
        if number == 20:
            watch.spent.clear()  # the first ones fill caches and prepare statements
        await settle_once(services, gatekeeper, town, numbers.take(), lines, watch)
    return {name: spent / repeat for name, spent in watch.spent.items()}


async def settle_once(
    services: Services, gatekeeper: Gatekeeper, town: Town, number: int, lines: int, watch: Stopwatch
) -> None:
    """One pharmacy sale, step by step as `settlement.actions` does it, with the clock beside it."""
    body = sale_message(number, town.persons, lines, dates.now())
    headers = signed_headers(town.secret, number)
    with watch.stage("signature and nonce"):
        await gatekeeper.admit(headers)
    with watch.stage("envelope and validation"):
        envelope = parse(body)
        nodes, _ = validator_of("2102").check(envelope.input())
        call = Call(envelope, nodes, services, "")
        request = sale(call)
    async with services.database.transaction() as connection:
        with watch.stage("lock and read"):
            case = await open_case(connection, request.psn_no, call.message, "", dates.today(), lock=True)
        with watch.stage("catalogue, entitlement, benefits, explanation"):
            prepared = await prepare(services, connection, case, request)
        with watch.stage("reply"):
            bill = msgspec.structs.replace(prepared.assessment.bill, medins_setl_id=call.message.msgid)
            reply = render(call, Settled(bill=bill, person=case.facts.person, lines=prepared.assessment.lines))
        with watch.stage("write"):
            postings = postings_of(bill.funds, prepared.assessment.accounts, bill.fixmedins_code)
            accounts = prepared.assessment.accounts
            writing = Writing(bill, case.entry_id, postings, accounts, case.totals, call.message, reply)
            await write_sale(connection, writing, {**prepared.visit, "status": "settled"}, prepared.assessment.lines)


def signed_headers(secret: str, number: int) -> dict[str, str]:
    """Headers of the x-tif family for one message."""
    timestamp = str(int(time.time()))
    nonce = f"stage{number}"
    return {
        "x-tif-paasid": ACCESS_KEY,
        "x-tif-timestamp": timestamp,
        "x-tif-nonce": nonce,
        "x-tif-signature": sign_tif(secret, timestamp, nonce),
    }

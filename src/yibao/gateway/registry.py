"""Which function answers which transaction.

    @transaction("2201", writes=True)
    async def register(call: Call) -> Output: ...

`writes=True`: the dispatcher opens one database transaction, keeps the reply under the msgid in it, and answers a
repetition from there. A settlement opens its own transaction (`settles=True`) and returns the finished reply.
Everything else only reads.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from yibao.core.database import Connection, Database
from yibao.core.inbox import Message
from yibao.gateway.envelope import Envelope, reply
from yibao.gateway.validate import Nodes
from yibao.settlement.services import Services
from yibao.supervision.counter.review import Counter

Output = dict[str, Any]
BareList = list[dict[str, Any]]
"""The output of 90100, which programs read as a list without a node."""


@dataclass(frozen=True, slots=True)
class FileReply:
    """Raw bytes instead of an envelope: 9102 answers with the file itself."""

    content: bytes
    filename: str


@dataclass(slots=True)
class Call:
    """One message on its way: its envelope, its checked nodes and what a handler may need to answer it.

    `connection` is the open transaction of a handler with `writes=True`. Such a handler names the document that came
    of the message in `reference` (mdtrt_id, number of a filing), by which 2601 can undo it.
    """

    envelope: Envelope
    nodes: Nodes
    services: Services
    received: str
    counter: Counter | None = None
    open_connection: Connection | None = None
    reference: str | None = None
    psn_no: str | None = None

    @property
    def database(self) -> Database:
        return self.services.database

    @property
    def connection(self) -> Connection:
        if self.open_connection is None:
            raise RuntimeError(f"transaction {self.envelope.infno} is registered without writes=True")
        return self.open_connection

    @property
    def institution(self) -> str:
        """fixmedins_code of the sender; equal to the credential's, which the dispatcher has checked."""
        return self.envelope.fixmedins_code

    @property
    def message(self) -> Message:
        """Identity of this message for the inbox."""
        envelope = self.envelope
        return Message(envelope.fixmedins_code, envelope.msgid, envelope.infno, envelope.digest)

    def reply(self, output: Output | BareList) -> bytes:
        """The finished reply around `output`."""
        return reply(output, area=self.envelope.mdtrtarea_admvs, received=self.received)


Answer = Output | BareList | FileReply | bytes
Run = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Handler:
    """How one transaction is answered; `settles`: it opens its own transaction and returns finished bytes."""

    infno: str
    run: Run
    writes: bool
    settles: bool


HANDLERS: dict[str, Handler] = {}


def transaction(*infnos: str, writes: bool = False, settles: bool = False) -> Callable[[Run], Run]:
    """Register the decorated function for these transaction numbers."""

    def register(run: Run) -> Run:
        for infno in infnos:
            if infno in HANDLERS:
                raise ValueError(f"transaction {infno} is registered twice")
            HANDLERS[infno] = Handler(infno, run, writes, settles)
        return run

    return register

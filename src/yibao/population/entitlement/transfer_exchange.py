"""Answers of other areas to transfers, taken one by one; one that is refused does not hold up the others."""

from dataclasses import dataclass
from datetime import date

from yibao.core.database import Connection
from yibao.core.errors import Refused
from yibao.population.entitlement import neighbours, transfers


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one answer: certificate (merged here at once), merged or refused there; `why` when not taken."""

    transfer_no: str
    kind: str
    why: str = ""


async def collect(connection: Connection, day: date, actor: str) -> list[Taken]:
    """Take every answer that has come until `day`: certificates are merged, transfers out are finished or refused."""
    done = []
    for answer in await neighbours.adapter.answers(connection, day):
        why = ""
        try:
            async with connection.transaction():
                await _take(connection, answer, day, actor)
        except Refused as error:
            why = "；".join(map(str, error.refusals))
        await neighbours.adapter.taken(connection, answer.message_no, day, why)
        done.append(Taken(answer.transfer_no, answer.kind, why))
    return done


async def _take(connection: Connection, answer: neighbours.Answer, day: date, actor: str) -> None:
    if answer.kind == "certificate":
        await transfers.receive(connection, answer.transfer_no, answer.content.encode(), day, actor)
        await transfers.merge(connection, answer.transfer_no, day, actor)
    elif answer.kind == "merged":
        await transfers.finish_out(connection, answer.transfer_no, day, actor)
    else:
        await transfers.refuse(connection, answer.transfer_no, day, actor, answer.content)

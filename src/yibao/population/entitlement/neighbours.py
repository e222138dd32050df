"""Other areas, as transfers reach them (转移接续业务协同): what goes there and what they answer.

    adapter.ask(…)            somebody of theirs comes here 联系函
    adapter.hand_over(…)      the certificate of somebody who goes there
    adapter.tell(…)           a transfer is merged, or refused, here
    adapter.answers(…)        what they have answered until a day, to be taken by `transfer_exchange.collect`

`Neighbours` is what an adapter to a province's or the nation's exchange has to do. `MessageTable` is this platform's
own stand-in: every message stands in population.transfer_message, and it plays the other city itself, which answers
after `ANSWER_AFTER` working days: an inquiry by what it has reported to the national check (enrolled there: suspend
first), a certificate by merging it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from yibao.core.database import Connection
from yibao.core.months import month_of
from yibao.population.entitlement.certificates import Certificate, Period, certificate_file
from yibao.population.working_days import after_working_days

ANSWER_AFTER = 5
WRITE = """
insert into population.transfer_message (transfer_no, other_admdvs, way, kind, day, content, handled_on)
values ($1, $2, $3, $4, $5, $6, $7)
"""
UNANSWERED = """
select m.message_no, m.transfer_no, m.other_admdvs, m.kind, m.day, t.psn_no, t.insutype, p.psn_cert_type, p.certno,
       p.psn_name, left(coalesce(e.insu_admdvs, t.psn_no), 6) as home
from population.transfer_message m
join population.transfer t using (transfer_no) join population.person p using (psn_no)
left join lateral (select insu_admdvs from population.enrolment e where e.psn_no = t.psn_no and e.insutype = t.insutype
                   order by e.begndate desc limit 1) e on true
where m.way = 'out' and m.handled_on is null and m.day < $1 order by m.message_no for no key update of m
"""
HANDLED = "update population.transfer_message set handled_on = $2, answer = $3 where message_no = $1"
ANSWERS = """
select message_no, transfer_no, kind, content from population.transfer_message
where way = 'in' and handled_on is null and day <= $1 order by message_no for no key update
"""
REPORTED = """
select begndate, psn_insu_stas, suspension_requested_at::date as suspended from population.national_report
where psn_cert_type = $1 and certno = $2 and left(insu_admdvs, 4) = left($3, 4) and insutype = $4
"""
MESSAGES = """
select transfer_no, other_admdvs, way, kind, day, handled_on, answer from population.transfer_message
where $1 = '' or transfer_no = $1 order by message_no desc limit $2
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What another area says about a transfer: certificate, merged or refused, with the file or the reason."""

    message_no: int
    transfer_no: str
    kind: str
    content: str


class Neighbours(Protocol):
    """How other areas are reached; every call is part of the caller's transaction."""

    async def ask(self, connection: Connection, transfer_no: str, other_admdvs: str, day: date) -> None:
        """Tell the area that insured the person that he comes here."""

    async def hand_over(
        self, connection: Connection, transfer_no: str, other_admdvs: str, file: bytes, day: date
    ) -> None:
        """Give the certificate to the area that takes the person."""

    async def tell(
        self, connection: Connection, transfer_no: str, other_admdvs: str, kind: str, day: date, reason: str = ""
    ) -> None:
        """Tell the other area that the transfer is merged or refused here."""

    async def answers(self, connection: Connection, day: date) -> Sequence[Answer]:
        """What the other areas have answered until `day` and nobody has taken yet."""
        ...

    async def taken(self, connection: Connection, message_no: int, day: date, answer: str = "") -> None:
        """An answer was taken, or could not be (`answer` says why)."""


class MessageTable:
    """The stand-in: messages in a table, and the other city played from the reports of the national check."""

    async def ask(self, connection: Connection, transfer_no: str, other_admdvs: str, day: date) -> None:
        """See `Neighbours`."""
        await connection.execute(WRITE, transfer_no, other_admdvs, "out", "ask", day, "", None)

    async def hand_over(
        self, connection: Connection, transfer_no: str, other_admdvs: str, file: bytes, day: date
    ) -> None:
        """See `Neighbours`."""
        await connection.execute(WRITE, transfer_no, other_admdvs, "out", "certificate", day, file.decode(), None)

    async def tell(
        self, connection: Connection, transfer_no: str, other_admdvs: str, kind: str, day: date, reason: str = ""
    ) -> None:
        """See `Neighbours`; nothing is expected back."""
        await connection.execute(WRITE, transfer_no, other_admdvs, "out", kind, day, reason, day)

    async def answers(self, connection: Connection, day: date) -> Sequence[Answer]:
        """See `Neighbours`."""
        for row in await connection.fetch(UNANSWERED, day):
            due = after_working_days(row["day"], ANSWER_AFTER)
            if due <= day:
                kind, content = await _answer(connection, row, due)
                await connection.execute(WRITE, row["transfer_no"], row["other_admdvs"], "in", kind, due, content, None)
                await self.taken(connection, row["message_no"], due)
        return [Answer(**row) for row in await connection.fetch(ANSWERS, day)]

    async def taken(self, connection: Connection, message_no: int, day: date, answer: str = "") -> None:
        """See `Neighbours`."""
        await connection.execute(HANDLED, message_no, day, answer)


adapter: Neighbours = MessageTable()


async def messages(connection: Connection, transfer_no: str = "", limit: int = 200) -> list[dict[str, Any]]:
    """What was sent and received, of one transfer or of all, newest first."""
    return [dict(row) for row in await connection.fetch(MESSAGES, transfer_no, limit)]


async def _answer(connection: Connection, message: Any, day: date) -> tuple[str, str]:
    """What the other city says to a message: the kind of its answer, and the certificate or the reason."""
    if message["kind"] == "certificate":
        return "merged", ""
    place = (message["psn_cert_type"], message["certno"], message["other_admdvs"], message["insutype"])
    report = await connection.fetchrow(REPORTED, *place)
    if report is None:
        return "refused", "转出地没有该人员的参保记录"
    if report["psn_insu_stas"] == "1" and report["suspended"] is None:
        return "refused", "该人员在转出地仍在保，请先在转出地暂停参保"
    last = min(report["suspended"] or message["day"], day)
    return "certificate", certificate_file(_certificate(message, report["begndate"], last, day)).decode()


def _certificate(message: Any, first: date, last: date, day: date) -> Certificate:
    """What the other city certifies: insured from its report's first day until the suspension, no account."""
    months = max(0, month_of(last) - month_of(first) + 1)
    return Certificate(
        transfer_no=f"{message['other_admdvs']}-{message['transfer_no']}",
        psn_cert_type=message["psn_cert_type"],
        certno=message["certno"],
        psn_name=message["psn_name"],
        insutype=message["insutype"],
        from_admdvs=message["other_admdvs"],
        to_admdvs=message["home"],
        issued_on=day,
        periods=(Period(first, last, months),) if months else (),
        months=months,
        balance=0,
    )

"""The bills the demo begins with: bills.yaml sent through the gateway in this process, message by message.

`seed_bills` makes the same messages that a hospital's program would send, so what the pages show was settled by the
real thing. A bill that is refused is reported and left out.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import msgspec
import yaml

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.demo import messages
from yibao.demo.messages import Care, Node, Place, Purchase, Visitor
from yibao.demo.people import DemoPerson, persons
from yibao.demo.source import Institutions, institutions, read_csv, read_text
from yibao.directory.cache import DirectoryCache
from yibao.gateway.credentials import Credential
from yibao.gateway.dispatch import Gateway
from yibao.gateway.envelope import MalformedMessage, received_now
from yibao.settlement.services import Services

log = logging.getLogger("yibao.demo")
MARK = "demo.bills"
MARKED = "select exists (select from core.audit_event where action = $1)"
NOTE = "insert into core.audit_event (actor, action, subject, details) values ('yibao', $1, 'demo bills', $2)"
USUAL = {"sale": "41", "outpatient": "11", "inpatient": "2101"}
_encoder = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class Handbook:
    """The demo's files by key, to turn an entry of bills.yaml into messages."""

    people: dict[str, DemoPerson]
    places: dict[str, Place]
    items: dict[str, dict[str, str]]
    diseases: dict[str, str]


async def seed_bills(database: Database, master_key: bytes) -> int:
    """Settle the demo's bills once; returns how many there are now, 0 when it was done before."""
    async with database.connection() as connection:
        if await connection.fetchval(MARKED, MARK):
            return 0
    services = Services(database, DirectoryCache(database), PackBook.load())
    desk = Desk(Gateway(services, master_key), dates.now())
    book = handbook(dates.today())
    entries: list[dict[str, Any]] = yaml.safe_load(read_text("bills.yaml"))
    settled = [entry for entry in entries if await _settled(desk, book, entry)]
    async with database.transaction() as connection:
        await connection.execute(NOTE, MARK, {"bills": len(settled)})
    return len(settled)


class Desk:
    """A program of every institution at once: sends messages in process and reads the replies."""

    def __init__(self, gateway: Gateway, now: datetime) -> None:
        self._gateway = gateway
        self._now = now
        self._serials = count(1)

    async def send(self, infno: str, place: Place, area: str, sent: Node) -> Any:
        """The output of one message; raises `Refused` or `MalformedMessage`."""
        msgid = f"{place.code}{self._now:%Y%m%d%H%M%S}{next(self._serials):04d}"
        body = _encoder.encode(messages.envelope(infno, msgid, place, area, self._now, sent))
        credential = Credential("", place.code, "")
        reply = await self._gateway.answer(credential, body, "", received_now(), {})
        assert isinstance(reply, bytes)
        return msgspec.json.decode(reply)["output"]


def handbook(today: date) -> Handbook:
    """Read the demo's files."""
    where = institutions()
    diseases = {
        row["code"]: row["name"]
        for name in ("diseases.csv", "chronic_diseases.csv", "two_diseases.csv")
        for row in read_csv(name)
    }
    return Handbook(
        {person.key: person for person in persons(today)},
        {row.fixmedins_code: place_of(row.fixmedins_code, where) for row in where.rows},
        {row["name"]: row for row in read_csv("items.csv")},
        diseases,
    )


def place_of(code: str, where: Institutions) -> Place:
    """The institution with its first doctor and his department."""
    (row,) = [row for row in where.rows if row.fixmedins_code == code]
    doctor = next((doctor for doctor in where.doctors if doctor.fixmedins_code == code), None)
    if doctor is None:
        return Place(code, row.fixmedins_name, row.admdvs)
    department = where.departments[code][doctor.dept_codg]
    return Place(code, row.fixmedins_name, row.admdvs, doctor.dept_codg, department, doctor.dr_codg, doctor.dr_name)


def visitor_of(demo: DemoPerson) -> Visitor:
    """The person with his newest enrolment."""
    person, enrolment = demo.person, demo.enrolments[0]
    return Visitor(
        person.psn_no, person.certno, person.psn_name, enrolment.insutype, enrolment.psn_type, enrolment.insu_admdvs
    )


def purchase_of(item: dict[str, str], number: int | str) -> Purchase:
    """One item of items.csv at its demo price."""
    return Purchase(item["code"], Decimal(item["price"]), Decimal(number))


async def _settled(desk: Desk, book: Handbook, entry: dict[str, Any]) -> bool:
    try:
        await settle_entry(desk, book, entry)
    except (Refused, MalformedMessage) as error:
        log.warning("demo bill of %s at %s was refused: %s", entry["person"], entry["at"], error)
        return False
    return True


async def settle_entry(desk: Desk, book: Handbook, entry: dict[str, Any]) -> None:
    """Send the messages of one bill, and its undoing when the entry says so."""
    visitor, place = visitor_of(book.people[entry["person"]]), book.places[entry["at"]]
    purchases = [purchase_of(book.items[name], number) for name, number in entry["items"].items()]
    care = _care(book, entry)
    ended = dates.now() - timedelta(days=entry["days"])
    bill = {"sale": _sell, "outpatient": _treat, "inpatient": _admit}[entry["kind"]]
    settled = await bill(desk, visitor, place, care, purchases, ended, entry)
    if entry.get("undo"):
        infno = "2103" if entry["kind"] == "sale" else "2208"
        undoing = messages.undoing(visitor, settled["mdtrt_id"], settled["setl_id"])
        await desk.send(infno, place, visitor.area, undoing)


def _care(book: Handbook, entry: dict[str, Any]) -> Care:
    diagnosis, disease = entry.get("diagnosis", ""), entry.get("disease", "")
    return Care(
        entry.get("med_type", USUAL[entry["kind"]]),
        diagnosis,
        book.diseases.get(diagnosis, ""),
        disease,
        book.diseases.get(disease, ""),
        entry.get("account", "1"),
    )


async def _sell(
    desk: Desk, visitor: Visitor, place: Place, care: Care, purchases: list[Purchase], ended: datetime, _: Node
) -> Node:
    output = await desk.send("2102", place, visitor.area, messages.sale(visitor, care, purchases, ended))
    return dict(output["setlinfo"])


async def _treat(
    desk: Desk, visitor: Visitor, place: Place, care: Care, purchases: list[Purchase], ended: datetime, _: Node
) -> Node:
    number = f"MZ{ended:%Y%m%d%H%M}"
    opened = await desk.send("2201", place, visitor.area, messages.registration(visitor, place, ended, number))
    mdtrt_id = opened["data"]["mdtrt_id"]
    for infno, sent in (
        ("2203", messages.description(visitor, place, care, mdtrt_id, ended)),
        ("2204", messages.fee_lines(visitor, place, care, mdtrt_id, purchases, ended)),
    ):
        await desk.send(infno, place, visitor.area, sent)
    output = await desk.send("2207", place, visitor.area, messages.settlement(visitor, care, mdtrt_id, purchases))
    return dict(output["setlinfo"])


async def _admit(
    desk: Desk, visitor: Visitor, place: Place, care: Care, purchases: list[Purchase], ended: datetime, entry: Node
) -> Node:
    began = ended - timedelta(days=entry["stay"])
    sent = messages.admission(visitor, place, care, began, f"ZY{began:%Y%m%d%H%M}")
    mdtrt_id = (await desk.send("2401", place, visitor.area, sent))["result"]["mdtrt_id"]
    for infno, sent in (
        ("2301", messages.fee_lines(visitor, place, care, mdtrt_id, purchases, ended - timedelta(hours=3))),
        ("2402", messages.leaving(visitor, place, care, mdtrt_id, ended)),
    ):
        await desk.send(infno, place, visitor.area, sent)
    sent = messages.stay_settlement(visitor, place, care, mdtrt_id, purchases)
    return dict((await desk.send("2304", place, visitor.area, sent))["setlinfo"])

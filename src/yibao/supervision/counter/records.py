"""The person's year beside the order: what settlement knows, as records of `model`; one statement."""

from datetime import date, datetime, timedelta

import msgspec

from yibao.core.database import Connection
from yibao.settlement.history import person_history
from yibao.supervision.counter.screening import Question
from yibao.supervision.model import Diagnosis, Line, Visit

YEAR = 366


class KnownPerson(msgspec.Struct, frozen=True):
    """What the register says of a person."""

    psn_no: str
    gend: str
    brdy: date
    die_date: date | None = None


class Records(msgspec.Struct, frozen=True):
    """Visits, lines and diagnoses of one person; without any for a person that is not known here."""

    person: KnownPerson | None = None
    visits: list[Visit] = []
    lines: list[Line] = []
    diagnoses: list[Diagnosis] = []


_person = msgspec.json.Decoder(KnownPerson)
_visits = msgspec.json.Decoder(list[Visit])
_lines = msgspec.json.Decoder(list[Line])
_diagnoses = msgspec.json.Decoder(list[Diagnosis])


async def records_of(
    connection: Connection, psn_no: str, question: Question, now: datetime, mdtrt_id: str = ""
) -> Records:
    """As far back as the question looks, at most a year; every line of the visit `mdtrt_id`."""
    since = now - timedelta(days=min(question.days, YEAR))
    codes = None if question.codes is None else sorted(question.codes)
    found = await person_history(connection, psn_no, since, now, codes, mdtrt_id)
    if found.person is None:
        return Records()
    return Records(
        _person.decode(found.person), _visits.decode(found.visits), _lines.decode(found.lines),
        _diagnoses.decode(found.diagnoses),
    )  # fmt: skip

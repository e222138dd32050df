"""The demo's persons: from persons.yaml to rows with numbers, dates and money.

Days in the file may be relative to the day of loading, so that a waiting person still waits whenever the demo is
loaded. Person numbers are the area, 99 and a serial; identity numbers lie in county codes that do not exist.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import yaml

from yibao.core.money import fen_from_yuan
from yibao.demo.source import HOME, read_text
from yibao.population.identity import identity_number
from yibao.population.model import Coverage, Enrolment, Filing, Person, Tag

TAG_CODES = {
    "特困": "2304", "低保": "2303", "低保边缘": "2305", "支出型困难": "2306", "稳定脱贫": "2302", "重度残疾": "2308",
    "优抚对象": "21", "计生特困": "6008",
}  # fmt: skip
EXTENDED_AID = "2360"
"""Dictionary psn_idet_type; words without a code of their own count as 地方扩展医疗救助对象."""
RESIDENT, RETIRED = "390", "12"
USUAL_EMPLOYER = "示范人力资源有限公司"
EMPLOYEE_SINCE, RESIDENT_SINCE, FILED_ON = date(2015, 1, 1), date(2021, 1, 1), date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Payer:
    """`payer` is the person number whose account pays; `relation` what the payer is to the person."""

    payer: str
    relation: str
    until: date | None


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One person with everything that hangs on him; `balance` fen, None without a personal account."""

    key: str
    note: str
    person: Person
    enrolments: tuple[Enrolment, ...]
    coverages: tuple[Coverage, ...] = ()
    tags: tuple[Tag, ...] = ()
    balance: int | None = None
    frozen: bool = False
    family: tuple[Payer, ...] = ()
    filings: tuple[Filing, ...] = ()
    card_until: date | None = None
    electronic_code: str = field(default="")
    card: str = field(default="")


def persons(today: date) -> list[DemoPerson]:
    """Every person of the file as of the day of loading."""
    entries: list[dict[str, Any]] = yaml.safe_load(read_text("persons.yaml"))
    numbers = {entry["key"]: person_number(entry, serial) for serial, entry in enumerate(entries, 1)}
    return [_person(entry, serial, numbers, today) for serial, entry in enumerate(entries, 1)]


def person_number(entry: dict[str, Any], serial: int) -> str:
    """Twenty digits: area, 99 for the demo, serial."""
    return f"{entry.get('area', HOME)}99{serial:012d}"


def _person(entry: dict[str, Any], serial: int, numbers: dict[str, str], today: date) -> DemoPerson:
    psn_no, area = numbers[entry["key"]], entry.get("area", HOME)
    born = _day(entry["born"], today, today)
    sequence = 2 * serial + (1 if entry["sex"] == 1 else 0)
    person = Person(
        psn_no=psn_no,
        certno=identity_number(area[:4] + "99", born, sequence),
        psn_name=entry["name"],
        gend=str(entry["sex"]),
        brdy=born,
        die_date=_day(entry["died"], today, born) if "died" in entry else None,
    )
    enrolments = _enrolments(entry, psn_no, born, today)
    benefits_from = _day(entry["benefits_from"], today, born) if "benefits_from" in entry else None
    return DemoPerson(
        key=entry["key"],
        note=entry["note"],
        person=person,
        enrolments=tuple(enrolments),
        coverages=tuple(
            row for enrolment in enrolments for row in _coverages(enrolment, benefits_from, person.die_date)
        ),
        tags=tuple(_tag(tag, today, born) for tag in entry.get("tags", ())),
        balance=fen_from_yuan(entry["balance"]) if "balance" in entry else None,
        frozen=entry.get("frozen", False),
        family=tuple(_payer(link, numbers, today, born) for link in entry.get("family", ())),
        filings=tuple(_filing(filing, entry, psn_no, today) for filing in entry.get("filings", ())),
        card_until=_day(entry["card_until"], today, born) if "card_until" in entry else None,
        electronic_code=f"DEMO{psn_no}",
        card=f"S{serial:08d}",
    )


def _enrolments(entry: dict[str, Any], psn_no: str, born: date, today: date) -> list[Enrolment]:
    if "insurance" not in entry:
        return []
    former = entry.get("former")
    rows = [_enrolment(entry, psn_no, born, today, 1)]
    if former:
        rows.append(_enrolment(former | {"area": entry.get("area", HOME)}, psn_no, born, today, 2))
        rows[0] = _enrolment(entry | {"from": "this_year"}, psn_no, born, today, 1)
    return rows


def _enrolment(entry: dict[str, Any], psn_no: str, born: date, today: date, number: int) -> Enrolment:
    """`number` tells the person's enrolments apart until the database numbers them."""
    insutype, psn_type = entry["insurance"]
    usual = max(born, EMPLOYEE_SINCE if insutype == "310" else RESIDENT_SINCE)
    begins = _day(entry["from"], today, born) if "from" in entry else usual
    return Enrolment(
        psn_no=psn_no,
        insutype=insutype,
        psn_type=psn_type,
        insu_admdvs=entry.get("admdvs", entry.get("area", HOME)),
        begndate=begins,
        psn_insu_rlts_id=number,
        psn_insu_stas=entry.get("status", "1"),
        enddate=_day(entry["until"], today, born) if "until" in entry else None,
        paus_date=_day(entry["paused"], today, born) if "paused" in entry else None,
        cvlserv_flag="1" if entry.get("civil") else "0",
        emp_name=_employer(entry, insutype, psn_type),
        reason=entry.get("reason", ""),
        category=_category(entry, insutype, psn_type),
    )


def _category(entry: dict[str, Any], insutype: str, psn_type: str) -> str:
    """How the person pays, as `population.enrolment.category` names it."""
    if insutype == RESIDENT:
        return "resident"
    if psn_type == RETIRED:
        return "retired"
    return "flexible" if entry.get("reason", "").startswith("灵活就业") else "employee"


def _employer(entry: dict[str, Any], insutype: str, psn_type: str) -> str:
    """Who works somewhere has an employer, also where the file names none."""
    works = _category(entry, insutype, psn_type) == "employee"
    return str(entry.get("employer", USUAL_EMPLOYER if works else ""))


def _coverages(enrolment: Enrolment, benefits_from: date | None, died: date | None) -> list[Coverage]:
    """The days on which the enrolment pays: until its end, suspension or death, without the days of waiting."""
    number, insutype, begins = enrolment.psn_insu_rlts_id, enrolment.insutype, enrolment.begndate
    paused = enrolment.paus_date - timedelta(days=1) if enrolment.paus_date else None
    ends = min((day for day in (enrolment.enddate, paused, died) if day), default=None)
    taken_over = "taken_over"
    if benefits_from is None:
        return [Coverage(number, insutype, "covered", begins, ends, taken_over, origin=taken_over)]
    waiting_until = benefits_from - timedelta(days=1)
    return [
        Coverage(number, insutype, "waiting", begins, waiting_until, "waiting", origin=taken_over),
        Coverage(number, insutype, "covered", benefits_from, ends, taken_over, origin=taken_over),
    ]


def _tag(tag: str | dict[str, Any], today: date, born: date) -> Tag:
    entry = {"tag": tag} if isinstance(tag, str) else tag
    until = _day(entry["until"], today, born) if "until" in entry else None
    since = _day(entry["from"], today, born) if "from" in entry else max(born, FILED_ON)
    word = entry["tag"]
    return Tag(TAG_CODES.get(word, EXTENDED_AID), word, since, until, "演示数据")


def _payer(link: dict[str, Any], numbers: dict[str, str], today: date, born: date) -> Payer:
    until = _day(link["until"], today, born) if "until" in link else None
    return Payer(numbers[link["payer"]], link["relation"], until)


def _filing(filing: dict[str, Any], entry: dict[str, Any], psn_no: str, today: date) -> Filing:
    kind = filing["kind"]
    temporary = kind in ("transfer", "accident")
    details = {"reflin_medins_no": filing.get("to"), "reflin_medins_name": filing.get("target")}
    details |= {"filing": filing.get("filing")}
    return Filing(
        trt_dcla_detl_sn="",
        psn_no=psn_no,
        kind=kind,
        begndate=today - timedelta(days=10) if temporary else FILED_ON,
        enddate=today + timedelta(days=180) if temporary else None,
        insutype=entry["insurance"][0],
        dise_code=filing.get("disease", ""),
        fixmedins_code=filing.get("to", ""),
        details={key: value for key, value in details.items() if value},
    )


def _day(value: str | date, today: date, born: date) -> date:
    """A date of the file: itself, a named day, or days from today."""
    if isinstance(value, date):
        return value
    named = {
        "born": born,
        "this_year": date(today.year, 1, 1),
        "last_year_start": date(today.year - 1, 1, 1),
        "last_year_end": date(today.year - 1, 12, 31),
    }
    return named[value] if value in named else today + timedelta(days=int(value))

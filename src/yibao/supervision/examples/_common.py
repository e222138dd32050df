"""What the examples of kinds about lines and codes share: persons, days, and a stay with its care."""

from datetime import datetime, timedelta
from typing import Any

from yibao.supervision.kinds.kind import Point
from yibao.supervision.model import Line, Visit
from yibao.supervision.world import HOSPITAL, World

FIRST = datetime.fromisoformat("2021-02-01T09:00")


def person_of(letter: str, point: Point, number: int) -> str:
    """The number of an example's person: V… violates, C… is clean."""
    return f"{letter}{point.rule_id}{number:06d}"


def day_of(point: Point, number: int) -> datetime:
    """A day of 2021 on which the point is in force."""
    day = FIRST + timedelta(days=number % 250)
    start = datetime.combine(point.valid_from, FIRST.time())
    if day.date() <= point.valid_to and day >= start:
        return day
    length = (point.valid_to - point.valid_from).days + 1
    return start + timedelta(days=number % min(length, 250))


def outpatient(world: World, psn_no: str, day: datetime, number: int, **known: Any) -> Visit:
    """An outpatient's visit with a doctor of its own."""
    return world.visit(psn_no, day, **{"fixmedins_code": HOSPITAL, "chfpdr_code": f"DV{number}", **known})


def stay_with_care(world: World, psn_no: str, day: datetime, number: int, **known: Any) -> Visit:
    """A stay of three days with a bed, care, a drug and tests on every day, ordered by a doctor of its own."""
    stay = world.stay(psn_no, day, day + timedelta(days=3, hours=1), **{"chfpdr_code": f"DV{number}", **known})
    for later in range(3):
        for minute, (charge, yuan) in enumerate((("01", 40), ("07", 25), ("05", 120), ("09", 95), ("04", 60))):
            at = day + timedelta(days=later, minutes=20 + minute)
            order(world, stay, f"ORDINARY{charge}", at, number, yuan=yuan, med_chrgitm_type=charge)
    return stay


def order(world: World, visit: Visit, code: str, at: datetime, number: int, **known: Any) -> Line:
    """A line of the visit, ordered by the example's doctor."""
    defaults = {"cnt": 1 + number % 3, "yuan": "12.50", "bilg_dr_code": f"DV{number}"}
    return world.line(visit, code, at, **{**defaults, **known})


def first_of(codes: str | None, otherwise: str) -> str:
    """The first of a list of prefixes as a code, or what stands in when there is no list."""
    return codes.split()[0] if codes else otherwise


def other_sex(sex: str) -> str:
    """1 for 2 and 2 for 1."""
    return "1" if sex == "2" else "2"


def none_of(codes: str | None, candidates: tuple[str, ...]) -> str:
    """The first candidate that begins with none of the prefixes."""
    return next(one for one in candidates if not one.startswith(tuple((codes or "").split()) or ("?",)))

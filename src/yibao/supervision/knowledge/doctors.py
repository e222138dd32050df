"""Points of doctors (医保支付资格记分) and what follows from them: suspension and end of the right to be paid for.

Points add up within the calendar year and begin anew with the next. From 9 a doctor is suspended for months that the
area sets, from 12 his right ends for one year, for three when one decision gave 12. Revoked decisions do not count.
Terms: areas/<area>/supervision/doctors.yaml, else data/doctors.yaml. Rule X28 makes its points of the intervals.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from importlib.resources import files

import msgspec
import yaml

from yibao.core.config import AREAS
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.months import add_months
from yibao.supervision.knowledge.model import DoctorInterval
from yibao.supervision.knowledge.store import CHANGED

SUSPENDED, ENDED = "暂停医保支付资格", "终止医保支付资格"
STANDING = """
select dr_codg, points, decided_on, decision from supervision.doctor_points
where area = $1 and revoked_on is null order by dr_codg, decided_on, entry_id
"""
ADD = """
insert into supervision.doctor_points (area, dr_codg, points, decided_on, decision, reason)
values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning entry_id
"""
REVOKE = """
update supervision.doctor_points set revoked_on = $4, revocation = $5
where area = $1 and dr_codg = $2 and decision = $3 and revoked_on is null and decided_on <= $4 returning entry_id
"""


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What points lead to; months by the points reached, the greatest key not above them counts."""

    suspend_from: int
    suspend_months: Mapping[int, int]
    end_from: int
    end_months: int
    end_at_once_months: int
    suspend_unverified: bool = False


class Entry(msgspec.Struct, frozen=True):
    """Points of one decision that stands."""

    dr_codg: str
    points: int
    decided_on: date
    decision: str


def terms_of(area: str) -> Terms:
    """The area's terms, else the national ones."""
    own = AREAS / area / "supervision" / "doctors.yaml"
    national = files("yibao.supervision").joinpath("data/doctors.yaml")
    text = own.read_text("utf-8") if own.is_file() else national.read_text("utf-8")
    return msgspec.convert(yaml.safe_load(text), Terms)


def intervals(entries: Iterable[Entry], terms: Terms) -> list[DoctorInterval]:
    """When doctors may not prescribe for the fund, one interval for each decision that brings or prolongs it."""
    years: dict[tuple[str, int], int] = defaultdict(int)
    found: list[DoctorInterval] = []
    for one in sorted(entries, key=lambda entry: (entry.dr_codg, entry.decided_on, entry.decision)):
        years[one.dr_codg, one.decided_on.year] += one.points
        total = years[one.dr_codg, one.decided_on.year]
        if total >= terms.suspend_from:
            found.append(_interval(one, total, terms))
    return found


def _interval(entry: Entry, total: int, terms: Terms) -> DoctorInterval:
    if total >= terms.end_from:
        months = terms.end_at_once_months if entry.points >= terms.end_from else terms.end_months
    else:
        months = terms.suspend_months[max(key for key in terms.suspend_months if key <= total)]
    return DoctorInterval(
        dr_codg=entry.dr_codg, begins=entry.decided_on, ends=add_months(entry.decided_on, months) - timedelta(days=1),
        reason=ENDED if total >= terms.end_from else SUSPENDED, decision=entry.decision,
    )  # fmt: skip


async def doctor_status(connection: Connection, area: str) -> list[DoctorInterval]:
    """The intervals of an area's doctors."""
    rows = await connection.fetch(STANDING, area)
    return intervals((Entry(**row) for row in rows), terms_of(area))


async def add_points(
    connection: Connection, area: str, dr_codg: str, points: int, decided_on: date, decision: str, reason: str
) -> None:
    """Write the points of one decision. V110: not 1 to 12. V111: the decision has given this doctor points already."""
    if not 1 <= points <= 12:
        raise Refused(Refusal("V110", f"记分{points}不在1至12之间", "请按决定书填写", dr_codg))
    if await connection.fetchval(ADD, area, dr_codg, points, decided_on, decision, reason) is None:
        raise Refused(Refusal("V111", f"决定{decision}已给{dr_codg}记过分", "请核对决定书文号", dr_codg))
    await connection.execute(CHANGED)


async def revoke_points(
    connection: Connection, area: str, dr_codg: str, decision: str, revoked_on: date, revocation: str
) -> None:
    """Take a decision's points back. V112: there are none that stand, or the day is before the decision."""
    if await connection.fetchval(REVOKE, area, dr_codg, decision, revoked_on, revocation) is None:
        raise Refused(Refusal("V112", f"{dr_codg}没有可撤销的决定{decision}", "请核对文号与日期", dr_codg))
    await connection.execute(CHANGED)

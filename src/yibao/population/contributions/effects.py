"""What a payment does to a person (缴费生效): enrolment, event and coverage, in the transaction that takes the payment.

    take_effect(connection, persons, day, actor, details)     after contributions became paid
    undo_effect(connection, psn_nos, kind, day, …)            after they are no longer paid

A resident who pays without an enrolment is enrolled; one whose enrolment was suspended goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.core.database import Connection
from yibao.core.dates import age_on
from yibao.core.errors import Refusal
from yibao.population.enrolment import enrolments, national
from yibao.population.entitlement import coverage

RESIDENT = "390"
NOTE = """
insert into population.event (psn_no, kind, effective, actor, reason, details)
select psn_no, $2, $3, $4, $5, $6 from unnest($1::text[]) with ordinality as t (psn_no, place) order by place
"""
NOTE_PAID = """
insert into population.event (psn_no, kind, effective, actor, reason, details)
select psn_no, 'paid', $2, $3, kind, $4::jsonb || jsonb_build_object('insutype', insutype, 'period_from', period_from)
from unnest($1::text[], $5::text[], $6::text[], $7::date[]) as t (psn_no, kind, insutype, period_from)
"""
STANDING = """
select p.psn_no, p.brdy, e.psn_insu_rlts_id, e.psn_insu_stas, e.psn_type, x.psn_no is not null as known,
       coalesce(e.insu_admdvs, nullif(left(p.live_area, 6), ''), nullif(left(p.hsreg_area, 6), ''), '') as place
from population.person p
left join lateral (
  select * from population.enrolment e
  where e.psn_no = p.psn_no and e.insutype = '390' and e.psn_insu_stas in ('1', '2')
    and (e.enddate is null or e.enddate >= $2)
  order by e.psn_insu_stas, e.begndate desc limit 1) e on true
left join lateral (
  select psn_no from population.enrolment x where x.psn_no = p.psn_no and x.insutype = '390' limit 1) x on true
where p.psn_no = any ($1) and (e.psn_insu_rlts_id is null or e.psn_insu_stas = '2') order by p.psn_no
"""


@dataclass(frozen=True, slots=True)
class PaidPerson:
    """One paid contribution: `kind` normal, late, midyear …; `ground` why in the middle of the year."""

    psn_no: str
    kind: str
    period_from: date
    ground: str = ""
    insutype: str = RESIDENT


async def take_effect(
    connection: Connection, persons: Sequence[PaidPerson], day: date, actor: str, details: dict[str, Any]
) -> None:
    """Enrol who is not enrolled, note the payment, renew coverage; raises `Refused` when one cannot be enrolled."""
    residents = {person.psn_no: person for person in persons if person.insutype == RESIDENT}
    for row in await connection.fetch(STANDING, list(residents), day):
        await _enrol(connection, residents[row["psn_no"]], row, day, actor)
    await connection.execute(
        NOTE_PAID,
        [person.psn_no for person in persons],
        day,
        actor,
        details,
        [person.kind for person in persons],
        [person.insutype for person in persons],
        [person.period_from for person in persons],
    )
    await coverage.refresh(connection, [person.psn_no for person in persons])


async def against_enrolment(connection: Connection, psn_nos: Sequence[str], day: date) -> list[Refusal]:
    """What other areas report against persons whom a payment would enrol (P171–P173): told before money moves.

    The place of each refusal is the person.
    """
    reasons: list[Refusal] = []
    for row in await connection.fetch(STANDING, list(psn_nos), day):
        found = await national.against(connection, row["psn_no"], row["place"])
        reasons.extend(Refusal(reason.code, reason.text, reason.advice, row["psn_no"]) for reason in found)
    return reasons


async def undo_effect(
    connection: Connection,
    psn_nos: Sequence[str],
    kind: str,
    day: date,
    actor: str,
    reason: str,
    details: dict[str, Any],
) -> None:
    """Note that a payment no longer stands (`kind` payment_reversed or refunded), and renew coverage."""
    await connection.execute(NOTE, list(psn_nos), kind, day, actor, reason, details)
    await coverage.refresh(connection, list(psn_nos))


async def _enrol(connection: Connection, person: PaidPerson, row: Any, day: date, actor: str) -> None:
    if row["psn_insu_rlts_id"] is not None:
        await enrolments.resume(connection, row["psn_insu_rlts_id"], day, actor, "paid")
        return
    first = first_day(person, row["brdy"], day)
    psn_type = psn_type_of(row["brdy"], first, person.ground)
    reason = "newborn" if person.ground == "newborn" else "re_enrolled" if row["known"] else "new"
    start = enrolments.Start(person.psn_no, RESIDENT, "resident", psn_type, row["place"], first)
    await enrolments.start(connection, start, actor, reason)


def first_day(person: PaidPerson, birth: date, day: date) -> date:
    """From when a person who was not enrolled is: a newborn from birth, else the later of the year and the payment.

    Who pays within the collection window is enrolled for the whole year, also when it has begun.
    """
    if person.ground == "newborn":
        return birth
    return max(birth, person.period_from) if person.kind == "normal" else max(day, person.period_from)


def psn_type_of(birth: date, day: date, ground: str = "") -> str:
    """Kind of a resident by age (dictionary psn_type): 1401 newborn, 1402 before school, 1403 pupil, 15, 16 from 60."""
    age = age_on(birth, day)
    if ground == "newborn" or age < 1:
        return "1401"
    if age < 18:
        return "1402" if age < 6 else "1403"
    return "15" if age < 60 else "16"

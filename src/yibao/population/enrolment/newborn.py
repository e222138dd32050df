"""Newborn, one thing at once (新生儿出生一件事): one application, decided at once, covered from birth.

`apply(connection, packs, Newborn(…), actor)` registers the child, makes it a member of the parent's household, enrols
it as a resident from the day of birth and makes the premium due, all in the caller's transaction: done, or refused
with every reason. A child without a name yet is registered as the parent's 之子 or 之女 under its birth certificate;
`persons.correct` and `persons.add_certificate` give it name and identity number later.
The application must come within the area's days after birth (`newborn_days`).
Refusals: those of registering and enrolling, P151 too late, P152 parent unknown, P153 no number, P154 parent.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.contributions import premiums
from yibao.population.enrolment import households, persons
from yibao.population.enrolment.enrolments import Start, start
from yibao.population.entitlement import coverage
from yibao.population.events import Event, note
from yibao.population.rules import rules_of

NEWBORN_TYPE = "1401"  # dictionary psn_type
LONGEST_PREGNANCY = timedelta(days=300)
"""No rule of insurance: a parent who died longer before the birth is taken for a wrong number."""
PARENT = """
select psn_no, psn_name, insu_admdvs, die_date, brdy, merged_into, hsreg_area, live_area, household_no, hshd_relation
from population.person left join lateral (
  select e.insu_admdvs from population.enrolment e where e.psn_no = person.psn_no order by e.begndate desc limit 1
) e on true where psn_no = $1
"""
COVER = """
insert into population.coverage (psn_no, psn_insu_rlts_id, insutype, state, begndate, enddate, reason, clause, origin)
values ($1, $2, '390', 'covered', $3, $4, 'newborn', $5, 'taken_over')
"""
"""A decision, not a consequence of payments: these days are covered whenever the premium comes (出生即参保)."""


@dataclass(frozen=True, slots=True)
class Newborn:
    """An application. `parent` is the mother's (or father's) person number; `birth_certificate` the number of the
    birth certificate (出生医学证明), `certno` the child's identity number; one of both must be there.
    """

    parent: str
    gend: str
    brdy: date
    insu_admdvs: str
    birth_certificate: str = ""
    certno: str = ""
    psn_name: str = ""
    hsreg_area: str = ""
    other_parent: str = ""
    tel: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided: numbers of the child and its enrolment, and the first and last day covered; the premium,
    paid within them, covers the rest of the year.
    """

    psn_no: str
    psn_name: str
    psn_insu_rlts_id: int
    household_no: str
    covered_from: date
    covered_to: date


async def apply(connection: Connection, packs: PackBook, newborn: Newborn, actor: str) -> Decision:
    """Decide an application at once; raises `Refused` with every reason, and then nothing is done."""
    today = dates.today()
    rules = rules_of(newborn.insu_admdvs)
    value = rules.value("newborn_days", newborn.brdy)
    last = newborn.brdy + timedelta(days=value.content)
    parent = await connection.fetchrow(PARENT, newborn.parent)
    reasons = [*check_application(newborn, today, last), *check_parent(newborn, parent)]
    if reasons:
        raise Refused(*reasons)
    async with connection.transaction():
        child = as_person(newborn, parent)
        psn_no = await persons.register(connection, child, actor, "newborn")
        if newborn.certno and newborn.birth_certificate:
            kind = persons.BIRTH_CERTIFICATE
            await persons.add_certificate(connection, psn_no, kind, newborn.birth_certificate, actor)
        household_no = await _join_household(connection, psn_no, newborn, parent, actor)
        await note(connection, Event(psn_no, "born", newborn.brdy, actor, "newborn", _parents(newborn)))
        number = await start(connection, _enrolment(psn_no, newborn), actor, "newborn")
        for year in range(newborn.brdy.year, today.year + 1):
            await premiums.assess(connection, packs, [psn_no], year, today, actor, ground="newborn")
        await connection.execute(COVER, psn_no, number, newborn.brdy, last, rules.citation(value))
        await coverage.refresh(connection, [psn_no])
    return Decision(psn_no, child.psn_name, number, household_no, newborn.brdy, last)


def check_application(newborn: Newborn, today: date, last: date) -> list[Refusal]:
    """P151 after the `last` day of the area, P153 neither certificate. Pure."""
    reasons = []
    if today > last:
        text = f"新生儿参保应在出生后{(last - newborn.brdy).days}天内（{last}前）办理"
        reasons.append(Refusal("P151", text, "请按普通居民办理参保登记", "brdy"))
    if not newborn.birth_certificate and not newborn.certno:
        reasons.append(Refusal("P153", "没有出生医学证明编号或身份证号码", "请填写其中一项", "birth_certificate"))
    return reasons


def check_parent(newborn: Newborn, parent: Any) -> list[Refusal]:
    """P152 no such person, P154 one who cannot be a parent of this child. Pure."""
    if parent is None or parent["merged_into"]:
        text = f"没有人员编号为{newborn.parent}的父亲或母亲"
        return [Refusal("P152", text, "请填写已登记的父亲或母亲", "parent")]
    if parent["brdy"] >= newborn.brdy or (parent["die_date"] or date.max) < newborn.brdy - LONGEST_PREGNANCY:
        return [Refusal("P154", "父母的出生或死亡日期与新生儿不符", "请核对父亲或母亲", "parent")]
    return []


def as_person(newborn: Newborn, parent: Any) -> persons.NewPerson:
    """The child as it is registered; without a name of its own it has the parent's with 之子 or 之女. Pure."""
    kind = persons.IDENTITY_CARD if newborn.certno else persons.BIRTH_CERTIFICATE
    return persons.NewPerson(
        certno=newborn.certno or newborn.birth_certificate,
        psn_name=newborn.psn_name or parent["psn_name"] + ("之女" if newborn.gend == "2" else "之子"),
        insu_admdvs=newborn.insu_admdvs,
        gend=newborn.gend,
        brdy=newborn.brdy,
        psn_cert_type=kind,
        tel=newborn.tel,
        hsreg_area=newborn.hsreg_area or parent["hsreg_area"],
        live_area=parent["live_area"],
        despite_namesake=not newborn.psn_name,  # twins without names
    )


def relation_of_child(parent_relation: str, gend: str) -> str:
    """What the child is to the householder, by what its parent is (dictionary patn_rlts). Pure."""
    if parent_relation == households.HEAD or parent_relation in ("10", "11", "12"):
        return "30" if gend == "2" else "20"
    if "20" <= parent_relation <= "39":
        return "40"  # grandchild, of sons and daughters and their spouses alike
    return "97"  # other relative


async def _join_household(connection: Connection, psn_no: str, newborn: Newborn, parent: Any, actor: str) -> str:
    household_no: str = parent["household_no"] or await households.found(
        connection, newborn.parent, parent["live_area"], actor
    )
    parent_relation = parent["hshd_relation"] if parent["household_no"] else households.HEAD
    relation = relation_of_child(parent_relation, newborn.gend)
    await households.join(connection, household_no, psn_no, relation, actor, "newborn")
    return household_no


def _enrolment(psn_no: str, newborn: Newborn) -> Start:
    return Start(psn_no, "390", "resident", NEWBORN_TYPE, newborn.insu_admdvs, newborn.brdy)


def _parents(newborn: Newborn) -> dict[str, str]:
    return {
        "parent": newborn.parent,
        "other_parent": newborn.other_parent,
        "birth_certificate": newborn.birth_certificate,
    }

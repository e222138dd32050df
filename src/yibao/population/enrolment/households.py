"""Households (户): found, join, leave, change of the householder (户主).

    found(connection, psn_no, area, actor)              a new household with this person as householder
    join(connection, household_no, psn_no, relation, …) `relation` is what the person is to the householder
    leave(connection, psn_no, actor, reason)
    change_head(connection, household_no, psn_no, …)    the others' relations are then to be given anew

Relations are codes of the dictionary patn_rlts (Hunan edition 1.1.27). Refusals: P106, P115, P118, P131 no such
household, P132 not a member, P133 relation, P134 the householder leaves others behind, P135 member of another one.
"""

from dataclasses import dataclass
from typing import Any

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.enrolment.persons import locked, unknown_divisions
from yibao.population.events import Event, note

HEAD = "02"
RELATIONS = frozenset(f"{code:02d}" for code in (10, 11, 12, *range(20, 98), 99))

FOUND = """
insert into population.household (household_no, head, area)
values ('H' || nextval('population.household_no'), $1, $2) returning household_no
"""
LOCK = "select household_no, head, area from population.household where household_no = $1 for no key update"
MEMBERS = """
select psn_no, psn_name, brdy, hshd_relation from population.person
where household_no = $1 and merged_into is null order by hshd_relation <> '02', brdy, psn_no
"""
SET_MEMBER = "update population.person set household_no = $2, hshd_relation = $3 where psn_no = $1"
SET_HEAD = "update population.household set head = $2 where household_no = $1"
FORGET_RELATIONS = "update population.person set hshd_relation = '' where household_no = $1 and psn_no <> $2"


@dataclass(frozen=True, slots=True)
class Household:
    """`head` is the psn_no of the householder, None when he has died or left; `area` the village."""

    household_no: str
    head: str | None
    area: str


async def found(connection: Connection, psn_no: str, area: str, actor: str) -> str:
    """A new household with this person as householder; returns household_no."""
    person = await locked(connection, psn_no)
    reasons = await unknown_divisions(connection, area, "")
    if person["household_no"]:
        reasons.append(_elsewhere(psn_no, person["household_no"]))
    if reasons:
        raise Refused(*reasons)
    household_no: str = await connection.fetchval(FOUND, psn_no, area)
    await _set_member(connection, psn_no, household_no, HEAD, actor, "")
    return household_no


async def join(
    connection: Connection, household_no: str, psn_no: str, relation: str, actor: str, reason: str = ""
) -> None:
    """Make the person a member; raises `Refused` P131, P133, P135."""
    household = await _locked(connection, household_no)
    person = await locked(connection, psn_no)
    reasons = []
    if relation not in RELATIONS:
        reasons.append(Refusal("P133", f"与户主关系代码{relation}不在字典中", "请核对与户主关系", "hshd_relation"))
    if person["household_no"] not in (None, household.household_no):
        reasons.append(_elsewhere(psn_no, person["household_no"]))
    if household.head == psn_no:
        reasons.append(Refusal("P133", "该人员是户主", "如需变更，请先更换户主", "hshd_relation"))
    if reasons:
        raise Refused(*reasons)
    await _set_member(connection, psn_no, household_no, relation, actor, reason)


async def leave(connection: Connection, psn_no: str, actor: str, reason: str = "") -> None:
    """End the membership; raises `Refused` P132, and P134 for a householder with others in the household."""
    person = await locked(connection, psn_no)
    household_no = person["household_no"]
    if household_no is None:
        raise Refused(Refusal("P132", f"人员{psn_no}不在任何户中", "请核对人员编号", "psn_no"))
    household = await _locked(connection, household_no)
    if household.head == psn_no:
        if len(await members(connection, household_no)) > 1:
            raise Refused(Refusal("P134", "户主不能先于其他成员离户", "请先更换户主", "psn_no"))
        await connection.execute(SET_HEAD, household_no, None)
    await connection.execute(SET_MEMBER, psn_no, None, "")
    details = {"household_no": household_no}
    await note(connection, Event(psn_no, "household_left", dates.today(), actor, reason, details))


async def change_head(connection: Connection, household_no: str, psn_no: str, actor: str, reason: str = "") -> None:
    """Make a member the householder; raises `Refused` P131, P132."""
    await _locked(connection, household_no)
    person = await locked(connection, psn_no)
    if person["household_no"] != household_no:
        raise Refused(Refusal("P132", f"人员{psn_no}不是该户成员", "请先加入该户", "psn_no"))
    await connection.execute(SET_HEAD, household_no, psn_no)
    await connection.execute(FORGET_RELATIONS, household_no, psn_no)
    others = [row["psn_no"] for row in await members(connection, household_no) if row["psn_no"] != psn_no]
    details = {"household_no": household_no, "relation": ""}
    joined = [Event(other, "household_joined", dates.today(), actor, reason, details) for other in others]
    await note(connection, *joined)
    await _set_member(connection, psn_no, household_no, HEAD, actor, reason)


async def members(connection: Connection, household_no: str) -> list[Any]:
    """Rows psn_no, psn_name, brdy, hshd_relation; the householder first, then by age."""
    return list(await connection.fetch(MEMBERS, household_no))


async def _set_member(
    connection: Connection, psn_no: str, household_no: str, relation: str, actor: str, reason: str
) -> None:
    await connection.execute(SET_MEMBER, psn_no, household_no, relation)
    details = {"household_no": household_no, "relation": relation}
    await note(connection, Event(psn_no, "household_joined", dates.today(), actor, reason, details))


async def _locked(connection: Connection, household_no: str) -> Household:
    row = await connection.fetchrow(LOCK, household_no)
    if row is None:
        raise Refused(Refusal("P131", f"户{household_no}不存在", "请核对户编号", "household_no"))
    return Household(**row)


def _elsewhere(psn_no: str, household_no: str) -> Refusal:
    return Refusal("P135", f"人员{psn_no}已在户{household_no}中", "请先办理离户", "household_no")

"""What a person is told about his insurance on a day (参保待遇查询): insured or not, since when, for what, and why.

    report = await entitlement_report(connection, psn_no, on)

The person's page, the clerk's desk and the commands show this; the settlement decides by `entitlement` alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.entitlement.decision import INSURANCE_TITLES, Entitled, enrolment_verdict
from yibao.population.entitlement.fund_checks import against_line, fund_lines
from yibao.population.model import CareFacts, Coverage, Enrolment
from yibao.population.queries import care_facts
from yibao.population.rules import rules_of

ALL_ROWS = """
select to_jsonb(v) as row from population.coverage v where v.psn_no = $1 order by v.begndate, v.psn_insu_rlts_id
"""
REASON_TITLES = {
    "paid": "已缴费",
    "late": "集中征缴期后缴费，等待期已满",
    "midyear": "中途参保，不设等待期",
    "newborn": "新生儿自出生之日起享受待遇",
    "back_paid": "补缴后追溯享受待遇",
    "retired": "退休人员，按规定不再缴费",
    "enrolled": "离休人员，按规定不缴费",
    "waiting": "待遇等待期",
    "taken_over": "原系统认定",
}
RULES_OF_REASONS = {
    ("paid", "390"): "campaign_last_day",
    ("paid", "310"): "employee_paid_through",
    ("midyear", ""): "midyear_entrants",
    ("retired", ""): "retirement_months",
}
"""By which rule a reason holds (with the insurance, "" for any), where the row itself has no clause."""
PURPOSES = {
    "pooled": "统筹待遇",
    "account": "个人账户",
    "serious_illness": "大病（大额）待遇",
    "maternity": "生育待遇",
    "civil_servant": "公务员医疗补助",
    "medical_aid": "医疗救助",
}


@dataclass(frozen=True, slots=True)
class Purpose:
    """One thing an enrolment pays for: fund line, its purpose in Chinese, and why not when it does not."""

    fund: str
    title: str
    purpose: str
    against: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """One enrolment on the day; `since` and `until` bound the unbroken days covered, `until` None is open-ended.

    `reason` and `clause` say why; `against` is what stands against benefits, None when covered.
    """

    enrolment: Enrolment
    title: str
    covered: bool
    since: date | None
    until: date | None
    reason: str
    clause: str
    purposes: tuple[Purpose, ...]
    against: Refusal | None
    days: tuple[Coverage, ...]


@dataclass(frozen=True, slots=True)
class EntitlementReport:
    """A person's insurance on one day, the paying enrolment first; `insured_years` counts unbroken years."""

    psn_no: str
    on: date
    insured: bool
    standings: tuple[Standing, ...]
    insured_years: int


async def entitlement_report(connection: Connection, psn_no: str, on: date) -> EntitlementReport:
    """Everything about a person's benefits on `on`; raises `Refused` P106 for an unknown number."""
    facts = await care_facts(connection, psn_no, on)
    stored = [msgspec.convert(row["row"], Coverage) for row in await connection.fetch(ALL_ROWS, psn_no)]
    standings = [_standing(facts, enrolment, stored, on) for enrolment in facts.enrolments]
    standings.sort(key=lambda one: (not one.covered, one.enrolment.insutype))
    insured = any(one.covered for one in standings)
    return EntitlementReport(psn_no, on, insured, tuple(standings), facts.insured_years(on))


def _standing(facts: CareFacts, enrolment: Enrolment, stored: Sequence[Coverage], on: date) -> Standing:
    verdict = enrolment_verdict(facts, enrolment, on)
    rows = tuple(row for row in stored if row.psn_insu_rlts_id == enrolment.psn_insu_rlts_id)
    entitled = isinstance(verdict, Entitled)
    row = verdict.coverage if isinstance(verdict, Entitled) else next((row for row in rows if row.holds(on)), None)
    since, until = unbroken(rows, row) if row is not None else (None, None)
    return Standing(
        enrolment=enrolment,
        title=INSURANCE_TITLES.get(enrolment.insutype, enrolment.insutype),
        covered=entitled,
        since=since,
        until=until,
        reason=REASON_TITLES.get(row.reason, row.reason) if row else "",
        clause=(row.clause or _clause(row, enrolment)) if row else "",
        purposes=purposes(facts, enrolment, on) if entitled else (),
        against=None if isinstance(verdict, Entitled) else verdict,
        days=rows,
    )


def _clause(row: Coverage, enrolment: Enrolment) -> str:
    """The area's rule behind a row whose reason needs no decision; "" where the area names none."""
    name = RULES_OF_REASONS.get((row.reason, row.insutype)) or RULES_OF_REASONS.get((row.reason, ""), "")
    if not name:
        return ""
    try:
        rules = rules_of(enrolment.insu_admdvs)
        value = rules.value(name, row.begndate)
    except Refused:
        return ""
    return ("" if value.source else rules.parameters[name].title) + rules.citation(value)


def unbroken(rows: Sequence[Coverage], row: Coverage) -> tuple[date, date | None]:
    """First and last day of the days of one state around a row, over rows without a gap. Pure."""
    same = sorted((one for one in rows if one.state == row.state), key=lambda one: one.begndate)
    begin, end = row.begndate, row.enddate
    for one in reversed(same):
        if one.enddate is not None and one.enddate == begin - timedelta(days=1):
            begin = one.begndate
    for one in same:
        if end is not None and one.begndate == end + timedelta(days=1):
            end = one.enddate
    return begin, end


def purposes(facts: CareFacts, enrolment: Enrolment, on: date) -> tuple[Purpose, ...]:
    """What a paying enrolment pays for, by the lines of its area; nothing where the area names none. Pure."""
    try:
        lines = fund_lines(rules_of(enrolment.insu_admdvs), enrolment.insutype, on)
    except Refused:
        return ()
    return tuple(
        Purpose(line.fund, line.title, PURPOSES[line.purpose], against_line(line, facts, enrolment)) for line in lines
    )

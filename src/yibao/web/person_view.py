"""Everything about one person on one page: read once, then answered in plain words.

    view = await person_view(connection, psn_no)      insured? what to pay? the account, the family, what happened
    answers(view)                                     the three answers on top of the page. Pure.

The person's own page (`me`) and the clerk's (`people`) show the same; the clerk sees the whole certificate number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refused
from yibao.core.money import yuan_text
from yibao.population.accounts import Movement, account_of, history
from yibao.population.contributions.payment_state import PaymentState, payment_state
from yibao.population.contributions.windows import Channel, calendar, channels
from yibao.population.entitlement.report import EntitlementReport, entitlement_report
from yibao.population.events import Event, timeline
from yibao.population.model import Account, Enrolment
from yibao.population.rules import rules_of

SHOWN = 24
OPEN = ("due", "ordered", "reported", "overdue")
"""States of a premium that is not there yet."""
PERSON = """
select p.psn_no, p.psn_cert_type, p.certno, p.psn_name, p.gend, p.brdy, p.die_date, p.tel, p.addr, p.merged_into,
       p.household_no, coalesce(t.name, '') || coalesce(v.name, '') as place
from population.person p
left join directory.division v on v.code = p.live_area
left join directory.division t on t.code = v.parent
where p.psn_no = $1
"""
CONTRIBUTIONS = """
select period_from, insutype, category, kind, personal, employer, subsidy, fiscal, interest, to_account, status,
       paid_on, coalesce(order_no, '') as order_no
from population.contribution where psn_no = $1 and status <> 'cancelled'
order by period_from desc, contribution_id desc limit $2
"""
OWED = """
select coalesce(sum(personal + interest), 0)::bigint from population.contribution
where psn_no = $1 and status = 'due' and insutype <> '390' and emp_no is null
"""
PAYERS = """
select l.payer as psn_no, p.psn_name, l.relation, l.seq, l.begndate, l.enddate from population.family_link l
join population.person p on p.psn_no = l.payer
where l.beneficiary = $1 and (l.enddate is null or l.enddate >= $2) order by l.seq
"""
BENEFICIARIES = """
select l.beneficiary as psn_no, p.psn_name, l.relation, l.seq, l.begndate, l.enddate from population.family_link l
join population.person p on p.psn_no = l.beneficiary
where l.payer = $1 and (l.enddate is null or l.enddate >= $2) order by l.beneficiary
"""
TAGS = """
select tag, begntime, endtime, coalesce(nullif(source, ''), owner) as source from population.identity_tag
where psn_no = $1 order by endtime is not null, begntime desc
"""


@dataclass(frozen=True, slots=True)
class PersonView:
    """What the page shows; rows of `contributions`, `payers` and the like are as their statements name the columns.

    `premiums` holds the residents' premium of this year, and of the next once it can be paid; `owed` is what the
    person himself owes in other insurances, fen.
    """

    person: Any
    on: date
    report: EntitlementReport
    premiums: tuple[tuple[int, PaymentState], ...]
    ways: tuple[Channel, ...]
    contributions: Sequence[Any]
    owed: int
    account: Account | None
    movements: Sequence[Movement]
    payers: Sequence[Any]
    beneficiaries: Sequence[Any]
    tags: Sequence[Any]
    events: Sequence[Event]

    @property
    def pays_premium(self) -> bool:
        """Whether a resident's premium is or was his to pay."""
        return any(state.state != "none" for _, state in self.premiums)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer on top of the page: the question, a few large words, what there is to say; `tone` good, bad or ""."""

    question: str
    words: str
    lines: tuple[str, ...]
    tone: str = ""


async def person_view(connection: Connection, psn_no: str) -> PersonView | None:
    """The person as of today, or None for an unknown number."""
    person = await connection.fetchrow(PERSON, psn_no)
    if person is None:
        return None
    today = dates.today()
    report = await entitlement_report(connection, psn_no, today)
    area = report.standings[0].enrolment.insu_admdvs if report.standings else psn_no[:6]
    years = [today.year, today.year + 1] if _collects(area, today.year + 1, today) else [today.year]
    return PersonView(
        person=person,
        on=today,
        report=report,
        premiums=tuple([(year, await payment_state(connection, psn_no, year)) for year in years]),
        ways=_ways(area, today),
        contributions=await connection.fetch(CONTRIBUTIONS, psn_no, SHOWN),
        owed=await connection.fetchval(OWED, psn_no),
        account=await account_of(connection, psn_no),
        movements=await history(connection, psn_no, SHOWN),
        payers=await connection.fetch(PAYERS, psn_no, today),
        beneficiaries=await connection.fetch(BENEFICIARIES, psn_no, today),
        tags=await connection.fetch(TAGS, psn_no),
        events=sorted(await timeline(connection, psn_no), key=lambda event: event.effective, reverse=True),
    )


def answers(view: PersonView) -> tuple[Answer, ...]:
    """Insured? To pay? On the account? Pure."""
    return (insured_answer(view), payment_answer(view), account_answer(view))


def insured_answer(view: PersonView) -> Answer:
    """Whether benefits are open today; else the reason and what to do. Pure."""
    question = "我参保了吗"
    if view.person["die_date"] is not None:
        return Answer(question, "已停止", (f"{view.person['die_date']}登记死亡，参保关系已终止",), "bad")
    if not view.report.standings:
        return Answer(question, "未参保", ("没有参保登记，请到村（社区）或经办机构办理",), "bad")
    first = view.report.standings[0]
    if view.report.insured:
        until = f"，至 {first.until}" if first.until else ""
        since = f"自 {first.since} 起享受待遇{until}" if first.since else "正常享受待遇"
        return Answer(question, "已参保", (first.title, since), "good")
    against = first.against
    lines = (against.text, against.advice) if against else (first.title,)
    waiting = against is not None and against.code == "P205"
    return Answer(question, "等待期内" if waiting else "现在不能享受待遇", lines, "bad")


def payment_answer(view: PersonView) -> Answer:
    """What the person himself has to pay; what an employer pays is said to be the employer's. Pure."""
    question = "我要缴多少"
    known = [state for _, state in view.premiums if state.state != "none"]
    open_ = [state for state in known if state.state in OPEN]
    lines = tuple(state.text for state in sorted(known, key=lambda state: state.state not in OPEN))
    total = view.owed + sum(state.amount for state in open_ if state.state in ("due", "ordered"))
    if view.owed:
        lines = (f"职工医保应缴{yuan_text(view.owed)}元", *lines)
    if total:
        return Answer(question, f"应缴 {yuan_text(total)} 元", lines, "bad")
    if open_:
        return Answer(question, "已报缴，等待到账", lines, "")
    if any(_by_employer(one.enrolment) for one in view.report.standings):
        return Answer(question, "由单位代扣代缴", lines or ("单位按月申报缴费，您无需另外缴纳",))
    return Answer(question, "现在不用缴费", lines or ("没有应缴的保费",), "good" if lines else "")


def _by_employer(enrolment: Enrolment) -> bool:
    """Whether an employer pays; enrolments of an earlier system have no category, only the kind of person."""
    working = enrolment.insutype == "310" and enrolment.psn_type.startswith("11")
    return enrolment.psn_insu_stas == "1" and (enrolment.category or ("employee" if working else "")) == "employee"


def account_answer(view: PersonView) -> Answer:
    """Balance of the personal account; residents have none. Pure."""
    question = "账户里有多少"
    if view.account is None:
        shared = f"可使用{len(view.payers)}位家人共济的账户" if view.payers else "居民医保不设个人账户"
        return Answer(question, "没有个人账户", (shared,))
    lines = ("账户已冻结，暂不能使用",) if view.account.frozen else ("可在定点医院、药店使用",)
    return Answer(question, f"{yuan_text(view.account.balance)} 元", lines, "bad" if view.account.frozen else "")


def _collects(area: str, year: int, today: date) -> bool:
    """Whether residents' premiums of the year can be paid by today; not where the city names no window."""
    try:
        return calendar(rules_of(area), year).opens <= today
    except Refused:
        return False


def _ways(area: str, today: date) -> tuple[Channel, ...]:
    try:
        return tuple(channels(rules_of(area), today).values())
    except Refused:
        return ()

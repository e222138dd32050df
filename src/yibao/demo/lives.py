"""What the demo's persons have lived through before today: premiums paid, months declared, a debt, an account shared.

`add_lives` carries out the real actions with the clock of their day, so that what the pages show came about as it does
in a city. Their coverage then follows from what was paid; where the file tells what no payment could bring about, it
stays as taken over.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.database import Connection
from yibao.demo.employment import add_months, owe_months
from yibao.demo.people import RETIRED, DemoPerson
from yibao.demo.source import HOME
from yibao.population.contributions import payments, premiums
from yibao.population.contributions.channels import family_account
from yibao.population.contributions.payments import Payment
from yibao.population.contributions.windows import Calendar, calendar
from yibao.population.entitlement import coverage, family
from yibao.population.entitlement.family import Consent, Link
from yibao.population.rules import rules_of

READER, FATHER = "low_income", "family_father"
"""Whom the demo's insured users are bound to: a resident with many bills, an employee whose account is shared."""
SON, SON_OF_MOTHER, SHARED_ON = "flexible", "20", date(2025, 3, 3)
WAITING, LAPSED = "waiting_resident", "last_year"
STAFF, DEBTOR = ("working", "mother_to_be", FATHER), "suspended"
CHANNELS = ("village", "bank", "tax")
"""In turn, year by year; a village's order is paid at the bank."""
ACTOR = "demo"
NOON = time(10, 30)
FORGET = "delete from population.coverage where psn_no = any ($1)"


async def add_lives(connection: Connection, people: Sequence[DemoPerson], today: date) -> None:
    """Everything up to today for the persons of the home city, in the caller's transaction."""
    packs, own = PackBook.load(), {demo.key: demo for demo in people if _at_home(demo)}
    residents = [demo for demo in own.values() if _pays_years(demo, today)]
    retired = [demo for demo in own.values() if demo.enrolments[0].psn_type == RETIRED]
    await connection.execute(FORGET, [demo.person.psn_no for demo in residents + retired])
    await _pay_years(connection, packs, residents, today)
    await _next_year(connection, packs, own, residents, today)
    await coverage.refresh(connection, [demo.person.psn_no for demo in residents + retired])
    await add_months(connection, [own[key] for key in STAFF], today)
    await owe_months(connection, own[DEBTOR])


def moment_of(day: date) -> datetime:
    """A time of the day, which is not later than now."""
    return min(datetime.combine(day, NOON), dates.now())


def _at_home(demo: DemoPerson) -> bool:
    return bool(demo.enrolments) and demo.enrolments[0].insu_admdvs == HOME


def _pays_years(demo: DemoPerson, today: date) -> bool:
    """Residents; one who waits only when paying as late as he did makes him wait today."""
    first = demo.enrolments[0]
    late = first.begndate.year == today.year and first.begndate > _calendar(today.year).closes
    return first.category == "resident" and (demo.key != WAITING or late)


def _calendar(year: int) -> Calendar:
    return calendar(rules_of(HOME), year)


def _payments(demo: DemoPerson, today: date) -> Iterator[tuple[int, date]]:
    """For which years a resident has paid, and when: three weeks before the window closes, or soon after birth."""
    first, born = demo.enrolments[0], demo.person.brdy
    for year in range(first.begndate.year, min(first.enddate or today, today).year + 1):
        day = min(_calendar(year).closes - timedelta(days=21), today)
        if demo.key == WAITING:
            day = first.begndate
        elif born > day:
            day = min(born + timedelta(days=10), today)
        yield year, day


async def _pay_years(connection: Connection, packs: PackBook, residents: Sequence[DemoPerson], today: date) -> None:
    """One order for all who pay for a year on the same day; the user of the pages has orders of his own."""
    orders: dict[tuple[int, date, bool], list[str]] = {}
    for demo in residents:
        for year, day in _payments(demo, today):
            orders.setdefault((year, day, demo.key == READER), []).append(demo.person.psn_no)
    for year, day, own in sorted(orders, key=lambda order: order[1]):
        channel = CHANNELS[(year + own) % len(CHANNELS)]
        await _pay(connection, packs, orders[year, day, own], year, channel, moment_of(day))


async def _pay(
    connection: Connection, packs: PackBook, psn_nos: Sequence[str], year: int, channel: str, at: datetime
) -> None:
    """Assess, order and pay; who is subsidised in full needs no order."""
    with dates.clock_at(at):
        await premiums.assess(connection, packs, psn_nos, year, at.date(), ACTOR)
        rows = await connection.fetch(premiums.DUE, list(psn_nos), date(year, 1, 1))
        if not rows:
            return
        owing = [row["psn_no"] for row in rows]
        order = await premiums.order_for(connection, packs, owing, year, channel, ACTOR, day=at.date())
        by = "bank" if channel == "village" else channel
        serial = f"DEMO{order.order_no}"
        await payments.confirm(connection, Payment(by, order.order_no, order.amount, serial, at), by)


async def _next_year(
    connection: Connection, packs: PackBook, own: dict[str, DemoPerson], residents: Sequence[DemoPerson], today: date
) -> None:
    """What is collected now: the mother's premium is paid from her son's account, everybody else owes his.

    One owes this year's premium, too: he has let his insurance lapse.
    """
    mother, son = own[READER].person.psn_no, own[SON].person.psn_no
    await premiums.assess(connection, packs, [own[LAPSED].person.psn_no], today.year, today, ACTOR)
    with dates.clock_at(moment_of(SHARED_ON)):
        link = Link(mother, son, 1, SON_OF_MOTHER, SHARED_ON)
        await family.bind(connection, link, Consent(son, dates.now(), "online"))
    following = _calendar(today.year + 1)
    if today < following.opens:
        return
    others = [demo.person.psn_no for demo in residents if demo.key != READER]
    await premiums.assess(connection, packs, others, following.year, today, ACTOR)
    with dates.clock_at(moment_of(min(following.opens + timedelta(days=40), today))):
        await family_account.pay(connection, packs, son, [mother], following.year, ACTOR)

"""Families of the demo whose accounts pay for each other (家庭共济), each with the consent of who pays."""

from collections.abc import Iterable
from datetime import date, datetime, time

from yibao.core.database import Connection
from yibao.core.dates import clock_at
from yibao.demo.people import DemoPerson
from yibao.population.entitlement.family import Consent, Link, bind

SINCE = datetime.combine(date(2024, 1, 2), time(9, 30))


async def bind_families(connection: Connection, people: Iterable[DemoPerson]) -> None:
    """Every link of persons.yaml, bound at a counter in the first days of 2024."""
    for demo in people:
        for seq, payer in enumerate(demo.family, 1):
            link = Link(demo.person.psn_no, payer.payer, seq, payer.relation, date(2024, 1, 1), payer.until)
            with clock_at(SINCE):
                await bind(connection, link, Consent(payer.payer, SINCE, "counter"))

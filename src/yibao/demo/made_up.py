"""The city around the demo's cast: a made-up Huaibei at a small scale, with its last bills and its campaign.

`load_made_up` draws it for the year of loading (`yibao.simulate`), once, beside the named persons of the demo. Its
people work here too: an employer's clerk, the collector of a village, a department and a leader are users of the pages.
"""

import tempfile
from datetime import date
from pathlib import Path

import numpy as np
from rich.console import Console

from yibao.benefits.book import PackBook
from yibao.core.database import connect
from yibao.demo.findings import add_findings, audit
from yibao.demo.loading import LOADED, MADE_UP, NOTE
from yibao.demo.monitoring import add_monitoring
from yibao.demo.offices import declare_staff, send_roster
from yibao.demo.slips import put_slips, rulebook_of
from yibao.demo.source import HOME
from yibao.ledger.actions import seal_days
from yibao.population.campaign.demo import demo_campaign
from yibao.population.contributions.windows import calendar
from yibao.population.rules import rules_of
from yibao.simulate.city import build_city
from yibao.simulate.load_insurance import employer_numbers
from yibao.simulate.loading import LoadPlan, load_all
from yibao.simulate.model import City
from yibao.simulate.year import build_year
from yibao.web.accounts import COLLECTOR, DEPARTMENT, EMPLOYER, LEADER, Visitor, save_demo_users

AREA = "huaibei"
MONTHS = 2
"""Bills of this month and the one before."""
STAFF = 12
"""About how many people the demo's employer has: one page."""


async def load_made_up(url: str, master_key: bytes, people: int, today: date) -> bool:
    """Load a city of `people` persons in one transaction; False when one is there already."""
    connection = await connect(url)
    try:
        if await connection.fetchval(LOADED, MADE_UP):
            return False
        city = build_city(AREA, people, year=today.year)
        with tempfile.TemporaryDirectory() as folder:
            lake = Path(folder) / "lake"
            build_year(city, city.year, lake, processes=1)
            rulebook = rulebook_of(AREA, today)
            hospital = put_slips(lake, rulebook, today)
            audit(lake, Path(folder) / "audit", rulebook, today)
            async with connection.transaction():
                plan = LoadPlan(city, lake, today, MONTHS, totals=True)
                await load_all(connection, plan, Console(quiet=True))
                await connection.execute("analyze")  # what follows looks people up one by one
                rules = rules_of(HOME)
                next_year = today >= calendar(rules, today.year + 1).opens
                await demo_campaign(connection, rules, today.year + next_year, today)
                users = {user.user_name: user for user in users_of(city)}
                await save_demo_users(connection, master_key, *users.values())
                await declare_staff(connection, users["employer"].emp_no or "", today)
                await send_roster(connection, PackBook.load(), today)
                desks = await add_findings(connection, lake, Path(folder) / "audit", hospital, today)
                await save_demo_users(connection, master_key, *desks)
                await add_monitoring(connection, lake, Path(folder) / "monitoring", HOME, today)
                await connection.execute("analyze population.campaign_day, population.campaign_task")
                await connection.execute(NOTE, MADE_UP, f"made-up city of {people} people")
        await seal_days(connection, today)
        return True
    finally:
        await connection.close()


def users_of(city: City) -> tuple[Visitor, ...]:
    """Demo users bound to something of this city: a small employer, the village with most people, a department."""
    employer = int(np.argmin(np.abs(city.employers.size - STAFF)))
    village = int(np.argmax(np.bincount(city.people.village)))
    place = str(city.divisions.name[village])
    return (
        Visitor(
            "employer",
            f"演示单位经办人（{city.employers.name[employer]}）",
            EMPLOYER,
            emp_no=str(employer_numbers(city)[employer]),
        ),
        Visitor("collector", f"演示征缴员（{place}）", COLLECTOR, area=str(city.divisions.code[village])),
        Visitor("civil_affairs", "演示民政局经办人", DEPARTMENT, department="civil_affairs"),
        Visitor("leader", "演示领导", LEADER),
    )

"""The city around the demo's cast: a made-up Huaibei at a small scale, with its last bills and its campaign.

`load_made_up` draws it for the year of loading (`yibao.simulate`), once, beside the named persons of the demo.
"""

import tempfile
from datetime import date
from pathlib import Path

from rich.console import Console

from yibao.core.database import connect
from yibao.demo.source import HOME
from yibao.population.campaign.demo import demo_campaign
from yibao.population.rules import rules_of
from yibao.population.windows import calendar
from yibao.simulate.city import build_city
from yibao.simulate.loading import LoadPlan, load_all
from yibao.simulate.model import psn_no
from yibao.simulate.year import build_year

AREA = "huaibei"
MONTHS = 2
"""Bills of this month and the one before."""
KNOWN = "select exists (select from population.person where psn_no = $1)"


async def load_made_up(url: str, people: int, today: date) -> bool:
    """Load a city of `people` persons in one transaction; False when one is there already."""
    connection = await connect(url)
    try:
        if await connection.fetchval(KNOWN, psn_no(0)):
            return False
        city = build_city(AREA, people, year=today.year)
        with tempfile.TemporaryDirectory() as folder:
            build_year(city, city.year, Path(folder) / "lake", processes=1)
            async with connection.transaction():
                await load_all(connection, LoadPlan(city, Path(folder) / "lake", today, MONTHS), Console(quiet=True))
                rules = rules_of(HOME)
                next_year = today >= calendar(rules, today.year + 1).opens
                await demo_campaign(connection, rules, today.year + next_year, today)
        await connection.execute("analyze")
        return True
    finally:
        await connection.close()

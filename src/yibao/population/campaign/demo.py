"""A campaign for a population that is there: tasks from the number of its people, counts of every day up to now."""

from datetime import date

from yibao.core.database import Connection
from yibao.core.money import divide_half_up
from yibao.population.campaign.counting import snapshot
from yibao.population.campaign.tasks import Revision, revise, units_of
from yibao.population.rules import Rules

FULL = 10_000
KEPT = "select unit, enrolled + uninsured as people from population.campaign_day where year = $1 and day = $2"


async def demo_campaign(connection: Connection, rules: Rules, year: int, day: date, share: int = FULL) -> int:
    """Count up to `day` and set tasks of `share` basis points of the people to be insured; returns how many units.

    Villages and schools get theirs, the divisions above the sum. `Refused` P001 without campaign rules.
    """
    await snapshot(connection, rules, year, day)
    units = await units_of(connection, rules.area_code[:4])
    tasks: dict[str, int] = {}
    for row in await connection.fetch(KEPT, year, day):
        unit = units.get(row["unit"])
        if unit is None or (unit.kind == "division" and len(unit.unit) < 12):
            continue
        place, task = unit.unit, divide_half_up(row["people"] * share, FULL)
        while place in units:
            tasks[place] = tasks.get(place, 0) + task
            place = units[place].parent
    return await revise(connection, Revision(year, rules.area_code[:4], tasks, "按应参保人数下达"), "demo")

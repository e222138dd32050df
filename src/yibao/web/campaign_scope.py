"""Which city, year, day and division a page of the campaign is about, and whether the visitor may see it.

A collector's own division, and a leader's where one is set, is the top of what he sees: what is asked for outside of
it does not exist for him.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Request
from litestar.exceptions import HTTPException

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refused
from yibao.population.campaign.bulletin import years_of
from yibao.population.campaign.parameters import campaign_rules
from yibao.population.rules import Rules, rules_of
from yibao.web.accounts import Visitor
from yibao.web.rendering import one_line

CITIES = "select code, name from directory.division where level = 2 order by code"
PLACES = """
select code, name, level, coalesce(parent, '') as parent from directory.division
where level between 2 and 4 and code ~>=~ $1 and code ~<~ $2 order by code
"""
NAME = "select name from directory.division where code = $1"
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Scope:
    """`within` is the division looked at, `top` the highest that this visitor may look at."""

    rules: Rules
    year: int
    years: tuple[int, ...]
    day: date
    within: str
    top: str
    asked: dict[str, str]

    @property
    def place(self) -> dict[str, str]:
        """What links on the page carry on."""
        return {"year": str(self.year), "within": self.within, "day": self.asked.get("day", "")}


async def scope_of(request: Request[Any, Any, Any], connection: Connection, visitor: Visitor) -> Scope:
    """What was asked for; 404 outside of the visitor's division, `Refused` P001 where no city runs a campaign."""
    asked = {name: one_line(value, LONGEST) for name, value in request.query_params.items()}
    top = division(visitor.area or "") or await _city_of(connection, asked.get("within", ""))
    within = asked.get("within") or top
    if not within.startswith(top) or not await connection.fetchval(NAME, within):
        raise HTTPException(status_code=404, detail="没有这个区划，或它不属于您的区域")
    rules = rules_of(top)
    years = tuple(await years_of(connection, rules.area_code[:4]))
    year = int(asked["year"]) if asked.get("year", "").isdecimal() and len(asked["year"]) == 4 else 0
    return Scope(rules, year or _year_now(rules, years), years, day_of(asked.get("day", "")), within, top, asked)


def division(area: str) -> str:
    """A city's admdvs as the code of its division, 340600 → 3406; any other code as it is."""
    return area[:4] if len(area) == 6 and area.endswith("00") else area


def day_of(text: str) -> date:
    """A day as the form sends it; today for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return dates.today()


async def _city_of(connection: Connection, within: str) -> str:
    """The city of a division; without one the first that runs a campaign."""
    cities = [row["code"] for row in await connection.fetch(CITIES)]
    if within[:4] in cities:
        return within[:4]
    for code in cities:
        try:
            campaign_rules(rules_of(code), dates.today().year)
        except Refused:
            continue
        return str(code)
    raise HTTPException(status_code=404, detail="还没有导入区划，或各市都没有征缴规则，请先导入")


def _year_now(rules: Rules, counted: tuple[int, ...]) -> int:
    """The newest year that was counted; else the one whose collection is open, or opens next."""
    if counted:
        return counted[0]
    today = dates.today()
    return today.year if today <= campaign_rules(rules, today.year).last_day else today.year + 1

"""The bulletin of a day (征缴日报): every division of a level with task, enrolled, rate, increase, rank, projected end.

bulletin(connection, rules, year, day, …) → Bulletin      read from what was kept per day
latest_day(connection, year, area)                        the newest day that was kept
write_bulletin(target, bulletin)                          the same as xlsx with a chart
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from yibao.core.database import Connection
from yibao.core.dates import SHANGHAI
from yibao.core.errors import Refusal, Refused
from yibao.core.money import percent_text
from yibao.core.sheets import Chart, Heading, write_sheet
from yibao.population.campaign.counting import below_area
from yibao.population.campaign.figures import Projection, completion, project, ranked
from yibao.population.campaign.parameters import CampaignRules, campaign_rules
from yibao.population.rules import Rules

CITY, COUNTY, TOWN, VILLAGE, SCHOOL = 2, 3, 4, 5, 9
LEVELS = {COUNTY: "县（区）", TOWN: "镇（街道）", VILLAGE: "村（社区）", SCHOOL: "学校"}
LATEST = "select max(day), max(taken_at) from population.campaign_day where year = $1 and unit = $2 and day <= $3"
YEARS = "select distinct year from population.campaign_day where unit = $1 order by year desc"
UNITS = """
with units as (
  select d.code as unit, d.name, coalesce(above.name, '') as parent from directory.division d
  left join directory.division above on above.code = d.parent
  where d.level = $3 and d.code ~>=~ $4 and d.code ~<~ $5
  union all
  select s.school_no, s.name, coalesce(d.name, '') from population.school s
  left join directory.division d on d.code = s.area
  where $3 = 9 and s.area ~>=~ $4 and s.area ~<~ $5
)
select u.unit, u.name, u.parent, t.task, c.days, c.enrolled, c.uninsured
from units u
left join population.campaign_task t on t.year = $1 and t.unit = u.unit and t.superseded_at is null
cross join lateral (
  select array_agg(k.day order by k.day) as days, array_agg(k.enrolled order by k.day) as enrolled,
         (array_agg(k.uninsured order by k.day desc))[1] as uninsured
  from population.campaign_day k where k.year = $1 and k.unit = u.unit and k.day <= $2
) c
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """One unit on one day; rates in basis points; None where there is no task or no figure of the day before."""

    unit: str
    name: str
    parent: str
    task: int | None
    enrolled: int
    uninsured: int
    increase: int | None
    rate: int | None
    rank: int | None
    projection: Projection
    counts: Mapping[date, int]

    @property
    def insured_share(self) -> int | None:
        """Enrolled among all who live here and are insured nowhere else (参保率), basis points."""
        return completion(self.enrolled, self.enrolled + self.uninsured)


@dataclass(frozen=True, slots=True)
class Bulletin:
    """`whole` is the division asked about, `units` those of `level` below it, in the order of their rank."""

    area_name: str
    rules: CampaignRules
    day: date
    taken_at: datetime
    level: int
    whole: Figures
    units: tuple[Figures, ...]

    @property
    def target(self) -> int:
        """Basis points of the task asked for on this day."""
        return self.rules.target_on(self.day)


async def latest_day(connection: Connection, year: int, area: str, until: date) -> date | None:
    """The newest day up to `until` that was kept for a city (four digits)."""
    day: date | None = await connection.fetchval(LATEST, year, area, until)
    return day


async def years_of(connection: Connection, area: str) -> list[int]:
    """The years that were counted for a city, newest first."""
    return [row["year"] for row in await connection.fetch(YEARS, area)]


async def bulletin(
    connection: Connection, rules: Rules, year: int, day: date, *, within: str = "", level: int = TOWN
) -> Bulletin:
    """The figures of `day` for the units of `level` below `within` (a division code; the city when empty).

    `Refused` P911 when nothing was kept up to that day; an older day is given for one that was not counted yet.
    """
    known = campaign_rules(rules, year)
    area = rules.area_code[:4]
    found, taken_at = await connection.fetchrow(LATEST, year, area, day)
    if found is None:
        raise Refused(Refusal("P911", f"{year}年度截至{day}还没有征缴统计", "请先生成当日统计", "day"))
    place = within or area
    whole = await _figures(connection, year, found, _level_of(place), place)
    if not whole:
        raise Refused(Refusal("P901", f"编码{place}不是本市的区划", "请核对编码", "within"))
    units = await _figures(connection, year, found, level, place)
    units.sort(key=lambda unit: (unit.rank or len(units) + 1, unit.unit))
    return Bulletin(rules.area_name, known, found, taken_at, level, whole[0], tuple(units))


async def _figures(connection: Connection, year: int, day: date, level: int, within: str) -> list[Figures]:
    rows = await connection.fetch(UNITS, year, day, level, *below_area(within))
    known = {row["unit"]: dict(zip(row["days"] or (), row["enrolled"] or (), strict=True)) for row in rows}
    places = ranked([(row["unit"], known[row["unit"]].get(day, 0), row["task"]) for row in rows])
    return [_figure(row, known[row["unit"]], day, places.get(row["unit"])) for row in rows]


def _figure(row: Mapping[str, Any], counts: dict[date, int], day: date, rank: int | None) -> Figures:
    task, enrolled, before = row["task"], counts.get(day, 0), counts.get(day - timedelta(days=1))
    return Figures(
        row["unit"],
        row["name"],
        row["parent"],
        task,
        enrolled,
        row["uninsured"] or 0,
        None if before is None else enrolled - before,
        completion(enrolled, task),
        rank,
        project(task, counts, day),
        counts,
    )


def _level_of(code: str) -> int:
    return {2: 1, 4: CITY, 6: COUNTY, 9: TOWN, 12: VILLAGE}.get(len(code), 0)


def write_bulletin(target: Path | IO[bytes], found: Bulletin) -> int:
    """The bulletin as xlsx, the whole in the last line, with a chart of the rates; returns the number of units."""
    title = f"{found.whole.name}{found.rules.year}年度城乡居民医保征缴日报"
    headings = (
        Heading("名次", "integer", 6), Heading(LEVELS[found.level], width=20), Heading("所属", width=14),
        Heading("任务数", "integer", 12), Heading("已参保", "integer", 12), Heading("完成率", "percent", 10),
        Heading("日增", "integer", 8), Heading("未参保", "integer", 10), Heading("参保率", "percent", 10),
        Heading("预计完成", width=24),
    )  # fmt: skip
    rows = [_row(unit) for unit in found.units]
    taken_at = found.taken_at.astimezone(SHANGHAI)
    note = f"{found.day}，进度目标 {percent_text(found.target)}，统计时间 {taken_at:%Y-%m-%d %H:%M}"
    chart = Chart("任务完成率", LEVELS[found.level], ("完成率",))
    return write_sheet(target, title, headings, [*rows, _row(found.whole, "合计")], note=note, chart=chart) - 1


def _row(unit: Figures, name: str = "") -> tuple[object, ...]:
    rank = None if name else unit.rank
    return (
        rank, name or unit.name, unit.parent, unit.task, unit.enrolled, unit.rate, unit.increase, unit.uninsured,
        unit.insured_share, unit.projection.text,
    )  # fmt: skip

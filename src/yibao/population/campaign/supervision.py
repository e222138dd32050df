"""Weekly supervision (每周督办): which towns lag by the city's rule, what they are asked to do, what they answered.

    supervise(connection, rules, year, day)              the list of the week that `day` lies in; once per week and town
    supervisions(connection, year, week, within)         the list with its answers
    answer(connection, number, text, actor, within)      the town says why and what it does
    close(connection, number, actor, within)             the bureau is content

The rule is data (`campaign_supervision`): behind the city's own rate by more than so many points, or below the target
of the day.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.money import percent_text
from yibao.population.campaign.bulletin import Bulletin, Figures, bulletin
from yibao.population.campaign.counting import below_area
from yibao.population.rules import Rules

REASONS = {"behind_average": "落后全市平均", "below_curve": "低于进度目标"}
SAVE = """
insert into population.campaign_supervision (year, week, unit, day, rate, expected, reason, task, due_on)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (year, week, unit) do nothing
"""
LIST = """
select s.supervision_id, s.year, s.week, s.unit, d.name, coalesce(above.name, '') as parent, s.day, s.rate, s.expected,
       s.reason, s.task, s.due_on, s.answer, s.answered_by, s.answered_at, s.closed_by, s.closed_at
from population.campaign_supervision s join directory.division d on d.code = s.unit
left join directory.division above on above.code = d.parent
where s.year = $1 and s.week = $2 and s.unit ~>=~ $3 and s.unit ~<~ $4 order by s.rate, s.unit
"""
WEEKS = """
select distinct week from population.campaign_supervision
where year = $1 and unit ~>=~ $2 and unit ~<~ $3 order by week desc
"""
FIND = "select unit, answer, closed_at from population.campaign_supervision where supervision_id = $1 for update"
ANSWER = """
update population.campaign_supervision set answer = $2, answered_by = $3, answered_at = now() where supervision_id = $1
"""
CLOSE = "update population.campaign_supervision set closed_by = $2, closed_at = now() where supervision_id = $1"


@dataclass(frozen=True, slots=True)
class Supervision:
    """One town's case of one week; rates in basis points."""

    supervision_id: int
    year: int
    week: date
    unit: str
    name: str
    parent: str
    day: date
    rate: int
    expected: int
    reason: str
    task: str
    due_on: date
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    closed_by: str | None
    closed_at: datetime | None

    def state_on(self, today: date) -> str:
        """已销号, 已答复, 逾期未答复 or 待答复."""
        if self.closed_at:
            return "已销号"
        if self.answer:
            return "已答复"
        return "逾期未答复" if today > self.due_on else "待答复"


@dataclass(frozen=True, slots=True)
class Laggard:
    """A town that the rule catches; `expected` is the rate it should have had."""

    figures: Figures
    reason: str
    expected: int


def laggards(found: Bulletin) -> list[Laggard]:
    """Whom the city's rule catches, worst first; a town without a task, or done, is never among them."""
    lagging = []
    for unit in found.units:
        if unit.rate is None or unit.projection.state == "done":
            continue
        average = (found.whole.rate or 0) - found.rules.behind_average
        if unit.rate < average:
            lagging.append(Laggard(unit, "behind_average", average))
        elif found.rules.below_curve and unit.rate < found.target:
            lagging.append(Laggard(unit, "below_curve", found.target))
    return sorted(lagging, key=lambda one: (one.figures.rate or 0, one.figures.unit))


async def supervise(connection: Connection, rules: Rules, year: int, day: date) -> list[Laggard]:
    """Write the list of the week of `day` in the caller's transaction; a week's list that stands is not changed."""
    found = await bulletin(connection, rules, year, day)
    lagging = laggards(found)
    due = day + timedelta(days=found.rules.answer_within_days)
    week = monday(day)
    rows = [
        (year, week, one.figures.unit, found.day, one.figures.rate, one.expected, one.reason, _task(one, due), due)
        for one in lagging
    ]
    await connection.executemany(SAVE, rows)
    return lagging


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def _task(one: Laggard, due: date) -> str:
    rate = percent_text(one.figures.rate or 0)
    return (
        f"完成率{rate}，{REASONS[one.reason]}（应达{percent_text(one.expected)}），尚有{one.figures.uninsured}人未参保。"
        f"请于{due}前逐村入户动员，并书面说明原因和措施。"
    )


async def weeks_of(connection: Connection, rules: Rules, year: int) -> list[date]:
    """The weeks (Mondays) with a list, newest first."""
    return [row["week"] for row in await connection.fetch(WEEKS, year, *below_area(rules.area_code[:4]))]


async def supervisions(connection: Connection, year: int, week: date, within: str) -> list[Supervision]:
    """The list of a week below a division, lowest rate first."""
    return [Supervision(**row) for row in await connection.fetch(LIST, year, week, *below_area(within))]


async def answer(connection: Connection, number: int, text: str, actor: str, within: str) -> None:
    """Record what the town answers, until the case is closed; `Refused` P931, P932 or P933."""
    await _open_case(connection, number, within)
    if not text.strip():
        raise Refused(Refusal("P933", "答复内容为空", "请写明原因和措施", "answer"))
    await connection.execute(ANSWER, number, text.strip(), actor)


async def close(connection: Connection, number: int, actor: str, within: str) -> None:
    """The bureau closes the case (销号); `Refused` P931, P932, or P934 while there is no answer."""
    case = await _open_case(connection, number, within)
    if not case["answer"]:
        raise Refused(Refusal("P934", "该镇（街道）尚未答复，不能销号", "请督促答复后再销号", "answer"))
    await connection.execute(CLOSE, number, actor)


async def _open_case(connection: Connection, number: int, within: str) -> dict[str, object]:
    case = await connection.fetchrow(FIND, number)
    if case is None or not case["unit"].startswith(within):
        raise Refused(
            Refusal("P931", f"没有编号为{number}的督办事项，或它不属于您的区域", "请从督办清单进入", "number")
        )
    if case["closed_at"]:
        raise Refused(Refusal("P932", "该督办事项已销号", "如需补充请联系医保局", "number"))
    return dict(case)

"""What the counts of a campaign mean: rate, rank, pace, projected end. Pure; rates are basis points of the task.

completion(enrolled, task)         10092 is 100.92 %; None without a task
project(task, counts)              when the task will be done at the pace of the last seven days
ranked(units)                      places by rate, equal rates share a place
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from yibao.core.money import divide_half_up

PACE_DAYS = 7
"""A whole week, so that a weekend weighs neither more nor less than it should."""
LONGEST = 3650  # days ahead; what is further is no projection


def completion(enrolled: int, task: int | None) -> int | None:
    """Enrolled persons as basis points of the task (任务完成率), half-up; may exceed 10,000."""
    return divide_half_up(enrolled * 10_000, task) if task else None


@dataclass(frozen=True, slots=True)
class Projection:
    """`state`: done (on `day`), expected (on `day`), standstill, too_early (no week of counts yet), no_task."""

    state: str
    day: date | None = None

    @property
    def text(self) -> str:
        """As a bulletin says it."""
        return {
            "done": f"{self.day} 完成",
            "expected": f"预计 {self.day}",
            "standstill": "近 7 日无新增，无法预计",
            "too_early": "不足 7 日，暂不预计",
            "no_task": "未下达任务",
        }[self.state]


def project(task: int | None, counts: Mapping[date, int], day: date) -> Projection:
    """When the task will be done, from cumulative `counts` by day up to `day`; weekends are days like others."""
    if not task:
        return Projection("no_task")
    enrolled = counts.get(day, 0)
    if enrolled >= task:
        return Projection("done", _reached_on(task, counts, day))
    week_ago = day - timedelta(days=PACE_DAYS)
    if week_ago not in counts:
        return Projection("too_early")
    gained = enrolled - counts[week_ago]
    if gained <= 0:
        return Projection("standstill")
    days = -(-(task - enrolled) * PACE_DAYS // gained)
    return Projection("expected", day + timedelta(days=days)) if days <= LONGEST else Projection("standstill")


def _reached_on(task: int, counts: Mapping[date, int], day: date) -> date:
    """First day of the run of days, up to `day`, on which the task was fulfilled."""
    reached = day
    for earlier in sorted(counts, reverse=True):
        if earlier <= day:
            if counts[earlier] < task:
                break
            reached = earlier
    return reached


def ranked(units: Sequence[tuple[str, int, int | None]]) -> dict[str, int]:
    """Places by exact rate of (unit, enrolled, task), best first; equal rates share a place, without a task none."""
    rates = {unit: Fraction(enrolled, task) for unit, enrolled, task in units if task}
    order = sorted(rates.values(), reverse=True)
    first: dict[Fraction, int] = {}
    for place, rate in enumerate(order, 1):
        first.setdefault(rate, place)
    return {unit: first[rate] for unit, rate in rates.items()}

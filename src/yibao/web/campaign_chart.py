"""Drawing the course of a campaign: a curve against the target, bars against the task. Plain SVG, no script.

Coordinates are in a box of 1000 × 1000 that the page stretches; labels are text of the page, so they never shrink.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from yibao.core.money import divide_half_up, percent_text
from yibao.population.campaign.bulletin import Bulletin

BOX = 1000
WHOLE = 10_000
STEPS = 4


@dataclass(frozen=True, slots=True)
class Tick:
    """A label at a place of 0 to 100 per cent of the width or height."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Curve:
    """Points as SVG takes them; `across` labels of days, `up` labels of rates."""

    reached: str
    target: str
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    text: str


def curve_of(found: Bulletin) -> Curve | None:
    """The rate of the whole by day beside the target; None without a task or with one day only."""
    task, counts = found.whole.task, found.whole.counts
    if not task or len(counts) < 2:
        return None
    first, last = min(found.rules.first_day, min(counts)), max(found.rules.last_day, found.day)
    rates = {day: divide_half_up(enrolled * WHOLE, task) for day, enrolled in counts.items()}
    top = max(WHOLE, *rates.values())
    days = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    return Curve(
        " ".join(_point(day, rates[day], first, last, top) for day in sorted(rates)),
        " ".join(_point(day, found.rules.target_on(day), first, last, top) for day in days[:: max(len(days) // 60, 1)]),
        tuple(Tick(_share((day - first).days, (last - first).days), f"{day.month}月") for day in days if day.day == 1),
        tuple(Tick(100 - _share(rate, top), f"{rate // 100}%") for rate in range(0, top + 1, WHOLE // STEPS)),
        f"到{found.day}完成 {percent_text(rates[found.day])}，目标 {percent_text(found.target)}",
    )


def longest_rate(found: Bulletin) -> int:
    """The rate that fills a bar: the best one, at least the whole task."""
    return max([WHOLE, *(unit.rate or 0 for unit in found.units)])


def _point(day: date, rate: int, first: date, last: date, top: int) -> str:
    across = divide_half_up((day - first).days * BOX, max((last - first).days, 1))
    return f"{across},{BOX - divide_half_up(rate * BOX, top)}"


def _share(part: int, whole: int) -> int:
    return divide_half_up(part * 100, max(whole, 1))

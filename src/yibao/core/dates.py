"""Business time is Asia/Shanghai local time without zone, to the second.

The clock is read only here, so a test may replace `now`, and the demo may tell what happened before (`clock_at`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    """Local time in Shanghai, without zone and microseconds."""
    return _told.get() or datetime.now(SHANGHAI).replace(tzinfo=None, microsecond=0)


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """Within it, in this task, it is `moment`: for actions of the past that the demo carries out today."""
    before = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(before)


def today() -> date:
    """Business day in Shanghai."""
    return now().date()


def age_on(birth: date, day: date) -> int:
    """Completed years (周岁) on `day`; negative before birth."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def from_text(text: str) -> datetime:
    """A time as PostgreSQL's JSON writes it ("2024-05-01T08:30:00") as local time."""
    return datetime.fromisoformat(text)

"""Business time is Asia/Shanghai local time without zone, to the second.

The clock is read only here, so a test may replace `now`.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Local time in Shanghai, without zone and microseconds."""
    return datetime.now(SHANGHAI).replace(tzinfo=None, microsecond=0)


def today() -> date:
    """Business day in Shanghai."""
    return now().date()


def age_on(birth: date, day: date) -> int:
    """Completed years (周岁) on `day`; negative before birth."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def from_text(text: str) -> datetime:
    """A time as PostgreSQL's JSON writes it ("2024-05-01T08:30:00") as local time."""
    return datetime.fromisoformat(text)

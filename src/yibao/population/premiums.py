"""Yearly premiums of residents (城乡居民应缴核定): who owes what for a year.

    assess(connection, packs, psn_nos, year, day, actor)         named persons: creates or renews what is due
    assess_area(connection, packs, admdvs, year, day, actor)     every enrolled resident of an area, set-based

Both return how many contributions were made or changed. What is paid, or stands in an order that lives, is left alone.
"""

from collections.abc import Sequence
from datetime import date

from yibao.benefits.book import PackBook
from yibao.core.database import Connection


async def assess(
    connection: Connection,
    packs: PackBook,
    psn_nos: Sequence[str],
    year: int,
    day: date,
    actor: str,
    *,
    ground: str = "",
) -> int:
    """Make or renew the due contribution of `year` as of `day`; returns how many changed.

    `ground` names why a person enters in the middle of a year (newborn, veteran …: `midyear_entrants` of the area).
    """
    raise NotImplementedError


async def assess_area(connection: Connection, packs: PackBook, admdvs: str, year: int, day: date, actor: str) -> int:
    """The same for every resident whose enrolment lies in `admdvs` (city, county); returns how many changed."""
    raise NotImplementedError

"""What every action of settlement needs at hand: the database, the directory in memory, the policy packs."""

from dataclasses import dataclass

from yibao.benefits.book import PackBook
from yibao.core.database import Database
from yibao.directory.cache import DirectoryCache
from yibao.settlement.marks import Review


@dataclass(frozen=True, slots=True)
class Services:
    """Made once per process; `review` is asked about new fee lines, None lets all of them pass."""

    database: Database
    directory: DirectoryCache
    packs: PackBook
    review: Review | None = None


def catalogue_area(admdvs: str) -> str:
    """Area whose catalogue counts: the city of the area of enrolment."""
    return admdvs[:4] + "00"

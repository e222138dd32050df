"""What every action of settlement needs at hand: the database, the directory in memory, the policy packs."""

from dataclasses import dataclass

from yibao.benefits.book import PackBook
from yibao.core.database import Database
from yibao.directory.cache import DirectoryCache


@dataclass(frozen=True, slots=True)
class Services:
    """Made once per process."""

    database: Database
    directory: DirectoryCache
    packs: PackBook


def catalogue_area(admdvs: str) -> str:
    """Area whose catalogue counts: the city of the area of enrolment."""
    return admdvs[:4] + "00"

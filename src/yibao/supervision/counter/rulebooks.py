"""The rules in force per area, as the counter asks them; once per process, renewed when knowledge changes.

Before and during care count all rules of the profile `full` that have the stage, with those of `hard` (硬规则) in
their place where both have one; fee lines that come are asked `hard` alone. Every `LOOK_SECONDS` at most one small
statement sees whether knowledge has changed.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache

import yaml

from yibao.benefits.book import pack_folders
from yibao.core.config import AREAS, ConfigurationError
from yibao.core.database import Connection
from yibao.supervision.counter.screening import Screen
from yibao.supervision.profiles import rulebook_from
from yibao.supervision.rulebook import Rulebook

FULL, HARD = "full", "hard"
LOOK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Screens:
    """Of one area: for 3101, for 3102, and for fee lines as they come."""

    before: Screen
    during: Screen
    hard: Screen


Load = Callable[[Connection, str, str], Awaitable[Rulebook]]
Version = Callable[[Connection], Awaitable[str]]


@dataclass(slots=True)
class _Kept:
    screens: Screens
    version: str
    looked: float


class Rulebooks:
    """Screens by area; `load(connection, area folder, profile)` reads a rulebook, `version` says which."""

    def __init__(self, load: Load, version: Version) -> None:
        self._load, self._version = load, version
        self._kept: dict[str, _Kept] = {}
        self._reading = asyncio.Lock()

    async def of(self, connection: Connection, admdvs: str) -> Screens | None:
        """The rules of the area of this code; None where the area has no folder here."""
        area = area_folders().get(admdvs[:4])
        if area is None:
            return None
        if screens := self._fresh(area):
            return screens
        async with self._reading:  # one reads, the others wait for what it finds
            return self._fresh(area) or await self._read(connection, area)

    def _fresh(self, area: str) -> Screens | None:
        kept = self._kept.get(area)
        fresh = kept and time.monotonic() < kept.looked + LOOK_SECONDS
        return kept.screens if kept and fresh else None

    async def _read(self, connection: Connection, area: str) -> Screens:
        kept = self._kept.get(area)
        version = await self._version(connection)
        if kept is None or kept.version != version:
            kept = _Kept(await self._screens(connection, area), version, 0.0)
            self._kept[area] = kept
        kept.looked = time.monotonic()
        return kept.screens

    async def _screens(self, connection: Connection, area: str) -> Screens:
        full = await self._load(connection, area, FULL)
        hard = await self._load(connection, area, HARD)
        both = merged(full, hard)
        return Screens(Screen(both.at("before")), Screen(both.at("during")), Screen(hard.at("during")))


def merged(full: Rulebook, hard: Rulebook) -> Rulebook:
    """All rules of both; where both have a rule, the one of `hard` with its points."""
    rules = [*(rule for rule in full.rules.values() if rule.rule_id not in hard.rules), *hard.rules.values()]
    points = {
        kind: [
            *(point for point in full.points(kind) if point.rule_id not in hard.rules),
            *hard.points(kind),
        ]
        for kind in {*full.kinds, *hard.kinds}
    }
    return Rulebook(f"{full.name}+{hard.name}", f"{full.version}+{hard.version}", rules, points)


@cache
def area_folders() -> dict[str, str]:
    """Folder below areas/ by the first four digits of the area's code."""
    found = {}
    for folder in pack_folders(AREAS):
        head = yaml.safe_load((folder / "pack.yaml").read_text("utf-8"))
        found[str(head["area"]["code"])[:4]] = folder.parent.name
    return found


async def rulebook_in_force(connection: Connection, area: str, profile: str) -> Rulebook:
    """A profile with its knowledge; empty where the area has no such profile."""
    try:
        return await rulebook_from(connection, area, profile)
    except ConfigurationError:
        return Rulebook(profile, "", (), {})

"""What the tests of kinds that compare institutions share."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from tests.supervision.world import World, both_ways
from yibao.supervision.kinds.kind import Kind, Point
from yibao.supervision.model import Institution, Visit
from yibao.supervision.world import moment

CODES = ["CT10", "CT20"]


def hits(kind: Kind, point: Point, world: World) -> set[str]:
    """Persons that are found, or institutions where a finding is of none."""
    return {row.psn_no or row.fixmedins_code for row in both_ways(kind, [point], world)}


def in_one_place(world: World, code: str, begins: Iterable[Any], *, beds: int = 0, **known: Any) -> list[Visit]:
    """A stay of three days in a new hospital of level 2 for each beginning, each of another person."""
    if not any(one.fixmedins_code == code for one in world.institutions):
        world.institutions.append(Institution(code, "1", "2", "340602", beds))
    return [
        world.stay(f"{code}-{place}-{len(world.visits)}", begin, moment(begin) + timedelta(days=3), fixmedins_code=code,
                   **known)
        for place, begin in enumerate(begins)
    ]  # fmt: skip

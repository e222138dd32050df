"""What the examples of kinds that compare institutions share: places of their own, peers, and stays in them.

Their peer groups are types and levels that no place of a city has (`GROUPS`), their diseases are treated at level 9.
"""

from datetime import datetime, timedelta
from typing import Any

from yibao.supervision.kinds.kind import Point
from yibao.supervision.model import Institution, Visit
from yibao.supervision.world import World

GROUPS = [(kind, level) for kind in "345" for level in "1239"]
"""Types (工伤康复、辅助器具、计划生育服务机构) and levels."""


def place(world: World, code: str, *, kind: str = "1", level: str = "9", beds: int = 0) -> str:
    """The institution of this code; made when new."""
    if not any(one.fixmedins_code == code for one in world.institutions):
        world.institutions.insert(0, Institution(code, kind, level, "340602", beds))
    return code


def place_of(world: World, letter: str, point: Point, number: int, **known: Any) -> str:
    """The place of an example: V… violates, C… is clean."""
    return place(world, f"H{letter}{point.rule_id}{number:06d}", **known)


def month_begin(number: int, first: int = 1) -> datetime:
    """The third of a month of 2021, from the month `first` on."""
    return datetime.fromisoformat(f"2021-{first + number % (13 - first):02d}-03T08:00")


def group_of(number: int) -> tuple[str, str]:
    """Type and level: another one when the months of the year are used up."""
    return GROUPS[number // 12 % len(GROUPS)]


def stay_at(world: World, code: str, person: str, begin: datetime, days: int = 2, **known: Any) -> Visit:
    """A stay of a person of this place only, with bed, tests and drugs."""
    stay = world.stay(
        f"{code}{person}", begin, begin + timedelta(days=days, hours=2), fixmedins_code=code, chfpdr_code=f"D{code}",
        **{"dscg_way": "1", **known},
    )  # fmt: skip
    for minute, (charge, yuan) in enumerate((("01", 40), ("04", 60), ("09", 95)), 20):
        world.line(
            stay, f"ORDINARY{charge}", begin + timedelta(minutes=minute), yuan=yuan, med_chrgitm_type=charge,
            bilg_dr_code=f"D{code}",
        )  # fmt: skip
    return stay


def stays_at(world: World, code: str, number: int, begin: datetime, letter: str = "P", **known: Any) -> list[Visit]:
    """So many stays, begun within a fortnight, each of another person."""
    return [
        stay_at(world, code, f"{letter}{one:04d}", begin + timedelta(days=one % 14, minutes=11 * one), **known)
        for one in range(number)
    ]


def peers(world: World, point: Point, name: str, number: int, **known: Any) -> list[str]:
    """So many places of one group that are not there yet."""
    codes = [f"HP{point.rule_id}{name}{one:02d}" for one in range(number)]
    known_codes = {one.fixmedins_code for one in world.institutions}
    return [place(world, code, **known) for code in codes if code not in known_codes]


def least_over(limit: int, number: int) -> int:
    """The least part of `number` of which the share in basis points is over the limit."""
    return next(part for part in range(number + 1) if part * 10_000 // number > limit)

"""床位使用率超限: one person more than beds may hold, and a full house whose next guests come when others leave."""

from datetime import timedelta

from yibao.supervision.examples._places import month_begin, place_of, stay_at
from yibao.supervision.kinds.bed_occupancy import BedOccupancy
from yibao.supervision.world import World

BEDS = 10


def violations(world: World, point: BedOccupancy, number: int) -> str:
    """One more, for as many days as count."""
    code = place_of(world, "V", point, number, beds=BEDS)
    _fill(world, point, code, number, BEDS * point.limit // 10_000 + 1)
    return code


def clean(world: World, point: BedOccupancy, number: int) -> str:
    """As many as may be; on the day they leave as many again come."""
    code = place_of(world, "C", point, number, beds=BEDS)
    most = BEDS * point.limit // 10_000
    _fill(world, point, code, number, most)
    _fill(world, point, code, number, most, "N", point.least_days)
    return code


def _fill(
    world: World, point: BedOccupancy, code: str, number: int, persons: int, letter: str = "P", later: int = 0
) -> None:
    begin = month_begin(number) + timedelta(days=later)
    for one in range(persons):
        stay_at(world, code, f"{letter}{one:03d}", begin + timedelta(minutes=9 * one), point.least_days)

"""医师同分钟多处方: persons enough within a minute, and in two minutes."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, outpatient
from yibao.supervision.examples._places import place_of
from yibao.supervision.kinds.same_minute import SameMinute
from yibao.supervision.world import World


def violations(world: World, point: SameMinute, number: int) -> str:
    """The item for persons enough, seconds apart; returns the institution."""
    return _orders(world, point, number, "V", [10 + one % 50 for one in range(point.persons)])


def clean(world: World, point: SameMinute, number: int) -> str:
    """The last one in the minute after; returns the institution."""
    return _orders(world, point, number, "C", [*(58 for _ in range(point.persons - 1)), 60])


def _orders(world: World, point: SameMinute, number: int, letter: str, seconds: list[int]) -> str:
    code, day = place_of(world, letter, point, number), day_of(point, number)
    for one, second in enumerate(seconds):
        begin = day - timedelta(minutes=10 + one)
        visit = outpatient(world, f"{code}P{one:03d}", begin, number, fixmedins_code=code)
        order(world, visit, point.code, day + timedelta(seconds=second), number, cnt=1)
    return code

"""深夜结算: bills enough in the night, and one less with others by day."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of
from yibao.supervision.examples._persons import bill_of, first_care
from yibao.supervision.examples._places import place_of
from yibao.supervision.kinds.night_settlement import NightSettlement
from yibao.supervision.world import World


def violations(world: World, point: NightSettlement, number: int) -> str:
    """As many bills in one night as are a finding; returns the pharmacy."""
    return _night(world, point, number, "V", point.bills)


def clean(world: World, point: NightSettlement, number: int) -> str:
    """One less at night, the others before and after; returns the pharmacy."""
    return _night(world, point, number, "C", point.bills - 1)


def _night(world: World, point: NightSettlement, number: int, letter: str, at_night: int) -> str:
    code = place_of(world, letter, point, number, kind="2")
    evening = day_of(point, number).replace(hour=0) + timedelta(hours=point.hour_from)
    morning = evening.replace(hour=0) + timedelta(days=1, hours=point.hour_until)
    night = [morning - timedelta(minutes=1) if one % 2 else evening + timedelta(minutes=one) for one in range(at_night)]
    day = [evening - timedelta(minutes=1), morning]
    for one, at in enumerate([*night, *day]):
        bill_of(world, f"{code}P{one:03d}", at, number, first_care(point.care), 2350 + 170 * one, fixmedins_code=code)
    return code

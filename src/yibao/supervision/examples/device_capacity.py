"""设备产能超限: one examination more than the device can do, and as many as it can after one was given back."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, first_of
from yibao.supervision.examples._places import place_of
from yibao.supervision.kinds.device_capacity import DeviceCapacity
from yibao.supervision.world import World


def violations(world: World, point: DeviceCapacity, number: int) -> str:
    """One more."""
    code = point.institution or place_of(world, "V", point, number)
    _examine(world, point, code, number, point.capacity + 1, "V")
    return code


def clean(world: World, point: DeviceCapacity, number: int) -> str:
    """One more, of which one is given back."""
    code = place_of(world, "C", point, number)
    _examine(world, point, code, number, point.capacity + 1, "C", back=1)
    return code


def _examine(
    world: World, point: DeviceCapacity, code: str, number: int, persons: int, letter: str, back: int = 0
) -> None:
    day, item = day_of(point, number), first_of(point.prefixes, "") + "EXAMPLE"
    for one in range(persons):
        begin = day + timedelta(minutes=7 * one % 800)
        visit = world.visit(f"{code}{letter}{number}P{one:04d}", begin, fixmedins_code=code, chfpdr_code=f"D{code}")
        known = {"med_chrgitm_type": "03", "bilg_dr_code": f"D{code}"}
        world.line(visit, item, begin, **known)
        if one < back:
            world.line(visit, item, begin + timedelta(minutes=2), cnt=-1, **known)

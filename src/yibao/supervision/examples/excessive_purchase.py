"""超量购药: bought more often or more than a person can use, and just as much as allowed."""

from collections.abc import Sequence
from datetime import timedelta

from yibao.supervision.examples._common import day_of, first_of, order, outpatient, person_of
from yibao.supervision.examples._stays import counted
from yibao.supervision.kinds.excessive_purchase import ExcessivePurchase
from yibao.supervision.world import CLINIC, HOSPITAL, SECOND_HOSPITAL, World

PLACES = (HOSPITAL, SECOND_HOSPITAL, CLINIC)
LONGEST = 7
"""Days of supply of a clean purchase at most."""


def violations(world: World, point: ExcessivePurchase, number: int, points: Sequence[ExcessivePurchase] = ()) -> str:
    """Every limit passed by the last purchase of the window."""
    times = _times(point) + 1
    supply = (point.max_supply_days or 0) // times + 1
    return _bought(
        world, person_of("V", point, number), point, number, times, (point.max_count or 0) // times + 1, supply
    )


def clean(world: World, point: ExcessivePurchase, number: int, points: Sequence[ExcessivePurchase] = ()) -> str:
    """As often and as much as allowed, one supply after the other."""
    times = _times(point)
    supply = min((point.max_supply_days or LONGEST) // times, LONGEST, point.window_days // (times + 1))
    return _bought(
        world, person_of("C", point, number), point, number, times, (point.max_count or times) // times, supply
    )


def _times(point: ExcessivePurchase) -> int:
    return point.max_times if point.max_times is not None else max(point.min_institutions, 2)


def _bought(
    world: World, psn_no: str, point: ExcessivePurchase, number: int, times: int, count: int, supply: int
) -> str:
    day, charge, care = day_of(point, number), first_of(point.charge_types, "09"), first_of(point.care, "11")
    for time in range(times):
        at = day + timedelta(days=time * (point.window_days // (_times(point) + 1)))
        visit = outpatient(world, psn_no, at, number, fixmedins_code=PLACES[time % 3], med_type=care)
        order(
            world, visit, point.code or "EXAMPLEDRUG", at + timedelta(minutes=20), number, prd_days=supply,
            cnt=1 if point.max_count is None else counted(count), med_chrgitm_type=charge,
        )  # fmt: skip
    return psn_no

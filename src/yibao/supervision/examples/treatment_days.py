"""限支付疗程: supplied for longer than is paid, and a stay with the item on every day it may be used."""

from collections.abc import Sequence
from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, outpatient, person_of
from yibao.supervision.examples._stays import cared_stay
from yibao.supervision.kinds.treatment_days import TreatmentDays
from yibao.supervision.world import World

LONGEST = 14
"""Days of a clean stay at most."""


def violations(world: World, point: TreatmentDays, number: int, points: Sequence[TreatmentDays] = ()) -> str:
    """One visit, supplied for some days more than are paid."""
    psn_no, day = person_of("V", point, number), day_of(point, number)
    visit = outpatient(world, psn_no, day, number)
    supply = point.max_days + 1 + number % 3
    order(world, visit, point.code, day + timedelta(minutes=20), number, prd_days=supply)
    return psn_no


def clean(world: World, point: TreatmentDays, number: int, points: Sequence[TreatmentDays] = ()) -> str:
    """A stay with the item on as many days as are paid, twice on the first."""
    psn_no, day = person_of("C", point, number), day_of(point, number)
    days = min(point.max_days, LONGEST)
    stay = cared_stay(world, psn_no, day, number, days)
    for later in (0, *range(days)):
        at = day + timedelta(days=later, hours=2)
        order(world, stay, point.code, at, number, cnt="0.5", prd_days=1)
    return psn_no

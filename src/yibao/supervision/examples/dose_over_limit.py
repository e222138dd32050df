"""超量开药: more than the dose of the days supplied, and exactly as much."""

from collections.abc import Sequence
from datetime import timedelta

from yibao.supervision.examples._common import day_of, first_of, order, outpatient, person_of
from yibao.supervision.examples._stays import counted
from yibao.supervision.kinds.dose_over_limit import UNLIMITED, DoseOverLimit
from yibao.supervision.world import World

DAYS = 5


def violations(world: World, point: DoseOverLimit, number: int, points: Sequence[DoseOverLimit] = ()) -> str:
    """One prescription with somewhat more."""
    return _prescribed(world, person_of("V", point, number), point, number, 1 + number % 3)


def clean(world: World, point: DoseOverLimit, number: int, points: Sequence[DoseOverLimit] = ()) -> str:
    """As much as allowed; in every other prescription more, given back."""
    psn_no = person_of("C", point, number)
    _prescribed(world, psn_no, point, number, number % 2)
    if number % 2:
        visit, at = world.visits[-1], day_of(point, number) + timedelta(hours=2)
        code, charge = point.code or "EXAMPLEHERB2", first_of(point.charge_types, "10")
        order(world, visit, code, at, number, cnt=-1, prd_days=DAYS, med_chrgitm_type=charge)
    return psn_no


def _prescribed(world: World, psn_no: str, point: DoseOverLimit, number: int, more: int) -> str:
    day = day_of(point, number)
    visit = outpatient(world, psn_no, day, number)
    per_day = UNLIMITED if point.max_per_day is None else point.max_per_day * DAYS
    limit = min(per_day, UNLIMITED if point.max_total is None else point.max_total)
    known = {"prd_days": DAYS, "med_chrgitm_type": first_of(point.charge_types, "10"), "yuan": 1}
    first, second = (point.code,) * 2 if point.code else ("EXAMPLEHERB1", "EXAMPLEHERB2")
    order(world, visit, first, day + timedelta(minutes=20), number, cnt=counted(limit), **known)
    if more:
        order(world, visit, second, day + timedelta(minutes=21), number, cnt=more, **known)
    return psn_no

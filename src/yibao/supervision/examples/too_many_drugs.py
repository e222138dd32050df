"""药品种类超标: more different drugs than allowed, and exactly as many, one of them twice."""

from collections.abc import Sequence
from datetime import timedelta

from yibao.supervision.examples._common import day_of, first_of, order, outpatient, person_of
from yibao.supervision.kinds.too_many_drugs import TooManyDrugs
from yibao.supervision.world import World


def violations(world: World, point: TooManyDrugs, number: int, points: Sequence[TooManyDrugs] = ()) -> str:
    """One or two more than allowed."""
    return _prescribed(world, person_of("V", point, number), point, number, point.max_drugs + 1 + number % 2)


def clean(world: World, point: TooManyDrugs, number: int, points: Sequence[TooManyDrugs] = ()) -> str:
    """As many as allowed, the first one twice."""
    psn_no = _prescribed(world, person_of("C", point, number), point, number, point.max_drugs)
    visit, first = world.visits[-1], world.lines[-point.max_drugs]
    order(
        world, visit, first.med_list_codg, first.fee_ocur_time + timedelta(minutes=40), number, cnt=1, prd_days=1,
        med_chrgitm_type=first.med_chrgitm_type,
    )  # fmt: skip
    return psn_no


def _prescribed(world: World, psn_no: str, point: TooManyDrugs, number: int, drugs: int) -> str:
    day, charge = day_of(point, number), first_of(point.charge_types, "09")
    visit = outpatient(world, psn_no, day, number, med_type=first_of(point.care, "11"))
    for minute in range(drugs):
        at = day + timedelta(minutes=minute)
        order(world, visit, f"EXAMPLEDRUG{minute}", at, number, cnt=1, prd_days=3, med_chrgitm_type=charge)
    return psn_no

"""限二线使用: the drug without what must come first, and with it."""

from collections.abc import Sequence
from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, outpatient, person_of
from yibao.supervision.examples._stays import mates
from yibao.supervision.kinds.second_line_first import SecondLineFirst
from yibao.supervision.world import SECOND_HOSPITAL, World


def violations(world: World, point: SecondLineFirst, number: int, points: Sequence[SecondLineFirst] = ()) -> str:
    """The drug alone (a point of role "needs")."""
    psn_no, day = person_of("V", point, number), day_of(point, number)
    order(world, outpatient(world, psn_no, day, number), point.code, day + timedelta(minutes=20), number, prd_days=7)
    return psn_no


def clean(world: World, point: SecondLineFirst, number: int, points: Sequence[SecondLineFirst] = ()) -> str:
    """The same after the first-line drug, taken in another hospital at the longest time ago that counts."""
    psn_no, day = person_of("C", point, number), day_of(point, number)
    proof, before = mates(point, points, "proof")[0], day - timedelta(days=min(point.look_back_days, 31))
    first = outpatient(world, psn_no, before, number, fixmedins_code=SECOND_HOSPITAL)
    order(world, first, proof.code, before + timedelta(minutes=20), number, prd_days=7)
    order(world, outpatient(world, psn_no, day, number), point.code, day + timedelta(minutes=20), number, prd_days=7)
    return psn_no

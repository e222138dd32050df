"""住院时间重叠: lying in two hospitals, and moved from one to the other on one day."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, person_of
from yibao.supervision.examples._persons import first_care
from yibao.supervision.examples._stays import cared_stay
from yibao.supervision.kinds.stay_overlap import StayOverlap
from yibao.supervision.world import SECOND_HOSPITAL, World


def violations(world: World, point: StayOverlap, number: int) -> str:
    """Admitted elsewhere one day more before the discharge than is allowed."""
    psn_no, day, care = person_of("V", point, number), day_of(point, number), first_care(point.care)
    cared_stay(world, psn_no, day, number, 5 + point.tolerance_days, med_type=care)
    cared_stay(world, psn_no, day + timedelta(days=4), number, 3, med_type=care, fixmedins_code=SECOND_HOSPITAL)
    return psn_no


def clean(world: World, point: StayOverlap, number: int) -> str:
    """Discharged and admitted elsewhere on the same day, as many days shared as are allowed."""
    psn_no, day, care = person_of("C", point, number), day_of(point, number), first_care(point.care)
    cared_stay(world, psn_no, day, number, 4 + point.tolerance_days, med_type=care, dscg_way="2")
    moved = day + timedelta(days=4, hours=5)
    cared_stay(world, psn_no, moved, number, 3, med_type=care, fixmedins_code=SECOND_HOSPITAL)
    return psn_no

"""围手术期抗菌药物: an antibiotic given on after a clean operation, and given in time or for an infection."""

from collections.abc import Sequence
from datetime import timedelta

from yibao.supervision.examples._common import day_of, first_of, none_of, order, person_of
from yibao.supervision.examples._stays import cared_stay
from yibao.supervision.kinds.antibiotic_days import AntibioticDays
from yibao.supervision.world import World

CLEAN = ("E04.902", "K40.900", "M17.900", "N40.x00")


def violations(world: World, point: AntibioticDays, number: int, points: Sequence[AntibioticDays] = ()) -> str:
    """Still given when the hours are over."""
    return _operated(world, person_of("V", point, number), point, number, 1 + -(-point.max_hours // 24))


def clean(world: World, point: AntibioticDays, number: int, points: Sequence[AntibioticDays] = ()) -> str:
    """Given up to the last hour; or longer for an infection that the point exempts."""
    psn_no = person_of("C", point, number)
    if point.exempt is None or number % 2 == 0:
        return _operated(world, psn_no, point, number, point.max_hours // 24 - 1)
    _operated(world, psn_no, point, number, 1 + -(-point.max_hours // 24))
    world.diagnose(world.visits[-1], first_of(point.exempt, ""))
    return psn_no


def _operated(world: World, psn_no: str, point: AntibioticDays, number: int, last: int) -> str:
    day = day_of(point, number)
    stay = cared_stay(world, psn_no, day, number, 4 + last, dscg_maindiag_code=none_of(point.exempt, CLEAN))
    world.operate(stay, first_of(point.operations, ""), day.date(), main_oprn_flag="1", oper_dr_code=f"DV{number}")
    for later in range(max(last, 0) + 1):
        at = day + timedelta(days=later, hours=1)
        order(world, stay, point.code, at, number, cnt=1, prd_days=1)
    return psn_no

"""院内感染发生率: one infection too many, and as many as may be beside those that came with the person."""

from yibao.supervision.examples._places import least_over, month_begin, place_of, stays_at
from yibao.supervision.kinds.infection_rate import InfectionRate
from yibao.supervision.world import World


def violations(world: World, point: InfectionRate, number: int) -> str:
    """The least number over the limit."""
    return _example(world, point, number, "V", least_over(point.limit, point.least_stays))


def clean(world: World, point: InfectionRate, number: int) -> str:
    """One less; all others came with it."""
    return _example(world, point, number, "C", least_over(point.limit, point.least_stays) - 1)


def _example(world: World, point: InfectionRate, number: int, letter: str, infected: int) -> str:
    code = place_of(world, letter, point, number)
    disease = point.diagnoses.split()[0]
    for place, stay in enumerate(stays_at(world, code, point.least_stays, month_begin(number))):
        if place < infected:
            world.diagnose(stay, disease, adm_cond_type=point.acquired.split()[0])
        elif letter == "C":
            world.diagnose(stay, disease, adm_cond_type="1")
    return code

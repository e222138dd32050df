"""同日多院就诊: one institution more, and one of them twice."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, person_of
from yibao.supervision.examples._persons import first_care, visit_of
from yibao.supervision.examples._places import place
from yibao.supervision.kinds.many_institutions import ManyInstitutions
from yibao.supervision.world import CLINIC, HOSPITAL, SECOND_HOSPITAL, World


def violations(world: World, point: ManyInstitutions, number: int) -> str:
    """As many institutions on a day as are a finding."""
    psn_no = person_of("V", point, number)
    _day(world, point, psn_no, number, _places(world, point, point.institutions))
    return psn_no


def clean(world: World, point: ManyInstitutions, number: int) -> str:
    """One less, and the first once more."""
    psn_no = person_of("C", point, number)
    places = _places(world, point, point.institutions - 1)
    _day(world, point, psn_no, number, [*places, places[0]])
    return psn_no


def _places(world: World, point: ManyInstitutions, number: int) -> list[str]:
    own = [place(world, f"HM{point.rule_id}{one:02d}") for one in range(max(number - 3, 0))]
    return [HOSPITAL, SECOND_HOSPITAL, CLINIC, *own][:number]


def _day(world: World, point: ManyInstitutions, psn_no: str, number: int, places: list[str]) -> None:
    for turn, code in enumerate(places):
        at = day_of(point, number) + timedelta(hours=2 * turn)
        visit_of(world, psn_no, at, number, first_care(point.care), fixmedins_code=code)

"""抗菌药物越级使用: a drug above the right of its doctor, and within it.

The doctors are `LOW` and `HIGH`; `holders` are their points, which the rule must have besides the drug's.
"""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, outpatient, person_of
from yibao.supervision.kinds.doctor_right import DoctorRight
from yibao.supervision.world import World

LOW, HIGH = "DRIGHT0", "DRIGHT3"


def holders(rule_id: str) -> list[DoctorRight]:
    """The rights of the examples' doctors: none, and all grades."""
    return [
        DoctorRight(rule_id=rule_id, doctor=LOW, grade=0),
        DoctorRight(rule_id=rule_id, doctor=HIGH, grade=3),
    ]


def violations(world: World, point: DoctorRight, number: int) -> str:
    """The doctor without a right."""
    return _ordered(world, point, number, "V", LOW)


def clean(world: World, point: DoctorRight, number: int) -> str:
    """The doctor with all rights, or one of whom nothing is known."""
    return _ordered(world, point, number, "C", HIGH if number % 2 else f"DV{number}")


def _ordered(world: World, point: DoctorRight, number: int, letter: str, doctor: str) -> str:
    if not point.code:
        raise ValueError(f"{point.rule_id} {point.kp_id}: says what a doctor may, not of which drug")
    psn_no, day = person_of(letter, point, number), day_of(point, number) + timedelta(minutes=number)
    visit = outpatient(world, psn_no, day, number, chfpdr_code=doctor)
    order(world, visit, point.code, day + timedelta(minutes=20), number, bilg_dr_code=doctor)
    return psn_no

"""手术操作编码与性别、主诊断不符: an operation that does not fit, and one that does."""

from yibao.supervision.examples._common import day_of, first_of, none_of, other_sex, person_of, stay_with_care
from yibao.supervision.kinds.operation_allowed import OperationAllowed
from yibao.supervision.world import World

OTHERS = ("R10.400", "H10.900", "L30.900", "K29.500", "M54.500")


def violations(world: World, point: OperationAllowed, number: int) -> str:
    """The other sex, or another principal diagnosis."""
    psn_no, day = person_of("V", point, number), day_of(point, number)
    code = first_of(point.forbidden, none_of(point.needed, OTHERS))
    sex = other_sex(point.sex) if point.sex else "1"
    stay = stay_with_care(world, psn_no, day, number, gend=sex, dscg_maindiag_code=code)
    world.operate(stay, point.code, day.date(), main_oprn_flag="1", oper_dr_code=f"DV{number}")
    return psn_no


def clean(world: World, point: OperationAllowed, number: int) -> str:
    """The right sex and diagnosis; in every other stay another diagnosis, but only a secondary operation."""
    psn_no, day = person_of("C", point, number), day_of(point, number)
    right = first_of(point.needed, none_of(point.forbidden, OTHERS))
    code = right if number % 2 else first_of(point.forbidden, none_of(point.needed, OTHERS))
    stay = stay_with_care(world, psn_no, day, number, gend=point.sex or "1", dscg_maindiag_code=code)
    world.operate(stay, point.code, day.date(), main_oprn_flag=str(number % 2), oper_dr_code=f"DV{number}")
    return psn_no

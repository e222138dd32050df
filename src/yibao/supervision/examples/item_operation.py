"""项目与手术操作编码不符: an operation's fee without its code, and with it."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, first_of, none_of, order, person_of, stay_with_care
from yibao.supervision.kinds.item_operation import ItemOperation
from yibao.supervision.world import World

OTHERS = ("86.5900", "96.5900", "00.0100")


def violations(world: World, point: ItemOperation, number: int) -> str:
    """A stay with another operation, or with none."""
    psn_no, day = person_of("V", point, number), day_of(point, number)
    stay = stay_with_care(world, psn_no, day, number, med_type=first_of(point.care, "21"))
    if point.operations:
        world.operate(stay, none_of(point.operations, OTHERS), day.date(), main_oprn_flag="1")
    order(world, stay, point.code, day + timedelta(hours=2), number, cnt=1)
    return psn_no


def clean(world: World, point: ItemOperation, number: int) -> str:
    """The operation is coded, as the second; every other stay got the fee back instead."""
    psn_no, day = person_of("C", point, number), day_of(point, number)
    stay = stay_with_care(world, psn_no, day, number, med_type=first_of(point.care, "21"))
    order(world, stay, point.code, day + timedelta(hours=2), number, cnt=1)
    if number % 2:
        world.operate(stay, none_of(point.operations, OTHERS), day.date(), main_oprn_flag="1")
        world.operate(stay, first_of(point.operations, OTHERS[0]), day.date())
    else:
        order(world, stay, point.code, day + timedelta(hours=3), number, cnt=-1)
    return psn_no

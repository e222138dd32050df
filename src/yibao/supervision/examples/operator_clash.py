"""手术时间冲突: one more than he can do or in one institution more, and none more."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of
from yibao.supervision.examples._persons import visit_of
from yibao.supervision.examples._places import place, place_of
from yibao.supervision.kinds.operator_clash import OperatorClash
from yibao.supervision.world import World


def violations(world: World, point: OperatorClash, number: int) -> str:
    """An operator with too many operations, or in too many institutions; returns the (last) institution."""
    own = place_of(world, "V", point, number)
    if point.most is not None:
        _operations(world, point, number, own, [own] * (point.most + 1))
    else:
        _operations(world, point, number, own, [*_others(world, point), own])
    return own


def clean(world: World, point: OperatorClash, number: int) -> str:
    """As many as he can do, two operations of one patient among them; returns the institution."""
    own = place_of(world, "C", point, number)
    _operations(world, point, number, own, [own] * (point.most or 3))
    world.operate(world.visits[-1], _code(point), day_of(point, number).date(), oper_dr_code=f"D{own}")
    return own


def _others(world: World, point: OperatorClash) -> list[str]:
    return [place(world, f"HO{point.rule_id}{one:02d}") for one in range((point.institutions or 1) - 1)]


def _code(point: OperatorClash) -> str:
    return f"{point.operations.split()[0]}00" if point.operations else "51.2300"


def _operations(world: World, point: OperatorClash, number: int, own: str, places: list[str]) -> None:
    day = day_of(point, number)
    for one, code in enumerate(places):
        visit = visit_of(
            world, f"{own}P{one:03d}", day + timedelta(minutes=20 * one), number, "21", fixmedins_code=code
        )
        world.operate(visit, _code(point), day.date(), main_oprn_flag="1", oper_dr_code=f"D{own}")

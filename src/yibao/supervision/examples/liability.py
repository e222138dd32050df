"""工伤、第三方责任: an injury without a word of its cause, and with one."""

from yibao.supervision.examples._common import day_of, person_of
from yibao.supervision.examples._persons import first_care, visit_of
from yibao.supervision.kinds.liability import Liability
from yibao.supervision.model import Visit
from yibao.supervision.world import World


def violations(world: World, point: Liability, number: int) -> str:
    """An injury of which nobody says where it came from."""
    psn_no = person_of("V", point, number)
    _visit(world, point, psn_no, number, point.amount_from + 10_000)
    return psn_no


def clean(world: World, point: Liability, number: int) -> str:
    """With its cause, with a third party's payment, or a small bill."""
    psn_no, way = person_of("C", point, number), number % 3
    if way == 0 and point.amount_from > 1:
        _visit(world, point, psn_no, number, point.amount_from - 1)
    elif way == 1 and point.cause:
        visit = _visit(world, point, psn_no, number, point.amount_from + 10_000)
        world.diagnose(visit, f"{point.cause.split()[0]}1.000")
    else:
        _visit(world, point, psn_no, number, point.amount_from + 10_000, ttp_pay_flag="1")
    return psn_no


def _visit(world: World, point: Liability, psn_no: str, number: int, fees: int, **known: str) -> Visit:
    injury = point.injury.split()[0]
    return visit_of(
        world, psn_no, day_of(point, number), number, first_care(point.care), inscp_amt=fees, medfee_sumamt=fees,
        dscg_maindiag_code=f"{injury}{'52.000'[len(injury) - 1:]}", **known,
    )  # fmt: skip

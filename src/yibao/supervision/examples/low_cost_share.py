"""服务不足: one stay for a song too many, and as many as may be beside deaths and transfers."""

from yibao.supervision.examples._places import least_over, month_begin, peers, place_of, stays_at
from yibao.supervision.kinds.low_cost_share import LowCostShare
from yibao.supervision.world import World


def violations(world: World, point: LowCostShare, number: int) -> str:
    """The least number over the limit."""
    return _example(world, point, number, "V", least_over(point.limit, point.least_stays))


def clean(world: World, point: LowCostShare, number: int) -> str:
    """One less, and low ones that ended otherwise."""
    code = _example(world, point, number, "C", least_over(point.limit, point.least_stays) - 1)
    if point.exempt_ways:
        _stays(world, code, 5, number, "E", 100, dscg_way=point.exempt_ways.split()[0])
    return code


def _example(world: World, point: LowCostShare, number: int, letter: str, low: int) -> str:
    code = place_of(world, letter, point, number)
    for peer in peers(world, point, f"{number}", 1):
        _stays(world, peer, max(point.least_alike, point.least_stays), number, "P", 100_000)
    _stays(world, code, low, number, "L", 100)
    _stays(world, code, point.least_stays - low, number, "P", 100_000)
    return code


def _stays(world: World, code: str, many: int, number: int, letter: str, fees: int, **known: str) -> None:
    disease = f"M{10 + number % 80}.900"
    stays_at(
        world, code, many, month_begin(number), letter, medfee_sumamt=fees, inscp_amt=fees, fund_pay_sumamt=fees // 2,
        dscg_maindiag_code=disease, **known,
    )  # fmt: skip

"""高套分组线索: a dear principal diagnosis on a cheap bill, or turned round; and the same at the limit, or as usual."""

from yibao.supervision.examples._places import month_begin, peers, place_of, stay_at, stays_at
from yibao.supervision.kinds.upcoding_hint import UpcodingHint
from yibao.supervision.world import World

DEAR, CHEAP = 1_000_000, 100_000
"""Fees of the two diagnoses, fen."""


def violations(world: World, point: UpcodingHint, number: int) -> str:
    """The dear diagnosis is the principal, the fees are those of the other one."""
    return _example(world, point, number, "V", *_codes(number), CHEAP if point.low_ratio is not None else DEAR // 2)


def clean(world: World, point: UpcodingHint, number: int) -> str:
    """Fees exactly at the limit; or principal and secondary as most have them."""
    dear, cheap = _codes(number)
    if point.low_ratio is not None:
        return _example(world, point, number, "C", dear, cheap, DEAR * point.low_ratio // 10_000)
    return _example(world, point, number, "C", cheap, dear, CHEAP)


def _codes(number: int) -> tuple[str, str]:
    return f"H{10 + number % 40}.900", f"L{20 + number % 40}.900"


def _example(world: World, point: UpcodingHint, number: int, letter: str, principal: str, other: str, fees: int) -> str:
    dear, cheap = _codes(number)
    begin = month_begin(number)
    for peer in peers(world, point, f"{point.kp_id}{number}", 1):
        stays_at(world, peer, point.least_alike + 2, begin, "D", dscg_maindiag_code=dear, **_sums(DEAR))
        for stay in stays_at(
            world, peer, point.least_alike + 2, begin, "C", dscg_maindiag_code=cheap, **_sums(CHEAP)
        ):  # fmt: skip
            if point.swap_share is not None:
                world.diagnose(stay, dear)
    code = place_of(world, letter, point, number)
    stay = stay_at(world, code, "P", begin, dscg_maindiag_code=principal, **_sums(fees))
    world.diagnose(stay, other)
    return stay.psn_no


def _sums(fees: int) -> dict[str, int]:
    return {"medfee_sumamt": fees, "inscp_amt": fees, "fund_pay_sumamt": fees // 2}

"""敛卡集中结算: cards enough for like amounts, and slower, of other amounts, or of one person."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of
from yibao.supervision.examples._persons import bill_of, first_care
from yibao.supervision.examples._places import place_of
from yibao.supervision.kinds.card_burst import CardBurst
from yibao.supervision.world import World


def violations(world: World, point: CardBurst, number: int) -> str:
    """All within the minutes and a quarter of the band; returns the institution."""
    seconds = point.minutes * 60 // point.persons
    return _bills(world, point, number, "V", [(one, one * seconds, one % max(point.band // 4, 1))
                                              for one in range(point.persons)])  # fmt: skip


def clean(world: World, point: CardBurst, number: int) -> str:
    """Slower, of different amounts, or one person's; returns the institution."""
    slow = point.minutes * 60 // (point.persons - 1) + 1
    bills = [
        [(one, one * slow, 0) for one in range(point.persons)],
        [(one, one, 2 * point.band * one) for one in range(point.persons)],
        [(0, one * 20, 0) for one in range(point.persons)],
    ][number % 3]
    return _bills(world, point, number, "C", bills)


def _bills(world: World, point: CardBurst, number: int, letter: str, bills: list[tuple[int, int, int]]) -> str:
    code, day = place_of(world, letter, point, number), day_of(point, number)
    for person, second, more in bills:
        fees = point.amount_from + point.band + more
        bill_of(world, f"{code}P{person:03d}", day + timedelta(seconds=second), number, first_care(point.care), fees,
                code=f"CARD{second % 7}", fixmedins_code=code)  # fmt: skip
    return code

"""就诊雷同: the same diagnosis, items and amount, and each with an item of its own."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, outpatient
from yibao.supervision.examples._persons import first_care
from yibao.supervision.examples._places import place_of
from yibao.supervision.kinds.alike_bills import AlikeBills
from yibao.supervision.world import World


def violations(world: World, point: AlikeBills, number: int) -> str:
    """As many persons with the same bill as are a finding; returns the institution."""
    return _day(world, point, number, "V", point.persons, point.items, own=False)


def clean(world: World, point: AlikeBills, number: int) -> str:
    """An item of his own in each bill, a person less, or an item less; returns the institution."""
    way = number % 3
    return _day(world, point, number, "C", point.persons - (way == 1), point.items - (way == 2), own=way == 0)


def _day(world: World, point: AlikeBills, number: int, letter: str, persons: int, items: int, *, own: bool) -> str:
    code, day = place_of(world, letter, point, number), day_of(point, number)
    fees = max(point.amount_from, 100 * items)
    for one in range(persons):
        begin = day + timedelta(minutes=37 * one)
        visit = outpatient(world, f"{code}P{one:03d}", begin, number, fixmedins_code=code,
                           med_type=first_care(point.care), medfee_sumamt=fees, inscp_amt=fees)  # fmt: skip
        for item in range(items):
            name = f"ALIKE{item}P{one}" if own and item == 0 else f"ALIKE{item}"
            order(world, visit, name, begin + timedelta(minutes=1 + item), number, cnt=1, yuan=1 + item)
    return code

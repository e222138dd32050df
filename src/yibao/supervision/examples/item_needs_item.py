"""缺主项与加收超次: an item without its main item or more than that allows, and with it."""

from collections.abc import Sequence
from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, outpatient, person_of
from yibao.supervision.examples._stays import counted, mates
from yibao.supervision.kinds.item_needs_item import ItemNeedsItem
from yibao.supervision.world import World


def violations(world: World, point: ItemNeedsItem, number: int, points: Sequence[ItemNeedsItem] = ()) -> str:
    """Without a main item; where there is a limit, every other time one more than it (a point of role "needs")."""
    psn_no, day = person_of("V", point, number), day_of(point, number)
    visit = outpatient(world, psn_no, day, number)
    count = 1
    if point.per_main is not None and number % 2:
        order(world, visit, mates(point, points, "main")[0].code, day + timedelta(minutes=10), number, cnt=1)
        count = point.per_main // 10_000 + 1
    order(world, visit, point.code, day + timedelta(minutes=20), number, cnt=count)
    return psn_no


def clean(world: World, point: ItemNeedsItem, number: int, points: Sequence[ItemNeedsItem] = ()) -> str:
    """With its main item and as many as that allows; the person may pay the main item whole."""
    psn_no, day = person_of("C", point, number), day_of(point, number)
    visit = outpatient(world, psn_no, day, number)
    paid = {"inscp_amt": 0, "fulamt_ownpay_amt": 1250} if number % 2 else {}
    main = mates(point, points, "main")[0].code
    order(world, visit, main, day + timedelta(minutes=10), number, cnt=1, **paid)
    count = counted(point.per_main) if point.per_main is not None else 1
    order(world, visit, point.code, day + timedelta(minutes=20), number, cnt=count)
    return psn_no

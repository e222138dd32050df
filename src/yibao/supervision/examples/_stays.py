"""What the examples about windows and quantities share: a stay with care on every day, counts, companions of a point.

Functions of these examples take all points of the rule as `points`: a group needs its other members.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from yibao.supervision.examples._common import order
from yibao.supervision.model import Visit
from yibao.supervision.world import World


def cared_stay(world: World, psn_no: str, day: datetime, number: int, days: int, **known: Any) -> Visit:
    """A stay of so many days with a bed, care, a treatment and a drug on every day."""
    stay = world.stay(psn_no, day, day + timedelta(days=days, hours=1), **{"chfpdr_code": f"DV{number}", **known})
    for later in range(days):
        for minute, (charge, yuan) in enumerate((("01", 40), ("07", 25), ("05", 120), ("09", 95), ("04", 60))):
            at = day + timedelta(days=later, minutes=20 + minute)
            order(world, stay, f"ORDINARY{charge}", at, number, yuan=yuan, cnt=1, med_chrgitm_type=charge)
    return stay


def counted(ten_thousandths: int) -> Decimal:
    """A count as it is written in a line."""
    return Decimal(ten_thousandths) / 10_000


def yuan(fen: int) -> Decimal:
    """An amount as it is written in a line."""
    return Decimal(fen) / 100


def mates(point: Any, points: Sequence[Any], *roles: str) -> list[Any]:
    """Other items of the point's group, of these roles when any are named."""
    same = (one for one in points if one.rule_id == point.rule_id and one.group == point.group)
    found = [one for one in same if one.code != point.code and (not roles or one.role in roles)]
    if not found:
        raise ValueError(f"{point.rule_id} {point.kp_id}: its group has no other item")
    return found

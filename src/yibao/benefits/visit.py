"""What is to be settled: a visit (就诊) with its fee lines (费用明细), or already classified portions."""

import datetime
from collections.abc import Mapping

import msgspec

from yibao.benefits.facts import Facts

QUANTITY_UNIT = 10_000
"""Quantities are integers in ten-thousandths, as the wire carries four decimals."""
PRICE_UNIT_PER_FEN = 10_000
"""Prices are integers in millionths of a yuan, as the wire carries six decimals: 10,000 of them are a fen."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One fee line.

    `amount` fen (negative for a returned item); `quantity` × 10,000; `item_class` 01 甲, 02 乙, 03 丙;
    `self_pay_ratio` basis points (selfpay_prop); `price_limit` per unit in millionths of a yuan (定价上限), one or by
    hospital level, `None` without limit; `restricted` use and whether the hospital `approved` it; `charge_type`
    med_chrgitm_type; `mark` a mark of the catalogue that classification rows may ask for; `refused` by
    supervision: wholly self-paid, whatever the rows say; `day` for a stay that crosses the year.
    """

    amount: int
    quantity: int = QUANTITY_UNIT
    item_class: str = "01"
    self_pay_ratio: int = 0
    price_limit: int | Mapping[int, int] | None = None
    restricted: bool = False
    approved: bool = True
    charge_type: str = ""
    mark: str = ""
    refused: bool = False
    day: datetime.date | None = None


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One bill to evaluate: either `lines`, or `portions` (fen by portion name) when already classified.

    `day` is the day of discharge or of outpatient care: it decides the parameters, the year and the month.
    `begin` and `days` describe a stay (days so far, also those already settled; 0 outside a stay). `stay` is the
    number of a stay that is settled in several bills: its deductible, per-visit caps and admission then count once.
    `deductible_counted` is false for the part of a split stay whose deductible belongs to the other year.
    """

    day: datetime.date
    facts: Facts = Facts()
    lines: tuple[Line, ...] = ()
    portions: Mapping[str, int] = {}
    begin: datetime.date | None = None
    days: int = 0
    stay: str = ""
    deductible_counted: bool = True

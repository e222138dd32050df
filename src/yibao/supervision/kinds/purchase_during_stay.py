"""Outpatient care or a pharmacy's sale while the person lies in hospital (住院期间门诊、购药).

    stays            kinds of care that are stays (`med_type` or its beginning)
    purchases        kinds of care looked at during them ("11 41")
    edge_days        days at both ends of a stay when a purchase is allowed: 1 allows the days of admission and discharge
    exempt           beginnings of the purchase's diagnosis that are allowed (dialysis Z49, radiotherapy Z51.0 …)

At stake are the purchase's bills. Exemptions: the ends of the stay; diagnoses of `exempt`; chronic continuation (14) and
rescue (13) when they are not among `purchases`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseDuringStay(Point):
    """What the module says."""

    stays: str
    purchases: str
    edge_days: int
    exempt: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="purchase_during_stay",
    title="",
    point=PurchaseDuringStay,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)

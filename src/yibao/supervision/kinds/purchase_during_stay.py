"""Outpatient care or a pharmacy's sale while the person lies in hospital (住院期间门诊、购药).

    stays            kinds of care that are stays (`med_type` or its beginning)
    purchases        kinds of care looked at during them ("11 41")
    edge_days        days at both ends of a stay when purchases are allowed: 1 for the days of admission and discharge
    exempt           beginnings of the purchase's diagnosis that are allowed (dialysis Z49, radiotherapy Z51.0 …)

At stake are the purchase's bills. Exemptions: the ends of the stay; diagnoses of `exempt`; chronic continuation (14)
and rescue (13) when they are not among `purchases`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import Facts, begins
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row, Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseDuringStay(Point):
    """What the module says."""

    stays: str
    purchases: str
    edge_days: int
    exempt: str | None = None


FACTS = ("day", "stay_place", "begin", "end")


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each purchase during a stay."""
    return _stays.bills_at_stake(case, _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, str, Visit, Facts]]:
    for point in points:
        for visits in case.visits_of_person.values():
            if stays := _stays.of_care(visits, point.stays):
                for one in _stays.of_care(visits, point.purchases):
                    day, edge = one.begntime.date(), timedelta(days=point.edge_days)
                    inside = [s for s in stays if s.begntime.date() + edge <= day <= _stays.end_of(s) - edge]
                    if inside and point.in_force(day) and not begins(one.dscg_maindiag_code, point.exempt):
                        yield point, one.mdtrt_id, one, _facts(inside[0], one)


def _facts(stay: Visit, purchase: Visit) -> Facts:
    return {
        "day": purchase.begntime.date().isoformat(), "stay_place": stay.fixmedins_code,
        "begin": stay.begntime.date().isoformat(), "end": _stays.end_of(stay).isoformat(),
    }  # fmt: skip


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    stays = _stays.visit_days(_stays.of_care_column(lake.visits, points, "stays"))
    stays = stays.select(
        "rule_id", "kp_id", "psn_no", "edge_days", "first", "last", "begntime", "begin", "end", stay="mdtrt_id",
        stay_place="fixmedins_code",
    )  # fmt: skip
    lying = lake.visits.semi_join(stays, "psn_no")
    bought = _stays.visit_days(_stays.of_care_column(lying, points, "purchases"))
    bought = _stays.without_column(_stays.in_force(bought, bought.begin), points)
    bought = bought.select("rule_id", "kp_id", "psn_no", "mdtrt_id", on="first", day=bought.begin.cast("string"))
    both = bought.join(stays, ["psn_no", "rule_id", "kp_id"])
    both = both.filter((both.on >= both.first + both.edge_days) & (both.on <= both.last - both.edge_days))
    order = ibis.window(group_by=["rule_id", "kp_id", "mdtrt_id"], order_by=["begntime", "stay"])
    both = both.mutate(place=ibis.row_number().over(order))
    hits = both.filter(both.place == 0)
    hits = hits.mutate(key=hits.mdtrt_id, begin=hits.begin.cast("string"), end=hits.end.cast("string"))
    return _stays.bills_at_stake_column(lake, hits, FACTS)


KIND = Kind(
    name="purchase_during_stay",
    title="住院期间门诊或购药",
    point=PurchaseDuringStay,
    facts=FACTS,
    reason="{day}门诊或购药结算时，该人正在{stay_place}住院（{begin}至{end}）",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="入院、出院当日，透析、放疗等列明的诊断，未列入的就医方式不算",
    looks_back=180,
    item_codes=lambda point: (),
)

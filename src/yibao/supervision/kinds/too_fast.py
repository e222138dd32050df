"""Two settlements in different institutions sooner than one gets there (短时跨机构连续刷卡).

    care             kinds of care looked at (`med_type` or its beginning), both settlements
    minutes          so many minutes between a settlement and the one before it, or fewer: 30

At stake is the later bill. Exemptions: settlements in the same institution; a pharmacy's sale after a hospital's visit
(the prescription is filled next door); what is settled later than it was used (stays) when it is not among `care`. Both
settlements are of one day.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import Facts
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Bill, Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class TooFast(Point):
    """What the module says."""

    care: str
    minutes: int


PHARMACY = "2"
"""`fixmedins_type` of a pharmacy."""
FACTS = ("day", "time", "other", "other_time")


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each settlement too soon after another."""
    return _stays.these_bills(case, _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, str, Bill, Facts]]:
    for point in points:
        days: dict[tuple[str, object], list[Bill]] = defaultdict(list)
        for one in _stays.of_care(case.bills.values(), point.care):
            if point.in_force(one.setl_time.date()):
                days[one.psn_no, one.setl_time.date()].append(one)
        for bills in days.values():
            for first, second in pairwise(sorted(bills, key=lambda one: (one.setl_time, one.setl_id))):
                seconds = _stays.seconds_between(first.setl_time, second.setl_time)
                apart = first.fixmedins_code != second.fixmedins_code and not _filled(case, first, second)
                if apart and seconds <= point.minutes * 60:
                    yield point, second.setl_id, second, _facts(first, second)


def _filled(case: Case, first: Bill, second: Bill) -> bool:
    """Whether a pharmacy follows what is no pharmacy."""
    types = [
        place.fixmedins_type if (place := case.institutions.get(one.fixmedins_code)) else "" for one in (first, second)
    ]
    return types[1] == PHARMACY and types[0] != PHARMACY


def _facts(first: Bill, second: Bill) -> Facts:
    return {
        "day": second.setl_time.date().isoformat(), "time": f"{second.setl_time:%H:%M:%S}",
        "other": first.fixmedins_code, "other_time": f"{first.setl_time:%H:%M:%S}",
    }  # fmt: skip


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    person_day = ["psn_no", "on"]
    bills = lake.bills.mutate(on=lake.bills.setl_time.date())
    several = bills.group_by(person_day).aggregate(low=bills.fixmedins_code.min(), high=bills.fixmedins_code.max())
    bills = bills.semi_join(several.filter(several.low != several.high), person_day)
    bills = _stays.of_care_column(bills, points)
    bills = _stays.in_force(bills, bills.on)
    bills = bills.mutate(second=_stays.second_of(bills.setl_time), time=bills.setl_time.strftime("%H:%M:%S"))
    pharmacies = lake.institutions.filter(lake.institutions.fixmedins_type == PHARMACY).select(shop="fixmedins_code")
    bills = bills.left_join(pharmacies, bills.fixmedins_code == pharmacies.shop)
    order = ibis.window(group_by=["rule_id", "kp_id", *person_day], order_by=["setl_time", "setl_id"])
    before = {name: bills[column].lag().over(order) for name, column in BEFORE.items()}
    bills = bills.mutate(**before)
    soon = bills.second - bills.other_second <= bills.minutes * 60
    filled = bills.shop.notnull() & bills.other_shop.isnull()
    hits = bills.filter((bills.other != bills.fixmedins_code) & soon & ~filled)
    return _stays.these_bills_column(lake, hits.mutate(key=hits.setl_id, day=hits.on.cast("string")), FACTS)


BEFORE = {"other": "fixmedins_code", "other_second": "second", "other_time": "time", "other_shop": "shop"}
KIND = Kind(
    name="too_fast",
    title="短时跨机构连续刷卡",
    point=TooFast,
    facts=FACTS,
    reason="{day} {other_time}刚在{other}结算，{time}又在本机构结算",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="同一机构内连续结算、医院就诊后到药店取药、未列入的就医方式不算",
    looks_back=1,
    item_codes=lambda point: (),
)

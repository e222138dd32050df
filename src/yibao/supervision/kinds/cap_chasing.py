"""A year's payments run up to the cap at the end of the year (冲顶消费).

    insurance        insurance types (`insutype`) of this cap, separated by blanks
    cap              the year's cap of the fund's payments, fen
    share_from       the person's payments of the year as a share of the cap, at least, basis points
    last_days        the last days of the calendar year
    last_share_from  payments of these days as a share of the person's year, at least, basis points

At stake are the bills of the last days; a finding is a person's year in one institution.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import Facts
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Bill, Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class CapChasing(Point):
    """What the module says."""

    insurance: str
    cap: int
    share_from: int
    last_days: int
    last_share_from: int


FACTS = ("year", "paid", "cap", "last_days", "last_paid")


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each person's year in an institution."""
    return _stays.these_bills(case, _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, str, Bill, Facts]]:
    for point in points:
        years: dict[tuple[str, int], list[Bill]] = defaultdict(list)
        for one in case.bills.values():
            if one.insutype in point.insurance.split() and point.in_force(one.setl_time.date()):
                years[one.psn_no, one.setl_time.year].append(one)
        for (psn_no, year), bills in years.items():
            late = [one for one in bills if days_left(one) < point.last_days]
            paid, last_paid = (sum(one.fund_pay_sumamt for one in some) for some in (bills, late))
            facts: Facts = {
                "year": year, "paid": paid, "cap": point.cap, "last_days": point.last_days, "last_paid": last_paid,
            }  # fmt: skip
            if chases(point, paid, last_paid):
                yield from ((point, f"{psn_no}:{year}:{one.fixmedins_code}", one, facts) for one in late)


def chases(point: CapChasing, paid: int, last_paid: int) -> bool:
    """Whether the year's payments are near the cap and enough of them late."""
    near = paid > 0 and paid * 10_000 >= point.cap * point.share_from
    return near and last_paid * 10_000 >= paid * point.last_share_from


def days_left(bill: Bill) -> int:
    """Days of the year after the bill's."""
    return (bill.setl_time.replace(month=12, day=31).date() - bill.setl_time.date()).days


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    bills = lake.bills.drop("year") if "year" in lake.bills.columns else lake.bills
    bills = bills.mutate(on=bills.setl_time.date())
    known = bills.select("insutype").distinct().cross_join(points)
    known = known.filter(_stays.among_column(known.insutype, known.insurance))
    bills = bills.join(known, "insutype")
    bills = _stays.in_force(bills, bills.on)
    year = bills.on.year().cast("int64")
    end = (year.cast("string") + "-12-31").cast("date").epoch_days() - bills.on.epoch_days()
    bills = bills.mutate(year=year, late=end < bills.last_days)
    group = ["rule_id", "kp_id", "psn_no", "year"]
    sums = bills.group_by(*group, "cap", "share_from", "last_share_from").aggregate(
        paid=bills.fund_pay_sumamt.sum().cast("int64"),
        last_paid=ibis.ifelse(bills.late, bills.fund_pay_sumamt, 0).sum().cast("int64"),
    )
    near = (sums.paid > 0) & (sums.paid * 10_000 >= sums.cap * sums.share_from)
    sums = sums.filter(near & (sums.last_paid * 10_000 >= sums.paid * sums.last_share_from))
    hits = bills.filter(bills.late).join(sums.select(*group, "paid", "last_paid"), group)
    hits = hits.mutate(key=hits.psn_no + ":" + hits.year.cast("string") + ":" + hits.fixmedins_code)
    return _stays.these_bills_column(lake, hits, FACTS)


KIND = Kind(
    name="cap_chasing",
    title="冲顶消费",
    point=CapChasing,
    facts=FACTS,
    reason="{year}年基金已付{paid:yuan}，接近封顶线{cap:yuan}，其中最后{last_days}天付{last_paid:yuan}",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="年末以前已接近封顶线、末期占比不高的不算",
    looks_back=366,
    item_codes=lambda point: (),
)

"""What the kinds about stays and persons share: visits of some kinds of care, days, and whole bills at stake.

Each helper has its two sides: plain Python for the counter, an Ibis expression for the lake.

    of_care          visits or bills of a point's kinds of care
    without          less those whose diagnosis is exempt
    end_of           the last day of a stay; a stay that goes on lasts for ever
    bills_at_stake   rows that stake every bill of visits under a key
    these_bills      rows that stake single bills under a key
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec

from yibao.supervision.kinds._codes import Facts, begins, begins_column, bills_of_visit, whole_bills, whole_bills_column
from yibao.supervision.kinds.kind import Point
from yibao.supervision.model import Bill, Case, Row, Visit

FOREVER = date(2999, 12, 31)
LONG = 999
"""Days said of what has no end."""
OF_POINT = ("rule_id", "kp_id")
T = TypeVar("T", Visit, Bill)


def of_care(records: Iterable[T], care: str) -> list[T]:
    """Visits or bills of some kinds of care."""
    return [one for one in records if begins(one.med_type, care)]


def of_care_column(table: Any, points: Any, field: str = "care") -> Any:
    """The same, each with its points: kinds of care are few, so the lists are searched for the different ones only."""
    different = table.select("med_type").distinct().cross_join(points)
    known = different.filter(begins_column(different.med_type, different[field]).fill_null(False))
    return table.join(known, "med_type")


def without_column(table: Any, points: Any, column: str = "dscg_maindiag_code", field: str = "exempt") -> Any:
    """Rows of a table with points whose code begins with none of the codes that the point lists."""
    different = table.select(column).distinct().cross_join(points.select(*OF_POINT, field).distinct())
    exempt = different.filter(begins_column(different[column], different[field]).fill_null(False))
    return table.anti_join(exempt, [column, *OF_POINT])


def in_force(table: Any, day: Any) -> Any:
    """Rows of a table with points that are in force on their day."""
    return table.filter((day >= table.valid_from) & (day <= table.valid_to))


def end_of(visit: Visit) -> date:
    """The day of discharge."""
    return visit.endtime.date() if visit.endtime else FOREVER


def visit_days(visits: Any) -> Any:
    """Visits with `begin` and `end` as dates, `first` and `last` as numbers of days."""
    table = visits.mutate(begin=visits.begntime.date(), end=visits.endtime.date().fill_null(FOREVER))
    return table.mutate(first=table.begin.epoch_days().cast("int64"), last=table.end.epoch_days().cast("int64"))


def second_of(time: Any) -> Any:
    """A time as a number of seconds, whatever the engine thinks of zones."""
    day = time.date().epoch_days().cast("int64")
    return day * 86_400 + time.hour().cast("int64") * 3600 + time.minute().cast("int64") * 60 + time.second()


def seconds_between(first: datetime, last: datetime) -> int:
    """Whole seconds from one time to another."""
    return int((last.replace(microsecond=0) - first.replace(microsecond=0)).total_seconds())


def among_column(value: Any, listed: Any) -> Any:
    """Whether a value is one of a list separated by blanks; null where nothing is listed."""
    import ibis

    blank = ibis.literal(" ")
    return (blank + listed + blank).contains(blank + value + blank)


def share_column(part: Any, whole: Any) -> Any:
    """Basis points, rounded down, of whole numbers above zero."""
    scaled = part * 10_000
    return ((scaled - scaled % whole) / whole).cast("int64")


def bills_at_stake(case: Case, hits: Iterable[tuple[Point, str, Visit, Facts]]) -> Iterator[Row]:
    """A row for each bill of a visit, under the key given."""
    bills = bills_of_visit(case)
    for point, key, visit, facts in hits:
        for row in whole_bills(case, bills, [(point, visit, facts)]):
            yield msgspec.structs.replace(row, finding_key=key)


def bills_at_stake_column(lake: Any, hits: Any, facts: Iterable[str]) -> Any:
    """The same for `hits` with `mdtrt_id`, `key`, the point's columns and the facts."""
    rows = whole_bills_column(lake, hits.select(*OF_POINT, "mdtrt_id", "key", *facts))
    return rows.mutate(finding_key=rows.key)


def these_bills(case: Case, hits: Iterable[tuple[Point, str, Bill, Facts]]) -> Iterator[Row]:
    """A row for each bill given."""
    for point, key, bill, facts in hits:
        if bill.inscp_amt > 0 and (visit := case.visits.get(bill.mdtrt_id)):
            yield Row(
                point.rule_id, point.kp_id, key, bill.setl_id, bill.mdtrt_id, bill.psn_no, bill.fixmedins_code,
                visit.chfpdr_code, None, bill.inscp_amt, facts,
            )  # fmt: skip


def these_bills_column(lake: Any, hits: Any, facts: Iterable[str]) -> Any:
    """The same for `hits` with `setl_id`, `key`, the point's columns and the facts."""
    import ibis

    bills, visits, one = lake.bills, lake.visits, ibis.literal(1, "int64")
    insured = bills.filter(bills.inscp_amt > 0).select(
        "setl_id", "mdtrt_id", "psn_no", "fixmedins_code", amount=bills.inscp_amt
    )
    table = hits.select(*OF_POINT, "setl_id", "key", *facts).join(insured, "setl_id")
    doctors = visits.select(visit="mdtrt_id", bilg_dr_code=visits.chfpdr_code.fill_null(""))
    table = table.join(doctors, table.mdtrt_id == doctors.visit)
    return table.mutate(finding_key=table.key, bkkp_sn=ibis.null("string"), part=one, whole=one)

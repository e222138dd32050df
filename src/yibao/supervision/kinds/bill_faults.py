"""Faults of the settlement list (医保结算清单信息异常): one point for each fault looked for.

    fault       principal   no principal diagnosis: neither with the visit nor on the list
                dates       the visit ends before it begins
                days        `ipt_days` is not the days from beginning to end, by more than `tolerance`
                birth       the person is born after the visit has begun
    tolerance   days
    care        beginnings of the kinds of care looked at ("21" stays); None all

Whole bills of the visit are at stake until the list is corrected. Exemptions: stays that go on (no end); a stay within
a day counts one day, an outpatient's visit none; stays settled in parts are looked at as one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds._codes import (
    CARE,
    Facts,
    begins,
    begins_column,
    bills_of_visit,
    whole_bills,
    whole_bills_column,
)
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row, Visit

FAULTS = {
    "principal": "缺少主要诊断", "dates": "出院时间早于入院时间", "days": "住院天数与入出院日期不符",
    "birth": "出生日期晚于入院日期",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class BillFaults(Point):
    """What the module says."""

    fault: str = ""
    tolerance: int = 0
    care: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each bill of a visit with the fault."""
    return whole_bills(case, bills_of_visit(case), _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, Visit, Facts]]:
    for visit in case.visits.values():
        for point in points:
            asked = point.in_force(visit.begntime.date()) and (point.care is None or begins(visit.med_type, point.care))
            if asked and _is_faulty(case, point, visit):
                yield point, visit, {
                    "fault": FAULTS[point.fault], "begin": visit.begntime.date().isoformat(),
                    "end": visit.endtime.date().isoformat() if visit.endtime else "", "days": visit.ipt_days,
                    "born": visit.brdy.isoformat(),
                }  # fmt: skip


def _is_faulty(case: Case, point: BillFaults, visit: Visit) -> bool:
    if point.fault == "principal":
        listed = case.diagnoses_of_visit.get(visit.mdtrt_id, ())
        return visit.dscg_maindiag_code == "" and not any(one.maindiag_flag == "1" and one.diag_code for one in listed)
    if point.fault == "birth":
        return visit.brdy > visit.begntime.date()
    if visit.endtime is None:
        return False
    if point.fault == "dates":
        return visit.endtime < visit.begntime
    days = (visit.endtime.date() - visit.begntime.date()).days
    outpatient = days == 0 and visit.ipt_days == 0
    return days >= 0 and not outpatient and abs(max(days, 1) - visit.ipt_days) > point.tolerance


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    visits = lake.visits.mutate(begin_on=lake.visits.begntime.date(), end_on=lake.visits.endtime.date())
    visits = visits.filter(_suspicious(visits))
    both = visits.cross_join(points.select("rule_id", "kp_id", "fault", "tolerance", "care", "valid_from", "valid_to"))
    asked = both.care.isnull() | begins_column(both.med_type, both.care, CARE)
    both = both.filter(asked & (both.begin_on >= both.valid_from) & (both.begin_on <= both.valid_to))
    days = both.end_on.epoch_days() - both.begin_on.epoch_days()
    off = ibis.greatest(days, 1) - both.ipt_days
    wrong = {
        "principal": both.dscg_maindiag_code.fill_null("") == "",
        "dates": both.endtime < both.begntime,
        "days": (days >= 0) & ((days > 0) | (both.ipt_days != 0)) & ((off > both.tolerance) | (-off > both.tolerance)),
        "birth": both.brdy > both.begin_on,
    }
    faulty = ibis.cases(*((both.fault == name, test.fill_null(False)) for name, test in wrong.items()), else_=False)
    both = both.filter(faulty)
    listed = lake.diagnoses.filter((lake.diagnoses.maindiag_flag == "1") & (lake.diagnoses.diag_code != ""))
    listed = listed.select("mdtrt_id").distinct().mutate(fault=ibis.literal("principal"))
    both = both.anti_join(listed, ["mdtrt_id", "fault"])
    hits = both.select(
        "rule_id", "kp_id", "mdtrt_id", begin=both.begin_on.cast("string"),
        end=both.end_on.cast("string").fill_null(""), days=both.ipt_days.cast("int64"), born=both.brdy.cast("string"),
        fault=ibis.cases(*((both.fault == name, text) for name, text in FAULTS.items()), else_=""),
    )  # fmt: skip
    return whole_bills_column(lake, hits)


def _suspicious(visits: Any) -> Any:
    """Visits that can have any of the faults: few, so that only they are compared with every point."""
    import ibis

    days = visits.end_on.epoch_days() - visits.begin_on.epoch_days()
    blank = visits.dscg_maindiag_code.fill_null("") == ""
    off = (ibis.greatest(days, 1) != visits.ipt_days) & ((days > 0) | (visits.ipt_days != 0))
    odd = (visits.endtime < visits.begntime) | off
    return blank | odd.fill_null(False) | (visits.brdy > visits.begin_on).fill_null(False)


KIND = Kind(
    name="bill_faults",
    title="结算清单信息异常",
    point=BillFaults,
    facts=("fault", "begin", "end", "days", "born"),
    reason="结算清单{fault}：入院{begin}，出院{end}，住院{days}天，出生{born}",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="在院患者、当日入出院计一天、分次结算的合并看待",
    item_codes=lambda point: (),
)

"""What the kinds that compare institutions share: months, stays, peer groups, lower quantiles, rows of institutions.

A month counts only from the first month of settlement that is there on: earlier fees and visits are there in part.
Peers are institutions of one type and level (`fixmedins_type`, `hosp_lv`). A point is known by rule, number and code.
Each helper has its two sides: plain Python for the counter, an Ibis expression for the lake. Quantiles are values that
occur: of n sorted values the one at place (n - 1) × basis points ÷ 10,000, counted from 0, rounded down; the median is
the lower one.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from yibao.supervision.kinds._codes import begins, begins_column, bills_of_visit
from yibao.supervision.kinds.kind import Point
from yibao.supervision.model import Case, Row, Visit

KEY = ("rule_id", "kp_id", "code")
MEDIAN = 5_000


def month_of(at: date | datetime) -> date:
    """The first day of the month."""
    return date(at.year, at.month, 1)


def month_column(at: Any) -> Any:
    """The same of a time."""
    return at.date().truncate("M").cast("date")


def month_text(month: date) -> str:
    """ "2021-03"."""
    return month.isoformat()[:7]


def month_text_column(month: Any) -> Any:
    """The same of a column."""
    return month.cast("string").substr(0, 7)


def first_month(case: Case) -> date:
    """The first month of settlement."""
    return min((month_of(one.setl_time) for one in case.bills.values()), default=date.max)


def from_first_month(table: Any, bills: Any) -> Any:
    """Rows of which the `month` is the first month of settlement or later, and in force for the point."""
    first = bills.aggregate(first_of=bills.setl_time.min())
    first = first.select(first_month=month_column(first.first_of))
    table = table.cross_join(first)
    return table.filter(table.month >= table.first_month, table.month >= table.valid_from,
                        table.month <= table.valid_to)  # fmt: skip


def counted(point: Point, month: date, first: date) -> bool:
    """Whether a month is there and the point in force at its beginning."""
    return month >= first and point.in_force(month)


def cared(med_type: str, care: str | None) -> bool:
    """Whether a kind of care is one that the point looks at."""
    return care is None or begins(med_type, care)


def cared_column(med_type: Any, care: Any) -> Any:
    """The same for columns."""
    return care.isnull() | begins_column(med_type, care).fill_null(False)


def stays_of(case: Case) -> list[Visit]:
    """Visits with days in bed."""
    return [one for one in case.visits.values() if one.ipt_days > 0]


def stays_column(lake: Any) -> Any:
    """The same over the lake."""
    visits = lake.visits
    texts = {name: visits[name].fill_null("") for name in ("dscg_maindiag_code", "dscg_way", "chfpdr_code")}
    return visits.filter(visits.ipt_days > 0).mutate(**texts)


class SettledStay(msgspec.Struct, frozen=True):
    """A stay with the sum of its bills (fen), its last month of settlement and the group of its principal diagnosis."""

    visit: Visit
    fees: int
    month: date
    disease: str


def settled_stays(case: Case) -> list[SettledStay]:
    """Stays that were settled."""
    bills = bills_of_visit(case)
    found = []
    for one in stays_of(case):
        if of_visit := bills.get(one.mdtrt_id):
            month = max(month_of(bill.setl_time) for bill in of_visit)
            fees = sum(bill.medfee_sumamt for bill in of_visit)
            found.append(SettledStay(one, fees, month, one.dscg_maindiag_code[:3]))
    return found


def settled_stays_column(lake: Any) -> Any:
    """The same over the lake: mdtrt_id, fixmedins_code, hosp_lv, dscg_way, fees, month, disease."""
    stays = stays_column(lake).select("mdtrt_id", "fixmedins_code", "hosp_lv", "dscg_way", "dscg_maindiag_code")
    bills = lake.bills.select("mdtrt_id", "medfee_sumamt", "setl_time").semi_join(stays, "mdtrt_id")
    sums = bills.group_by("mdtrt_id").aggregate(
        fees=bills.medfee_sumamt.sum().cast("int64"), settled=bills.setl_time.max()
    )
    both = stays.join(sums, "mdtrt_id")
    return both.select(
        "mdtrt_id", "fixmedins_code", "hosp_lv", "dscg_way", "fees",
        month=month_column(both.settled), disease=both.dscg_maindiag_code.substr(0, 3),
    )  # fmt: skip


def peers_of(case: Case, code: str) -> tuple[str, str] | None:
    """Type and level of an institution; None when it is not known."""
    one = case.institutions.get(code)
    return (one.fixmedins_type, one.hosp_lv) if one else None


def with_peers(table: Any, lake: Any) -> Any:
    """The same as columns `fixmedins_type`, `peer_lv`; institutions that are not known fall out."""
    known = lake.institutions
    return table.join(known.select("fixmedins_code", "fixmedins_type", peer_lv=known.hosp_lv), "fixmedins_code")


def lower_quantile(values: Iterable[int], basis_points: int) -> int:
    """The value at this place of the sorted ones."""
    ranked = sorted(values)
    return ranked[(len(ranked) - 1) * basis_points // 10_000]


def quantile_column(table: Any, keys: Sequence[str], value: str, name: str, basis_points: Any = MEDIAN) -> Any:
    """The same by group: a table of `keys`, `name` and `<name>_of`, the number of values.

    `basis_points` is a number, or the name of a column that is the same within a group.
    """
    import ibis

    ranked = table.mutate(
        place_of=ibis.row_number().over(group_by=list(keys), order_by=table[value]).cast("int64"),
        among_of=table.count().over(group_by=list(keys)).cast("int64"),
    )
    points = ranked[basis_points] if isinstance(basis_points, str) else basis_points
    wanted = (ranked.among_of - 1) * points
    hit = ranked.filter((ranked.place_of * 10_000 <= wanted) & (wanted < (ranked.place_of + 1) * 10_000))
    return hit.select(*keys, **{name: hit[value], f"{name}_of": hit.among_of})


def institution_row(point: Point, key: str, code: str, facts: dict[str, str | int]) -> Row:
    """A row that says something of an institution: of no bill, with nothing at stake."""
    return Row(point.rule_id, point.kp_id, key, "", "", "", code, "", None, 0, facts)


def institution_rows(table: Any, key: Any, **facts: Any) -> Any:
    """The same over the lake."""
    import ibis

    one, none = ibis.literal(1, "int64"), ibis.literal(0, "int64")
    empty = {name: ibis.literal("") for name in ("setl_id", "mdtrt_id", "psn_no", "bilg_dr_code")}
    return table.mutate(
        finding_key=key, **empty, bkkp_sn=ibis.null("string"), amount=none, part=one, whole=one, **facts
    )


def shares_over_limit(sums: Any, part: str, share: str) -> Any:
    """Rows of institutions and months of which `part` of the `stays` is a greater share than the point's `limit`."""
    sums = sums.mutate(**{share: sums[part] * 10_000 // sums.stays})
    found = sums.filter(
        sums.stays >= sums.least_stays, sums[share] > sums["limit"],
        sums.month >= sums.valid_from, sums.month <= sums.valid_to,
    )  # fmt: skip
    month = month_text_column(found.month)
    return institution_rows(found, found.fixmedins_code + "|" + month, month=month)

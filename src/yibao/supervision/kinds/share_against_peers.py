"""Share of one sort of fees against peers (费用占比): drugs, tests, consumables, treatment, CT, magnetic resonance.

Fees of the point's charge types or items ÷ all fees of an institution (or department) in a month, in basis points,
against institutions of the same type and level in the same month: robust z from median and absolute deviation. The
month is that of the fee (`fee_ocur_time`); fees of the person's own pocket count too (total fees).

    charge_types    `med_chrgitm_type` of the share, separated by blanks ("09 10 11" drugs); None: not by charge type
    prefixes        or beginnings of `med_list_codg`, separated by blanks (CT); None: not by code
    care            beginnings of `med_type` that are looked at, separated by blanks ("21 22 52" stays); None: all
    by_department   1: each department (`bilg_dept_codg`) against the same department of peers; 0: whole institutions
    least_visits    visits begun in the month that an institution needs to be looked at and to be a peer
    least_peers     institutions a peer group needs, the one looked at included
    least_excess    basis points that the share must be over the peers' median, at least
    least_spread    basis points that the median absolute deviation is taken for, at least
    z_limit         basis points of robust z that must be passed (35000 is 3.5)

Exemptions: small institutions and small peer groups; months of which bills are missing. Nothing is staked: an
indicator says where to look.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.supervision.kinds._codes import begins, begins_column, listed, listed_column
from yibao.supervision.kinds._peers import (
    KEY,
    cared,
    cared_column,
    counted,
    first_month,
    from_first_month,
    institution_row,
    institution_rows,
    lower_quantile,
    month_column,
    month_of,
    month_text,
    month_text_column,
    peers_of,
    quantile_column,
    with_peers,
)
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row

Unit = tuple[str, date, str]
"""Institution, month, department ("" for the whole institution)."""
NORMAL = 6_745
"""Basis points: the median absolute deviation of a normal distribution is 0.6745 of its standard deviation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ShareAgainstPeers(Point):
    """What the module says."""

    charge_types: str | None = None
    prefixes: str | None = None
    care: str | None = None
    by_department: int = 0
    least_visits: int
    least_peers: int
    least_excess: int = 0
    least_spread: int = 1
    z_limit: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each institution, month and department that stands out."""
    first = first_month(case)
    for point in points:
        visits: dict[Unit, int] = defaultdict(int)
        for visit in case.visits.values():
            if cared(visit.med_type, point.care):
                visits[_unit(point, visit.fixmedins_code, month_of(visit.begntime), visit.adm_dept_codg)] += 1
        shares = {
            unit: share for unit, share in _shares(case, point).items()
            if visits[unit] >= point.least_visits and counted(point, unit[1], first)
        }  # fmt: skip
        yield from _standing_out(case, point, shares, visits)


def _unit(point: ShareAgainstPeers, code: str, month: date, department: str) -> Unit:
    return code, month, department if point.by_department else ""


def _shares(case: Case, point: ShareAgainstPeers) -> dict[Unit, int]:
    """Share in basis points by unit, where there are fees."""
    fees: dict[Unit, int] = defaultdict(int)
    part: dict[Unit, int] = defaultdict(int)
    for line in case.lines:
        if cared(line.med_type, point.care):
            unit = _unit(point, line.fixmedins_code, month_of(line.fee_ocur_time), line.bilg_dept_codg)
            fees[unit] += line.det_item_fee_sumamt
            part[unit] += line.det_item_fee_sumamt if _belongs(point, line) else 0
    return {unit: part[unit] * 10_000 // total for unit, total in fees.items() if total > 0}


def _belongs(point: ShareAgainstPeers, line: Line) -> bool:
    if point.charge_types is not None:
        return listed(line.med_chrgitm_type, point.charge_types)
    return begins(line.med_list_codg, point.prefixes)


def _standing_out(
    case: Case, point: ShareAgainstPeers, shares: Mapping[Unit, int], visits: Mapping[Unit, int]
) -> Iterator[Row]:
    groups: dict[Any, list[Unit]] = defaultdict(list)
    for unit in shares:
        if peers := peers_of(case, unit[0]):
            groups[peers, unit[1], unit[2]].append(unit)
    for units in groups.values():
        median = lower_quantile((shares[one] for one in units), 5_000)
        spread = max(lower_quantile((abs(shares[one] - median) for one in units), 5_000), point.least_spread)
        for unit in units:
            over = shares[unit] - median
            enough = len(units) >= point.least_peers and over >= max(point.least_excess, 1)
            if enough and over * NORMAL > point.z_limit * spread:
                facts: dict[str, str | int] = {
                    "item": point.item, "month": month_text(unit[1]), "department": unit[2],
                    "share": shares[unit], "median": median, "z": over * NORMAL // spread, "peers": len(units),
                    "visits": visits[unit],
                }  # fmt: skip
                yield institution_row(point, f"{unit[0]}|{month_text(unit[1])}|{unit[2]}", unit[0], facts)


UNIT = (*KEY, "fixmedins_code", "month", "department")
GROUP = (*KEY, "fixmedins_type", "peer_lv", "month", "department")


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake: one sum over all lines, then small tables."""
    import ibis

    sums = _sums(lake, points)
    sums = sums.group_by(*UNIT).aggregate(total=sums.total.sum().cast("int64"), part=sums.part.sum().cast("int64"))
    visits = _visits(lake, points)
    table = sums.filter(sums.total > 0).join(visits, UNIT).join(points, KEY)
    table = from_first_month(table.filter(table.visits >= table.least_visits), lake.bills)
    table = with_peers(table.mutate(share=table.part * 10_000 // table.total), lake)
    table = table.join(quantile_column(table, GROUP, "share", "median"), GROUP)
    table = table.mutate(over=table.share - table.median, deviation=(table.share - table.median).abs())
    table = table.join(quantile_column(table, GROUP, "deviation", "mad"), GROUP)
    table = table.mutate(spread=ibis.greatest(table.mad, table.least_spread))
    found = table.filter(
        table.median_of >= table.least_peers, table.over >= ibis.greatest(table.least_excess, 1),
        table.over * NORMAL > table.z_limit * table.spread,
    )  # fmt: skip
    month = month_text_column(found.month)
    return institution_rows(
        found, found.fixmedins_code + "|" + month + "|" + found.department, month=month,
        z=found.over * NORMAL // found.spread, peers=found.median_of,
    )  # fmt: skip


def _sums(lake: Any, points: Any) -> Any:
    """Fees of all and of the share, by the point's key, institution, month and department."""
    import ibis

    care = _care(lake, points)
    lines = lake.lines.semi_join(care, "med_type").select(
        "fixmedins_code", "med_type", "med_chrgitm_type", "med_list_codg",
        fees="det_item_fee_sumamt", month=month_column(lake.lines.fee_ocur_time), department="bilg_dept_codg",
    )  # fmt: skip
    by = ["fixmedins_code", "month", "department", "med_type"]
    typed = lines.group_by(*by, "med_chrgitm_type").aggregate(fees=lines.fees.sum().cast("int64"))
    whole = _of_points(typed, points, care)
    mine = listed_column(whole.med_chrgitm_type, whole.charge_types).fill_null(False)
    prefixes = points.filter(points.charge_types.isnull()).select(*KEY, "prefixes")
    codes = lines.select("med_list_codg").distinct().cross_join(prefixes)
    codes = codes.filter(begins_column(codes.med_list_codg, codes.prefixes).fill_null(False))
    coded = lines.semi_join(codes, "med_list_codg")
    coded = coded.group_by(*by, "med_list_codg").aggregate(fees=coded.fees.sum().cast("int64"))
    both = _of_points(coded, points, care).join(codes.select(*KEY, "med_list_codg"), (*KEY, "med_list_codg"))
    none = ibis.literal(0, "int64")
    tables = [
        whole.mutate(total=whole.fees, part=ibis.ifelse(mine, whole.fees, none)),
        both.mutate(total=none, part=both.fees),
    ]
    return ibis.union(*(one.select(*UNIT, "total", "part") for one in tables))


def _care(lake: Any, points: Any) -> Any:
    """Kinds of care that occur and a point looks at, with the point: few, so that most lines are left out at once."""
    occurring = lake.lines.select("med_type").union(lake.visits.select("med_type")).distinct()
    table = occurring.cross_join(points.select(*KEY, "care"))
    return table.filter(cared_column(table.med_type, table.care)).select(*KEY, "med_type")


def _of_points(table: Any, points: Any, care: Any) -> Any:
    """A row for each point that looks at its care; the department only where the point asks for it."""
    import ibis

    table = table.join(care, "med_type").join(points.select(*KEY, "by_department", "charge_types"), KEY)
    return table.mutate(department=ibis.ifelse(table.by_department == 1, table.department.fill_null(""), ""))


def _visits(lake: Any, points: Any) -> Any:
    visits = lake.visits
    table = visits.select(
        "fixmedins_code", "med_type", month=month_column(visits.begntime), department=visits.adm_dept_codg
    )
    table = table.group_by("fixmedins_code", "month", "department", "med_type").aggregate(number=table.count())
    table = _of_points(table, points, _care(lake, points))
    return table.group_by(*UNIT).aggregate(visits=table.number.sum().cast("int64"))


KIND = Kind(
    name="share_against_peers",
    title="费用占比异常",
    point=ShareAgainstPeers,
    facts=("item", "month", "department", "share", "median", "z", "peers", "visits"),
    reason="{month}{department}{item}占比{share:percent}，同级同类{peers}家机构中位数{median:percent}，"
    "稳健偏离{z:count}倍（当月{visits}人次）",
    subject="city",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="人次少、同类机构少的不比较",
    item_codes=None,
)

"""Hints that the principal diagnosis was chosen for its price (高套分组): DRG groups are not computed, diagnoses are.

Groups of stays are those of one principal diagnosis (3 characters), level and month of settlement; medians are the
lower ones. Each point looks for one of two things, by which field it names:

    low_ratio       the fees are under so many basis points of the median of the principal diagnosis, while a secondary
                    diagnosis has a lower median that the fees reach by `fit_ratio` basis points
    swap_share      of the stays with the same two diagnoses, either principal, so many basis points or more have the
                    other one as the principal, and that one has the lower median
    least_alike     stays that make a median, and that the two diagnoses need together

One row for each stay, for the first secondary diagnosis that fits. Exemptions: rare diagnoses; stays with one
diagnosis. The insured fees of the bill are at stake: what another group would pay is not known here.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.supervision.kinds._codes import bills_of_visit, whole_bills, whole_bills_column
from yibao.supervision.kinds._peers import (
    KEY,
    SettledStay,
    lower_quantile,
    quantile_column,
    settled_stays,
    settled_stays_column,
)
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row

Group = tuple[str, date, str]
"""Level, month of settlement, first three characters of the principal diagnosis."""
Pair = tuple[str, date, str, str]
LOW, SWAPPED = "费用远低于同类主诊断", "同类病例多以次诊断为主诊断"


@dataclass(frozen=True, kw_only=True, slots=True)
class UpcodingHint(Point):
    """What the module says."""

    low_ratio: int | None = None
    fit_ratio: int = 0
    swap_share: int | None = None
    least_alike: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each bill of a stay with a hint."""
    stays = [one for one in settled_stays(case) if one.disease]
    fees: dict[Group, list[int]] = defaultdict(list)
    pairs: dict[Pair, int] = defaultdict(int)
    secondary = {one.visit.mdtrt_id: _secondary(case, one) for one in stays}
    for one in stays:
        fees[_group(one, one.disease)].append(one.fees)
        for other in secondary[one.visit.mdtrt_id]:
            pairs[*_group(one, one.disease), other] += 1
    medians = {group: (lower_quantile(values, 5_000), len(values)) for group, values in fees.items()}
    hits = (
        (point, one.visit, facts)
        for point in points
        for one in stays
        if point.in_force(one.month)
        and (facts := next(_hints(point, one, secondary[one.visit.mdtrt_id], medians, pairs), None))
    )
    return whole_bills(case, bills_of_visit(case), hits)


def _secondary(case: Case, one: SettledStay) -> list[str]:
    listed = case.diagnoses_of_visit.get(one.visit.mdtrt_id, ())
    return sorted({d.diag_code[:3] for d in listed if d.maindiag_flag != "1"} - {"", one.disease})


def _group(one: SettledStay, disease: str) -> Group:
    return one.visit.hosp_lv, one.month, disease


def _hints(
    point: UpcodingHint,
    one: SettledStay,
    secondary: list[str],
    medians: Mapping[Group, tuple[int, int]],
    pairs: Mapping[Pair, int],
) -> Iterator[dict[str, str | int]]:
    """Facts for each secondary diagnosis that fits better, in the order of codes."""
    median, alike = medians[_group(one, one.disease)]
    for other in secondary:
        other_median, other_alike = medians.get(_group(one, other), (0, 0))
        if min(alike, other_alike) < point.least_alike or other_median >= median:
            continue
        mine, its = (pairs.get((*_group(one, a), b), 0) for a, b in ((one.disease, other), (other, one.disease)))
        facts: dict[str, str | int] = {
            "principal": one.disease, "other": other, "fees": one.fees, "median": median, "other_median": other_median,
        }  # fmt: skip
        low = point.low_ratio is not None and one.fees * 10_000 < point.low_ratio * median
        if low and one.fees * 10_000 >= point.fit_ratio * other_median:
            yield {**facts, "hint": LOW, "stays": alike}
        swapped = point.low_ratio is None and point.swap_share is not None and mine + its >= point.least_alike
        if swapped and its * 10_000 >= (point.swap_share or 0) * (mine + its):
            yield {**facts, "hint": SWAPPED, "stays": mine + its}


PLACE = ("hosp_lv", "month")


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    stays = settled_stays_column(lake)
    stays = stays.filter(stays.disease != "").select("mdtrt_id", "hosp_lv", "month", "fees", "disease")
    medians = quantile_column(stays, (*PLACE, "disease"), "fees", "median")
    secondary = lake.diagnoses.filter(lake.diagnoses.maindiag_flag != "1")
    secondary = secondary.select("mdtrt_id", other=secondary.diag_code.substr(0, 3)).distinct()
    table = stays.join(secondary, "mdtrt_id")
    table = table.filter((table.other != "") & (table.other != table.disease))
    pairs = table.group_by(*PLACE, "disease", "other").aggregate(mine=table.count())
    turned = pairs.select(*PLACE, disease="other", other="disease", its="mine")
    others = medians.select(*PLACE, other="disease", other_median="median", other_of="median_of")
    table = table.join(medians, (*PLACE, "disease")).join(others, (*PLACE, "other"))
    table = table.filter(table.other_median < table.median).join(pairs, (*PLACE, "disease", "other"))
    table = table.left_join(turned, (*PLACE, "disease", "other"))
    table = table.select(*(name for name in table.columns if not name.endswith("_right")))
    table = table.mutate(its=table.its.fill_null(0).cast("int64")).cross_join(points)
    both = table.mine + table.its
    low = (table.fees * 10_000 < table.low_ratio * table.median) & (
        table.fees * 10_000 >= table.fit_ratio * table.other_median
    )
    swapped = table.low_ratio.isnull() & (both >= table.least_alike) & (table.its * 10_000 >= table.swap_share * both)
    table = table.mutate(
        low=low.fill_null(False), swapped=swapped.fill_null(False), both=both, principal=table.disease
    ).filter(
        table.median_of >= table.least_alike, table.other_of >= table.least_alike,
        table.month >= table.valid_from, table.month <= table.valid_to,
    )  # fmt: skip
    table = table.filter(table.low | table.swapped)
    first = ibis.row_number().over(group_by=[*KEY, "mdtrt_id"], order_by="other")
    found = table.mutate(
        place=first, hint=ibis.ifelse(table.low, LOW, SWAPPED),
        stays=ibis.ifelse(table.low, table.median_of, table.both),
    )  # fmt: skip
    facts = ("rule_id", "kp_id", "mdtrt_id", *KIND.facts)
    return whole_bills_column(lake, found.filter(found.place == 0).select(*facts))


KIND = Kind(
    name="upcoding_hint",
    title="高套分组线索",
    point=UpcodingHint,
    facts=("hint", "principal", "other", "fees", "median", "other_median", "stays"),
    reason="{hint}：主诊断{principal}中位费用{median:yuan}，次诊断{other}中位费用{other_median:yuan}，"
    "本次{fees:yuan}（同类{stays}例）",
    subject="city",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="少见病种、只有一个诊断的不比较",
    item_codes=lambda point: (),
)

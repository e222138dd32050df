"""Herbs that the fund does not pay when used alone (中药饮片单方使用不予支付), or when a prescription has only such.

    code      the herb
    charges   kinds of charge (`med_chrgitm_type`) that are company, whole codes separated by blanks ("10"); None all

A prescription is what has one `rx_drord_no` in a visit. Its lines of the list are findings when it has no other herb
that is not of the rule's list. Exemptions: company that the person pays whole is company; lines without a prescription
number are not looked at; what was refunded, as herb or as company, was not given.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds._codes import hits_of_items, item_lines, listed, listed_column, netted, netted_column
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class NotPayableAlone(Point):
    """What the module says."""

    charges: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each herb of a prescription without company."""
    codes: dict[str, set[str]] = defaultdict(set)
    for one in points:
        codes[one.rule_id].add(one.code)
    return netted(
        (
            point,
            line,
            {"item": point.item, "day": line.fee_ocur_time.date().isoformat(), "prescription": line.rx_drord_no},
            1,
            1,
        )
        for point, line in hits_of_items(case, points)
        if line.rx_drord_no and not _has_company(case, point, line, codes[point.rule_id])
    )


def _has_company(case: Case, point: NotPayableAlone, line: Line, codes: set[str]) -> bool:
    given: dict[str, int] = defaultdict(int)
    for one in case.lines_of_visit[line.mdtrt_id]:
        counts = point.charges is None or listed(one.med_chrgitm_type, point.charges)
        if one.rx_drord_no == line.rx_drord_no and counts and one.med_list_codg not in codes:
            given[one.med_list_codg] += one.cnt
    return any(count > 0 for count in given.values())


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    hits = item_lines(lake, points)
    hits = hits.filter(hits.rx_drord_no != "")
    asked = hits.select("mdtrt_id", "rx_drord_no", "rule_id", "kp_id", "charges").distinct()
    lines = lake.lines.select("mdtrt_id", "rx_drord_no", "med_list_codg", "med_chrgitm_type", "cnt")
    others = lines.join(asked, ["mdtrt_id", "rx_drord_no"])
    others = others.filter(others.charges.isnull() | listed_column(others.med_chrgitm_type, others.charges))
    listed_codes = points.select("rule_id", med_list_codg="code").distinct()
    others = others.anti_join(listed_codes, ["rule_id", "med_list_codg"])
    prescription = ["mdtrt_id", "rx_drord_no", "rule_id", "kp_id"]
    given = others.group_by([*prescription, "med_list_codg"]).aggregate(count=others.cnt.sum())
    company = given.filter(given["count"] > 0).select(*prescription).distinct()
    hits = hits.anti_join(company, prescription)
    return netted_column(hits, day=hits.fee_ocur_time.date().cast("string"), prescription=hits.rx_drord_no)


KIND = Kind(
    name="not_payable_alone",
    title="单方使用不予支付",
    point=NotPayableAlone,
    facts=("item", "day", "prescription"),
    reason="{day}的处方{prescription}只有单独使用不予支付的饮片，其中{item}纳入了医保",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="处方中另有其他饮片（含自费）的、没有处方号的、已退费的不算",
    item_codes=None,
)

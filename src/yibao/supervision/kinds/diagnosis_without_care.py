"""Diagnosis or operation of the list without any care for it on the bills (诊断、手术编码在费用里找不到对应诊疗).

    diagnoses    beginnings of ICD-10 codes, separated by blanks, that expect care
    operations   beginnings of ICD-9-CM-3 codes that expect it; either list may be None
    items        item codes, whole, of which one line is enough
    charges      kinds of charge (`med_chrgitm_type`) of which one line is enough
    care         beginnings of the kinds of care looked at ("21"); None all

Whole bills of the visit are at stake. Exemptions: care that the person paid whole is care; a stay settled in parts is
looked at with all its parts; care that was refunded was not given.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds._codes import (
    CARE,
    Facts,
    begins,
    begins_column,
    bills_of_visit,
    diagnoses_column,
    diagnoses_of,
    listed,
    listed_column,
    whole_bills,
    whole_bills_column,
)
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row, Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class DiagnosisWithoutCare(Point):
    """What the module says."""

    diagnoses: str | None = None
    operations: str | None = None
    items: str | None = None
    charges: str | None = None
    care: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each bill of a visit without the care."""
    return whole_bills(case, bills_of_visit(case), _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, Visit, Facts]]:
    for visit in case.visits.values():
        diagnoses = diagnoses_of(case, visit)
        operations = [one.oprn_oprt_code for one in case.operations_of_visit.get(visit.mdtrt_id, ())]
        for point in points:
            triggers = [one for one in diagnoses if begins(one, point.diagnoses)]
            triggers += [one for one in operations if begins(one, point.operations)]
            asked = point.in_force(visit.begntime.date()) and (point.care is None or begins(visit.med_type, point.care))
            if triggers and asked and not _has_care(point, case.lines_of_visit.get(visit.mdtrt_id, [])):
                yield point, visit, {"code": min(triggers), "item": point.item}


def _has_care(point: DiagnosisWithoutCare, lines: list[Line]) -> bool:
    given: dict[str, int] = defaultdict(int)
    for one in lines:
        if listed(one.med_list_codg, point.items) or listed(one.med_chrgitm_type, point.charges):
            given[one.med_list_codg] += one.cnt
    return any(count > 0 for count in given.values())


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    codes = _triggered(diagnoses_column(lake), "diag_code", points.diagnoses, points)
    operations = lake.operations.select("mdtrt_id", "oprn_oprt_code")
    codes = codes.union(_triggered(operations, "oprn_oprt_code", points.operations, points))
    visits = lake.visits.select("mdtrt_id", "med_type", day=lake.visits.begntime.date())
    both = codes.join(visits, "mdtrt_id")
    asked = both.care.isnull() | begins_column(both.med_type, both.care, CARE)
    both = both.filter(asked & (both.day >= both.valid_from) & (both.day <= both.valid_to))
    keys = ["mdtrt_id", "rule_id", "kp_id"]
    hits = both.group_by([*keys, "item", "items", "charges"]).aggregate(code=both.trigger.min())
    hits = hits.anti_join(_cared(lake, hits, keys), keys)
    return whole_bills_column(lake, hits)


def _triggered(table: Any, column: str, lists: Any, points: Any) -> Any:
    """Visits with the points of which a code is listed; the lists are searched for the different codes only."""
    different = table.select(column).distinct()
    known = different.join(points, begins_column(different[column], lists))
    found = table.join(known, column)
    return found.select(
        "mdtrt_id", "rule_id", "kp_id", "item", "items", "charges", "care", "valid_from", "valid_to",
        trigger=found[column],
    )  # fmt: skip


def _cared(lake: Any, hits: Any, keys: list[str]) -> Any:
    lines = lake.lines.select("mdtrt_id", "med_list_codg", "med_chrgitm_type", "cnt")
    both = lines.join(hits.select(*keys, "items", "charges"), "mdtrt_id")
    by_item = listed_column(both.med_list_codg, both["items"]).fill_null(False)
    both = both.filter(by_item | listed_column(both.med_chrgitm_type, both.charges).fill_null(False))
    given = both.group_by([*keys, "med_list_codg"]).aggregate(total=both.cnt.sum())
    return given.filter(given.total > 0).select(*keys).distinct()


KIND = Kind(
    name="diagnosis_without_care",
    title="诊断或手术编码无对应诊疗",
    point=DiagnosisWithoutCare,
    facts=("code", "item"),
    reason="清单上有编码{code}，费用里却没有对应的诊疗（{item}）",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="患者自费的诊疗算有诊疗，分次结算合并计算，已退费的诊疗不算",
    item_codes=None,
)

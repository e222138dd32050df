"""Item needs a diagnosis, or must not be used with one (限适应症、禁忌症、无指征).

    code        the item
    needed      the visit must have a diagnosis that begins with one of these, separated by blanks ("C50 D05")
    forbidden   it must not have a diagnosis that begins with one of these (contraindication; pregnancy: "Z33 O")
    care        beginnings of the kinds of care (`med_type`) looked at; None all

Diagnoses are those of the settlement list and the visit's own principal diagnosis: an outpatient's visit often has
only that. Exemptions: visits without any diagnosis are not looked at; secondary diagnoses suffice; what was refunded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds._codes import (
    Facts,
    begins,
    begins_column,
    diagnoses_column,
    diagnoses_of,
    hits_of_items,
    item_lines,
    netted,
    netted_column,
)
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row

LACKING, AGAINST = "缺少限定的诊断", "与禁忌的诊断同用"


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemIndication(Point):
    """What the module says."""

    needed: str | None = None
    forbidden: str | None = None
    care: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line without its diagnosis or against one."""
    return netted(
        (point, line, facts, 1, 1)
        for point, line in hits_of_items(case, points)
        if (facts := _facts(case, point, line))
    )


def _facts(case: Case, point: ItemIndication, line: Any) -> Facts | None:
    visit = case.visits[line.mdtrt_id]
    codes = diagnoses_of(case, visit)
    if not codes or (point.care is not None and not begins(line.med_type, point.care)):
        return None
    against = next((one for one in codes if begins(one, point.forbidden)), "")
    lacking = point.needed is not None and not any(begins(one, point.needed) for one in codes)
    if not against and not lacking:
        return None
    return {
        "item": point.item, "day": line.fee_ocur_time.date().isoformat(), "broken": AGAINST if against else LACKING,
        "diagnosis": against or visit.dscg_maindiag_code,
    }  # fmt: skip


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    lines = item_lines(lake, points)
    lines = lines.filter(lines.care.isnull() | begins_column(lines.med_type, lines.care))
    asked = lines.select("mdtrt_id", "rule_id", "kp_id", "needed", "forbidden").distinct()
    codes = asked.join(diagnoses_column(lake, asked), "mdtrt_id")
    codes = codes.mutate(
        fits=codes.needed.isnull() | begins_column(codes.diag_code, codes.needed),
        against=begins_column(codes.diag_code, codes.forbidden).fill_null(False),
    )
    known = codes.group_by("mdtrt_id", "rule_id", "kp_id").aggregate(
        fits=codes.fits.any(), against=codes.diag_code.min(where=codes.against)
    )
    wrong = known.filter(~known.fits | known.against.notnull())
    visits = lake.visits.select("mdtrt_id", principal=lake.visits.dscg_maindiag_code.fill_null(""))
    hits = lines.join(wrong, ["mdtrt_id", "rule_id", "kp_id"]).join(visits, "mdtrt_id")
    return netted_column(
        hits, day=hits.fee_ocur_time.date().cast("string"), diagnosis=hits.against.fill_null(hits.principal),
        broken=ibis.ifelse(hits.against.notnull(), AGAINST, LACKING),
    )  # fmt: skip


KIND = Kind(
    name="item_indication",
    title="限适应症与禁忌症",
    point=ItemIndication,
    facts=("item", "day", "broken", "diagnosis"),
    reason="{day}的{item}{broken}：诊断{diagnosis}",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="没有任何诊断的就诊、次要诊断符合的、已退费的不算",
)

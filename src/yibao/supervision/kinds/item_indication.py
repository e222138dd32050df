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
    CARE,
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
    """The same over the lake.

    Which diagnosis fits which list is found first, for the different codes and lists only. Most lines are settled by
    the principal diagnosis; the lists of diagnoses are asked for the rest.
    """
    import ibis

    lines = item_lines(lake, points)
    lines = lines.filter(lines.care.isnull() | begins_column(lines.med_type, lines.care, CARE))
    visits = lake.visits.select("mdtrt_id", principal=lake.visits.dscg_maindiag_code.fill_null(""))
    lines = lines.join(visits, "mdtrt_id")
    matches = _matches(lake, points)
    lines = _with_match(lines, matches.rename(principal="diag_code"), "needed", "principal", "fits")
    lines = _with_match(lines, matches.rename(principal="diag_code"), "forbidden", "principal", "against")
    lines = lines.filter((lines.needed.notnull() & lines.fits.isnull()) | lines.forbidden.notnull())
    listed = lake.diagnoses.filter(lake.diagnoses.diag_code != "").select("mdtrt_id", "diag_code")
    of_visit = (
        listed.join(matches, "diag_code").group_by("mdtrt_id", "listed").aggregate(code=lambda t: t.diag_code.min())
    )
    lines = _with_match(lines, of_visit, "needed", "mdtrt_id", "listed_fits")
    lines = _with_match(lines, of_visit, "forbidden", "mdtrt_id", "listed_against")
    lines = lines.mutate(bad=ibis.least(lines.against, lines.listed_against))
    lines = lines.mutate(bad=lines.bad.fill_null(ibis.coalesce(lines.against, lines.listed_against)))
    lacking = lines.needed.notnull() & lines.fits.isnull() & lines.listed_fits.isnull()
    hits = lines.filter(lines.bad.notnull() | lacking)
    known = listed.select(diagnosed="mdtrt_id").distinct()
    hits = hits.left_join(known, hits.mdtrt_id == known.diagnosed)
    hits = hits.filter((hits.principal != "") | hits.diagnosed.notnull())
    return netted_column(
        hits, day=hits.fee_ocur_time.date().cast("string"), diagnosis=hits.bad.fill_null(hits.principal),
        broken=ibis.ifelse(hits.bad.notnull(), AGAINST, LACKING),
    )  # fmt: skip


def _matches(lake: Any, points: Any) -> Any:
    """Diagnosis codes that occur with the lists of which they begin with a prefix: (`diag_code`, `listed`, `code`)."""
    lists = points.select(listed="needed").union(points.select(listed="forbidden")).distinct()
    lists = lists.filter(lists.listed.notnull())
    prefixes = lists.mutate(prefix=lists.listed.split(" ").unnest())
    prefixes = prefixes.filter(prefixes.prefix != "")
    codes = diagnoses_column(lake).select("diag_code").distinct()
    found = codes.join(prefixes, codes.diag_code.startswith(prefixes.prefix))
    return found.select("diag_code", "listed").distinct().mutate(code=lambda t: t.diag_code)


def _with_match(lines: Any, matches: Any, field: str, by: str, name: str) -> Any:
    """Lines with the code (column `name`) of what `by` has of the list in `field`; null where there is none."""
    right = matches.select(match_by=matches[by], match_list=matches.listed, **{name: matches.code})
    joined = lines.left_join(right, [lines[by] == right.match_by, lines[field] == right.match_list])
    return joined.drop("match_by", "match_list")


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

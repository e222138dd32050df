"""A drug prescribed for more days at once than allowed (限最大开药天数, 出院带药超量).

    code                the drug; "" for all lines of `charge_types`
    charge_types        `med_chrgitm_type` codes separated by blanks, for points without a code
    max_days            the most days of supply (`prd_days`) of one line
    care                kinds of care (beginnings of `med_type`, separated by blanks) looked at; None: all
    exempt              beginnings of ICD-10 codes, separated by blanks: who has one of these diagnoses may get more
    at_discharge        1: only what is given on the day of discharge (出院带药)

At stake is the share of the days beyond the limit. Exemptions: chronic diseases (`exempt`); what was refunded; what the
person pays whole. Taking the same drug again too early is the kind repeat_within with `overlap`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _quantities as quantities
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class QuantityOverDays(Point):
    """What the module says."""

    charge_types: str = ""
    max_days: int = 0
    care: str | None = None
    exempt: str | None = None
    at_discharge: int = 0


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row and finding for each line with too many days."""
    for point, line, left in quantities.standing_any(case, points):
        if line.prd_days > point.max_days and quantities.in_care(point, line) and _looked_at(case, point, line):
            facts: dict[str, str | int] = {
                "item": point.item, "code_of_it": line.med_list_codg, "day": line.fee_ocur_time.date().isoformat(),
                "days": line.prd_days, "limit": point.max_days,
            }  # fmt: skip
            part, whole = (line.prd_days - point.max_days) * left, line.prd_days * line.cnt
            yield quantities.row(point, line, line.bkkp_sn, part, whole, facts)


def _looked_at(case: Case, point: QuantityOverDays, line: Line) -> bool:
    end = case.visits[line.mdtrt_id].endtime
    leaving = end is not None and end.date() == line.fee_ocur_time.date()
    return (point.at_discharge == 0 or leaving) and not quantities.exempt(case, point, line)


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake: too many days first, which are few."""
    hits = quantities.any_points(lake.lines.semi_join(_long(lake.lines, points), "bkkp_sn"), points, lake.lines)
    hits = hits.filter(hits.prd_days > hits.max_days)
    leaving = lake.visits.select(left_visit="mdtrt_id", left_on=lake.visits.endtime.date())
    hits = hits.left_join(leaving, [hits.mdtrt_id == leaving.left_visit, hits.day_of == leaving.left_on])
    hits = hits.filter((hits.at_discharge == 0) | hits.left_on.notnull()).drop("left_visit", "left_on")
    rows = quantities.still_standing(quantities.without_diagnoses(hits, lake), lake.lines)
    return rows.mutate(
        finding_key=rows.bkkp_sn, amount=rows.inscp_amt, part=(rows.prd_days - rows.max_days) * rows.left,
        whole=rows.prd_days * rows.cnt, days=rows.prd_days, limit=rows.max_days, code_of_it=rows.med_list_codg,
    )  # fmt: skip


def _long(lines: Any, points: Any) -> Any:
    """Lines of more days than some point of their item or charge type allows; of all lines four columns are read."""
    wide = points.filter(points.code == "")
    wide = wide.select("max_days", charge_type=wide.charge_types.split(" ").unnest())
    of_type = wide.group_by("charge_type").agg(least=wide.max_days.min())
    of_code = points.filter(points.code != "").group_by("code").agg(least=points.max_days.min())
    days = lines.select("bkkp_sn", "med_list_codg", "med_chrgitm_type", "prd_days")
    by_type = days.join(of_type, [days.med_chrgitm_type == of_type.charge_type, days.prd_days > of_type.least])
    by_code = days.join(of_code, [days.med_list_codg == of_code.code, days.prd_days > of_code.least])
    return by_type.select("bkkp_sn").union(by_code.select("bkkp_sn")).distinct()


KIND = Kind(
    name="quantity_over_days",
    title="限最大开药天数",
    point=QuantityOverDays,
    facts=("item", "code_of_it", "day", "days", "limit"),
    reason="{day}一次开具{item}（{code_of_it}）{days}天，超过上限{limit}天",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="慢性病、特殊疾病等允许长处方的诊断；已退费、全自费的明细不算",
    item_codes=None,
)

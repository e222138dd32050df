"""Operation code that does not fit the person or the principal diagnosis (手术操作编码与性别、主诊断不符).

    code        beginning of the operation code (ICD-9-CM-3)
    sex         "1" or "2": only for it
    needed      a main operation needs a principal diagnosis that begins with one of these, separated by blanks
    forbidden   a main operation may not go with a principal diagnosis that begins with one of these

Whole bills of the visit are at stake. Exemptions: persons of unknown sex; secondary operations are compared with the
sex only; visits without a principal diagnosis (bill_faults looks for them).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds._codes import (
    Facts,
    begins,
    begins_column,
    bills_of_visit,
    points_of,
    points_of_codes,
    whole_bills,
    whole_bills_column,
)
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Operation, Row, Visit

SEX, DIAGNOSIS = "性别不符", "主要诊断不符"


@dataclass(frozen=True, kw_only=True, slots=True)
class OperationAllowed(Point):
    """What the module says."""

    sex: str | None = None
    needed: str | None = None
    forbidden: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each bill of a visit with such an operation."""
    return whole_bills(case, bills_of_visit(case), _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, Visit, Facts]]:
    for mdtrt_id, operations in case.operations_of_visit.items():
        visit = case.visits[mdtrt_id]
        found: dict[OperationAllowed, Facts] = {}
        for one in sorted(operations, key=lambda each: each.oprn_oprt_code):
            for point in points_of(points, one.oprn_oprt_code):
                if point not in found and (broken := breach(point, visit, one)):
                    found[point] = {
                        "operation": one.oprn_oprt_code, "item": point.item, "broken": broken, "gender": visit.gend,
                        "diagnosis": visit.dscg_maindiag_code,
                    }  # fmt: skip
        yield from ((point, visit, facts) for point, facts in found.items())


def breach(point: OperationAllowed, visit: Visit, operation: Operation) -> str:
    """What the operation does not fit, "" when it does."""
    if not point.in_force(visit.begntime.date()):
        return ""
    if point.sex is not None and visit.gend in ("1", "2") and visit.gend != point.sex:
        return SEX
    principal = visit.dscg_maindiag_code
    if operation.main_oprn_flag != "1" or not principal:
        return ""
    lacking = point.needed is not None and not begins(principal, point.needed)
    return DIAGNOSIS if lacking or begins(principal, point.forbidden) else ""


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    codes = points_of_codes(
        lake.operations.select("mdtrt_id", "oprn_oprt_code", "main_oprn_flag"), "oprn_oprt_code", points
    )
    visits = lake.visits.select(
        "mdtrt_id", "gend", day=lake.visits.begntime.date(), diagnosis=lake.visits.dscg_maindiag_code.fill_null("")
    )
    both = codes.join(visits, "mdtrt_id")
    both = both.filter((both.day >= both.valid_from) & (both.day <= both.valid_to))
    sex = (both.gend.isin(["1", "2"]) & (both.gend != both.sex)).fill_null(False)
    unfit = (~begins_column(both.diagnosis, both.needed)).fill_null(False)
    unfit = unfit | begins_column(both.diagnosis, both.forbidden).fill_null(False)
    unfit = unfit & (both.main_oprn_flag == "1") & (both.diagnosis != "")
    both = both.mutate(broken=ibis.cases((sex, SEX), (unfit.fill_null(False), DIAGNOSIS), else_=""))
    wrong = both.filter(both.broken != "")
    hits = wrong.group_by(["rule_id", "kp_id", "item", "mdtrt_id", "broken", "gend", "diagnosis"]).aggregate(
        operation=wrong.oprn_oprt_code.min()
    )
    return whole_bills_column(lake, hits.rename(gender="gend"))


KIND = Kind(
    name="operation_allowed",
    title="手术操作编码与性别或主诊断不符",
    point=OperationAllowed,
    facts=("operation", "item", "broken", "gender", "diagnosis"),
    reason="手术操作{operation}（{item}）与患者{broken}：{gender:sex}，主要诊断{diagnosis}",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="性别不明者、次要手术（只比对性别）、没有主要诊断的不算",
    item_codes=lambda point: (),
)

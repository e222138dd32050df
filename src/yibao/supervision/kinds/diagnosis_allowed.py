"""Diagnosis that the person cannot have (诊断与性别、年龄不符): pregnancy of a man, a newborn's disease of an adult.

    code        beginning of the ICD-10 code
    sex         "1" or "2": only for it
    age_from    full years when the visit begins, at least
    age_below   full years when the visit begins, less than
    days_below  days of life when the visit begins, less than

Whole bills of the visit are at stake; any diagnosis of the visit counts. Exemptions: persons of unknown sex (gend 0,
9); a newborn billed under the mother's number has the mother's sex and age: give such codes (P…) no limit of age.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.supervision.kinds._codes import (
    bills_of_visit,
    diagnoses_column,
    diagnoses_of,
    points_of,
    points_of_codes,
    whole_bills,
    whole_bills_column,
)
from yibao.supervision.kinds.item_allowed import years
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row, Visit

SEX, AGE = "性别不符", "年龄不符"


@dataclass(frozen=True, kw_only=True, slots=True)
class DiagnosisAllowed(Point):
    """What the module says."""

    sex: str | None = None
    age_from: int | None = None
    age_below: int | None = None
    days_below: int | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each bill of a visit with such a diagnosis."""
    return whole_bills(case, bills_of_visit(case), _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, Visit, dict[str, str | int]]]:
    for visit in case.visits.values():
        found: dict[DiagnosisAllowed, str] = {}
        for code in diagnoses_of(case, visit):
            for point in points_of(points, code):
                found.setdefault(point, code)
        for point, code in found.items():
            if broken := breach(point, visit):
                yield point, visit, {
                    "diagnosis": code, "item": point.item, "broken": broken, "gender": visit.gend,
                    "age": years(visit.brdy, visit.begntime.date()),
                }  # fmt: skip


def breach(point: DiagnosisAllowed, visit: Visit) -> str:
    """What does not fit the person, "" when all does."""
    day: date = visit.begntime.date()
    if not point.in_force(day):
        return ""
    if point.sex is not None and visit.gend in ("1", "2") and visit.gend != point.sex:
        return SEX
    age, days = years(visit.brdy, day), (day - visit.brdy).days
    young = point.age_from is not None and age < point.age_from
    old = point.age_below is not None and age >= point.age_below
    return AGE if young or old or (point.days_below is not None and days >= point.days_below) else ""


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    from yibao.supervision.kinds.item_allowed import _years

    codes = points_of_codes(diagnoses_column(lake), "diag_code", points)
    visits = lake.visits.select("mdtrt_id", "gend", "brdy", day=lake.visits.begntime.date())
    both = codes.join(visits, "mdtrt_id")
    both = both.filter((both.day >= both.valid_from) & (both.day <= both.valid_to))
    both = both.mutate(age=_years(both.brdy, both.day), days=both.day.epoch_days() - both.brdy.epoch_days())
    sex = (both.gend.isin(["1", "2"]) & (both.gend != both.sex)).fill_null(False)
    age = (both.age < both.age_from).fill_null(False) | (both.age >= both.age_below).fill_null(False)
    both = both.mutate(
        broken=ibis.cases((sex, SEX), (age | (both.days >= both.days_below).fill_null(False), AGE), else_="")
    )
    wrong = both.filter(both.broken != "")
    hits = wrong.group_by(["rule_id", "kp_id", "item", "mdtrt_id", "broken", "gend", "age"]).aggregate(
        diagnosis=wrong.diag_code.min()
    )
    return whole_bills_column(lake, hits.rename(gender="gend"))


KIND = Kind(
    name="diagnosis_allowed",
    title="诊断与性别年龄不符",
    point=DiagnosisAllowed,
    facts=("diagnosis", "item", "broken", "gender", "age"),
    reason="诊断{diagnosis}（{item}）与患者{broken}：患者{age}岁，{gender:sex}",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="性别不明者、随母亲结算的新生儿（此类编码不设年龄限制）不算",
    item_codes=lambda point: (),
)

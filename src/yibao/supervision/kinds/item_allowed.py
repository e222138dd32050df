"""Item allowed only for some persons and places (限定支付): sex, age, insurance type, institution level, care type.

A point names what a line of its item must fulfil; a line is a finding when it breaks one. What is not named (None
or "") is not looked at. Lines that the person pays whole are left alone.

    sex             "1" or "2": only for it
    age_from        full years at the day of the line, at least
    age_below       full years, less than
    days_below      days of life, less than (newborn: 29)
    insurance       the person's insurance type must be one of these, separated by blanks ("510")
    level_from      1, 2, 3: the institution's level, at least; pharmacies (9) and unknown levels are not looked at
    care            kinds of care (prefixes of `med_type`), separated by blanks, that the item may be used in

Exemptions: persons of unknown sex (gend 0, 9); newborn treated under their mother's number (a line with
`comb_no` of the mother does not exist: the visit's own age counts); age is taken on the day of the line, so a birthday
during a stay is no finding; what is paid whole by the person; what was refunded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.supervision.kinds import _codes as codes
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row, Visit

BREACHES = {
    "sex": "性别不符", "age_from": "年龄低于下限", "age_below": "年龄超过上限", "days_below": "不是新生儿",
    "insurance": "险种不符", "level_from": "医疗机构级别不够", "care": "就医方式不符",
}  # fmt: skip
SEXES = {"1": "患者为男性", "2": "患者为女性"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemAllowed(Point):
    """What the module says."""

    sex: str | None = None
    age_from: int | None = None
    age_below: int | None = None
    days_below: int | None = None
    insurance: str | None = None
    level_from: int | None = None
    care: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line that breaks a point, less what was refunded."""
    return codes.netted(_hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[codes.Hit]:
    for code, of_code in points.by_code.items():
        for line in case.lines_of_item.get(code, ()):
            visit = case.visits[line.mdtrt_id]
            day = line.fee_ocur_time.date()
            for point in of_code:
                if line.inscp_amt and point.in_force(day) and (broken := breach(point, visit, line)):
                    yield point, line, _facts(point, line, visit, broken), 1, 1


def breach(point: ItemAllowed, visit: Visit, line: Line) -> str:
    """Which limit the line breaks, "" when none: the first in the order of `BREACHES`."""
    day = line.fee_ocur_time.date()
    age, days = years(visit.brdy, day), (day - visit.brdy).days
    broken = {
        "sex": point.sex is not None and visit.gend in ("1", "2") and visit.gend != point.sex,
        "age_from": point.age_from is not None and age < point.age_from,
        "age_below": point.age_below is not None and age >= point.age_below,
        "days_below": point.days_below is not None and days >= point.days_below,
        "insurance": point.insurance is not None and visit.insutype not in point.insurance.split(),
        "level_from": point.level_from is not None
        and visit.hosp_lv in ("1", "2", "3")
        and int(visit.hosp_lv) < point.level_from,
        "care": point.care is not None and not codes.begins(line.med_type, point.care),
    }
    return next((BREACHES[name] for name in BREACHES if broken[name]), "")


def years(born: date, day: date) -> int:
    """Full years of age on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _facts(point: ItemAllowed, line: Line, visit: Visit, broken: str) -> codes.Facts:
    day = line.fee_ocur_time.date()
    age, days = years(visit.brdy, day), (day - visit.brdy).days
    seen = {
        "sex": SEXES.get(visit.gend, ""), "age_from": f"患者{age}岁", "age_below": f"患者{age}岁",
        "days_below": f"出生后{days}天", "insurance": f"险种{visit.insutype}", "level_from": f"机构为{visit.hosp_lv}级",
        "care": f"医疗类别{line.med_type}",
    }  # fmt: skip
    which = next(name for name, title in BREACHES.items() if title == broken)
    return {"item": point.item, "broken": broken, "seen": seen[which], "day": day.isoformat()}


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    lines = codes.item_lines(lake, points)
    visits = lake.visits.select("mdtrt_id", "gend", "brdy", "insutype", "hosp_lv")
    both = lines.join(visits, "mdtrt_id")
    both = both.mutate(day_of=both.fee_ocur_time.date())
    both = both.mutate(age=_years(both.brdy, both.day_of), days=both.day_of.epoch_days() - both.brdy.epoch_days())
    known = both.hosp_lv.isin(["1", "2", "3"])
    broken = {
        "sex": both.gend.isin(["1", "2"]) & (both.gend != both.sex),
        "age_from": both.age < both.age_from,
        "age_below": both.age >= both.age_below,
        "days_below": both.days >= both.days_below,
        "insurance": ~codes.listed_column(both.insutype, both.insurance),
        "level_from": known & (ibis.ifelse(known, both.hosp_lv, "9").cast("int64") < both.level_from),
        "care": ~codes.begins_column(both.med_type, both.care, codes.CARE),
    }
    first = ibis.cases(*((broken[name].fill_null(False), title) for name, title in BREACHES.items()), else_="")
    both = both.mutate(broken=first)
    hits = both.filter(both.broken != "")
    return codes.netted_column(hits, seen=_seen(hits), day=hits.day_of.cast("string"))


def _seen(hits: Any) -> Any:
    import ibis

    age = ibis.literal("患者") + hits.age.cast("string") + "岁"
    seen = {
        "sex": ibis.cases(*((hits.gend == code, title) for code, title in SEXES.items()), else_=""),
        "age_from": age, "age_below": age,
        "days_below": ibis.literal("出生后") + hits.days.cast("string") + "天",
        "insurance": ibis.literal("险种") + hits.insutype,
        "level_from": ibis.literal("机构为") + hits.hosp_lv + "级",
        "care": ibis.literal("医疗类别") + hits.med_type,
    }  # fmt: skip
    return ibis.cases(*((hits.broken == BREACHES[name], text) for name, text in seen.items()), else_="")


def _years(born: Any, day: Any) -> Any:
    before = (day.month() < born.month()) | ((day.month() == born.month()) & (day.day() < born.day()))
    return (day.year() - born.year() - before.cast("int64")).cast("int64")


KIND = Kind(
    name="item_allowed",
    title="限定支付",
    point=ItemAllowed,
    facts=("item", "broken", "seen", "day"),
    reason="{day}的{item}{broken}：{seen}",
    subject="line",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="性别不明者、住院期间满岁者、全自费或已退费的明细不算",
)

"""限定支付: every limit of a point broken, and kept."""

from datetime import date, datetime, timedelta
from typing import Any

from yibao.supervision.kinds.item_allowed import ItemAllowed
from yibao.supervision.world import CLINIC, HOSPITAL, World

FIRST = datetime.fromisoformat("2021-02-01T09:00")


def violations(world: World, point: ItemAllowed, number: int) -> str:
    """A line that breaks the point's limits, all that it names."""
    psn_no = f"V{point.rule_id}{number:06d}"
    day = FIRST + timedelta(days=number % 250)
    who: dict[str, Any] = {"gend": "1", "brdy": day.date() - timedelta(days=40 * 365)}
    if point.sex:
        who["gend"] = "1" if point.sex == "2" else "2"
    if point.age_below and point.age_below > 40:
        who["brdy"] = day.date() - timedelta(days=(point.age_below + 1) * 366)
    if point.age_from:
        who["brdy"] = day.date() - timedelta(days=3 * 365)
    visit = world.visit(
        psn_no, day, fixmedins_code=CLINIC if point.level_from else HOSPITAL,
        med_type="11", insutype="390", **who,
    )  # fmt: skip
    world.line(visit, point.code, day + timedelta(minutes=20), cnt=1 + number % 3, yuan="12.50")
    return psn_no


def clean(world: World, point: ItemAllowed, number: int) -> str:
    """The same item where it is allowed."""
    psn_no = f"C{point.rule_id}{number:06d}"
    day = FIRST + timedelta(days=number % 250)
    age = timedelta(days=(point.age_below or 41) * 365 - 300) if not point.days_below else timedelta(days=5)
    visit = world.visit(
        psn_no, day, fixmedins_code=HOSPITAL, med_type=(point.care or "11").split()[0],
        insutype=(point.insurance or "390").split()[0], gend=point.sex or "2",
        brdy=max(day.date() - age, date(1930, 1, 1)),
    )  # fmt: skip
    world.line(visit, point.code, day + timedelta(minutes=20), cnt=1 + number % 3, yuan="12.50")
    return psn_no

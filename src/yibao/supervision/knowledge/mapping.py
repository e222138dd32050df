"""From a published point to the fields of a kind's points: what `sex: 女` or `window: 6小时` means there.

A published point without parameters is read by the few phrases below that the national points always use in the same
way; everything else stays text, and the rule awaits a list: a guessed indication would hit the innocent. Own points
name the kind's fields themselves, and for kinds with two roles the codes of the other role: `main` or `proof`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from yibao.supervision.knowledge.model import PublishedPoint

Fields = dict[str, Any]

SEXES = {"男": "1", "女": "2"}
LEVELS = {"一级": 1, "二级": 2, "三级": 3}
INPATIENT = "2101 2102 2105 2106 2107 2109 21303 21 22 23 24 26 28 52 2111 210303 1301"
"""住院可支付: every `med_type` of a stay; rescue in the emergency room (1301) counts as one."""
MATERNITY = "51 52 2106 2107"
"""限生育保险: since maternity insurance and employees' insurance are one fund, the kind of care tells."""
WINDOWS = {"同一小时": "hour", "6小时": "6hours", "单日": "day", "单次就诊": "visit"}
UNITS = {"天": "日"}
NOWHERE = "工伤"
"""No insurance type of the basic insurance: an item of the industrial-injury insurance is never payable here."""
EARLIEST_WORK = 16
"""法定就业年龄: from 16 (Labour Law art. 15); its end differs by sex and work and is not looked at."""
COUNT = 10_000
ROLES = {"second_line_first": "proof", "item_needs_item": "main"}
"""Kinds of which a point has the codes looked at, and in its parameters those of this other role."""
RESTRICTING = {"item_indication": {"needed", "forbidden"}, "item_department": {"departments", "forbidden"}}
"""Kinds that say nothing without one of these fields."""
SINGLE, COURSE = re.compile(r"单次"), re.compile(r"不超过(\d+)天|最多支付(\d+)天|(不超过一年)")


def _insurance(value: str) -> Fields:
    return {"care": MATERNITY} if value == "生育" else {"insurance": NOWHERE}


VALUES: dict[str, Callable[[Any], Fields]] = {
    "sex": lambda value: {"sex": SEXES.get(value, value)},
    "age_below": lambda value: {"age_below": int(value)},
    "insurance": _insurance,
    "care": lambda value: {"care": INPATIENT if value == "住院" else value},
    "min_level": lambda value: {"level_from": LEVELS[value]},
    "max_days": lambda value: {"max_days": int(value)},
    "max_qty": lambda value: {"max_count": int(value) * COUNT},
    "window_days": lambda value: {"window_days": int(value)},
    "unit": lambda value: {"unit": UNITS.get(value, value)},
}
"""Published parameters that have another name or value in the kinds."""
PUBLISHED_FREQUENCY = {"max_qty", "unit", "window"}


def fields_of(point: PublishedPoint, kind: str, parameters: Mapping[str, Any] | None = None) -> list[Fields]:
    """Point fields for each code of a point, over the rule's `parameters`; [] when it restricts nothing.

    `KeyError` or `ValueError` for a value that is not understood.
    """
    if not point.codes:
        return []
    if kind == "exclusive_pair" and "main" in point.params:
        return [{**(parameters or {}), **_pair(point)}]
    found = {**(parameters or {}), **_fields(point, kind)}
    if kind in ROLES:
        return _roles(point, found, ROLES[kind])
    if kind == "split_items":
        found = {"group": point.kp_id, **found}
    if kind in RESTRICTING and not RESTRICTING[kind] & {name for name in found if found[name]}:
        return []
    return [{"code": code, **found} for code in point.codes]


def _fields(point: PublishedPoint, kind: str) -> Fields:
    params = dict(point.params)
    if set(params) >= PUBLISHED_FREQUENCY:
        del params["window"]  # always the day
    found: Fields = {}
    for name, value in params.items():
        found.update(VALUES[name](value) if name in VALUES else {name: value})
    return {**found, **_of_text(point, kind, found)}


def _of_text(point: PublishedPoint, kind: str, found: Fields) -> Fields:
    """What only the published text says: the length and the period of a treatment, the age of working people."""
    if kind == "treatment_days" and "period" not in found:
        days = COURSE.search(point.text)
        length = {} if "max_days" in found or not days else {"max_days": int(days[1] or days[2] or 365)}
        return {**length, "period": "visit" if SINGLE.search(point.text) else "course"}
    if kind == "item_allowed" and not found and "法定就业年龄" in point.text:
        return {"age_from": EARLIEST_WORK}
    return {}


def _pair(point: PublishedPoint) -> Fields:
    main, _, included = point.item_name.partition("×")
    params = point.params
    return {
        "code": params["main"], "item": main, "other": params["included"], "other_item": included,
        "window": WINDOWS[params["window"]],
    }  # fmt: skip


def _roles(point: PublishedPoint, found: Fields, other: str) -> list[Fields]:
    others = str(found.pop(other, "")).split("|")
    if others == [""]:
        return []
    wanted = [{"code": code, "role": "needs", "group": point.kp_id, **found} for code in point.codes]
    return wanted + [{"code": code, "role": other, "group": point.kp_id, **found} for code in others]

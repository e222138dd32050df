"""From a published point to the fields of a kind's points: what `sex: 女` or `window: 6小时` means there.

A published point without parameters is read by the few phrases below that the national points use always in the same
way; everything else stays text, and the rule awaits a list. Own points name the kind's fields directly.
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
WINDOWS = {"同一小时": "hour", "6小时": "6h", "单日": "day", "单次就诊": "visit"}
NOWHERE = "工伤"
"""No insurance type of the basic insurance: a drug of the industrial-injury insurance is never payable here."""


def _insurance(value: str) -> Fields:
    return {"care": MATERNITY} if value == "生育" else {"insurance": NOWHERE}


VALUES: dict[str, Callable[[Any], Fields]] = {
    "sex": lambda value: {"sex": SEXES.get(value, value)},
    "age_below": lambda value: {"age_below": int(value)},
    "insurance": _insurance,
    "care": lambda value: {"care": INPATIENT if value == "住院" else value},
    "min_level": lambda value: {"level_from": LEVELS[value]},
}
"""Published parameters that have another name or value in the kinds."""


def fields_of(point: PublishedPoint) -> list[Fields]:
    """One dictionary of point fields for each code of the point; [] when it says nothing that can be compared.

    `KeyError` or `ValueError` for a value that is not understood.
    """
    if point.rule in WHOLE:
        return WHOLE[point.rule](point)
    if not point.codes:
        return []
    return [{"code": code, **_fields(point)} for code in point.codes]


def _fields(point: PublishedPoint) -> Fields:
    found: Fields = {}
    for name, value in _params(point).items():
        found.update(VALUES[name](value) if name in VALUES else {name: value})
    return found


def _params(point: PublishedPoint) -> Mapping[str, Any]:
    if point.params:
        return point.params
    return TEXTS[point.rule](point.text) if point.rule in TEXTS else {}


def _service_age(text: str) -> Fields:
    """限法定就业年龄段患者: from 16 (Labour Law art. 15); its end differs by sex and work and is not looked at."""
    return {"age_from": 16} if "法定就业年龄" in text else {}


TEXTS: dict[str, Callable[[str], Fields]] = {"医疗服务项目限年龄": _service_age}
"""Rules whose points are published as text only."""

WHOLE: dict[str, Callable[[PublishedPoint], list[Fields]]] = {}
"""Rules whose points have more than one code with a meaning."""

DAYS = re.compile(r"不?超过(\d+)天|最多支付(\d+)天")

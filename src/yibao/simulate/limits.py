"""Published limits of items (限定支付) that made-up bills keep: which items fit which visits, and how many at most.

The limits are the knowledge points that come with the platform (`supervision.knowledge.built_in`). They hold for every
pack of a product, whatever its maker. A limit is a bit that an item bars and a visit may have: an item is drawn for a
visit only when the two have no bit in common.

    bars_of          the bits that each item of the catalogue bars
    most_of          the most of an item on one bill, 0 where nothing is published
    situation_of     the bits of each visit
"""

from collections.abc import Callable, Iterable
from operator import or_
from typing import Any

import numpy as np

from yibao.simulate.care import BILLS, STAYS, Care
from yibao.simulate.model import Catalogue, Ints
from yibao.simulate.patients import Patients
from yibao.simulate.seasons import ages_on
from yibao.supervision.knowledge.built_in import built_in_points
from yibao.supervision.knowledge.model import PublishedPoint

MAN, WOMAN, GROWN_UP, WITHOUT_BED, BELOW_LEVEL_2, BELOW_LEVEL_3, NO_BIRTH, MONTHLY, ANYBODY = (1 << n for n in range(9))
GROWN = 18
BARS = {
    "药品儿童专用": GROWN_UP, "药品限儿童使用": GROWN_UP, "医疗服务项目儿童专用": GROWN_UP,
    "药品限就医方式": WITHOUT_BED, "药品限生育保险": NO_BIRTH, "药品限工伤保险": ANYBODY, "药品限支付疗程": MONTHLY,
    "中药饮片单复方均不予支付": ANYBODY, "中药饮片单方使用不予支付": ANYBODY,
    "项目关联缺失(有加收无主项)": ANYBODY, "加收重复": ANYBODY,
}  # fmt: skip
"""What the points of a title bar. Never drawn is what needs company that these bills do not give: herbs not paid alone,
since they are sold one at a time here, and surcharges (加收), which need their main item."""
LEVELS_FROM = {"二级": BELOW_LEVEL_2, "三级": BELOW_LEVEL_2 | BELOW_LEVEL_3}
COUNTED = ("医疗服务项目限定频次", "医疗服务项目周期超频次")
"""Titles whose points name the most in a time (`max_qty`)."""


def bars_of(catalogue: Catalogue) -> Ints:
    """int64 for each item."""
    sex = np.array([0, WOMAN, MAN])[catalogue.sex]
    return sex | _of_items(catalogue, ((code, _bar(point)) for point in built_in_points() for code in point.codes), or_)


def _bar(point: PublishedPoint) -> int:
    if point.rule == "药品限医疗机构级别":
        return LEVELS_FROM[str(point.params["min_level"])]
    return BARS.get(point.rule, 0)


def most_of(catalogue: Catalogue) -> Ints:
    """int64 for each item, in whole units."""
    counted = (point for point in built_in_points() if point.rule in COUNTED)
    most = ((code, int(str(point.params["max_qty"]))) for point in counted for code in point.codes)
    return _of_items(catalogue, most, min)


def _of_items(catalogue: Catalogue, of_codes: Iterable[tuple[str, int]], both: Callable[[int, int], int]) -> Ints:
    """Numbers of published codes for all items of the same name; `both` makes one number of two, 0 where none is."""
    names = dict(zip(catalogue.code.tolist(), catalogue.name.tolist(), strict=True))
    found: dict[str, int] = {}
    for code, number in of_codes:
        if name := names.get(code):
            found[name] = both(found[name], number) if name in found else number
    return np.array([found.get(name, 0) for name in catalogue.name.tolist()], np.int64)


def situation_of(care: Care, patients: Patients, level: Any) -> Ints:
    """int64 for each visit; `level` of its institution, 1 to 3, 9 none."""
    who = care.patient
    bits = {
        MAN: patients.sex[who] == 1, WOMAN: patients.sex[who] == 2,
        GROWN_UP: ages_on(patients.birth[who], care.end) >= GROWN, WITHOUT_BED: care.med_type < STAYS,
        BELOW_LEVEL_2: ~np.isin(level, (2, 3)), BELOW_LEVEL_3: level != 3, NO_BIRTH: care.delivery == 0,
        MONTHLY: care.bill == BILLS.index("chronic"),
    }  # fmt: skip
    situation = np.full(len(care), ANYBODY, np.int64)
    for bit, held in bits.items():
        situation |= np.where(held, bit, 0)
    return situation

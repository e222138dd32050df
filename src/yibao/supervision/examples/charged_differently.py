"""目录等级或自付比例不符: another class or ratio than the catalogue's, and the right ones."""

from datetime import timedelta
from typing import Any

from yibao.supervision.examples._common import day_of, first_of, order, outpatient, person_of
from yibao.supervision.kinds.charged_differently import ChargedDifferently
from yibao.supervision.world import World


def violations(world: World, point: ChargedDifferently, number: int) -> str:
    """As class 甲 without a first payment, or as 乙 where 甲 is right."""
    wrong = {"chrgitm_lv": "02" if point.class_expected == "01" else "01"}
    return _charged(world, point, number, "V", {**wrong, "selfpay_prop": 500 if point.ratio_expected == 0 else 0})


def clean(world: World, point: ChargedDifferently, number: int) -> str:
    """As the catalogue says; class 丙 is not insured."""
    right: dict[str, Any] = {"chrgitm_lv": point.class_expected or "02", "selfpay_prop": point.ratio_expected or 0}
    if point.class_expected == "03":
        right |= {"inscp_amt": 0, "selfpay_prop": 10_000}
    return _charged(world, point, number, "C", right)


def _charged(world: World, point: ChargedDifferently, number: int, letter: str, how: dict[str, Any]) -> str:
    psn_no, day = person_of(letter, point, number), day_of(point, number)
    visit = outpatient(world, psn_no, day, number, insutype=first_of(point.insurance, "390"))
    order(world, visit, point.code, day + timedelta(minutes=20), number, **how)
    return psn_no

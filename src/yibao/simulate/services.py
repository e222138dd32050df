"""Services and consumables (医疗服务项目、医用耗材) of the made-up catalogue.

Services have a price at level 3, which is their limit there too; lower levels have lower limits.
"""

import numpy as np

from yibao.core.money import BASIS_POINTS
from yibao.simulate.catalogue_plan import ConsumablePlan, ServicePlan
from yibao.simulate.catalogue_rows import (
    CONSUMABLES,
    NO_MORE,
    SERVICES,
    Known,
    Rows,
    class_pays,
    draw_pays,
    known_items,
    spread,
)
from yibao.simulate.model import LEVELS

BED, VISIT, EXAMINATION, TEST, TREATMENT, OPERATION, NURSING, GENERAL = 1, 2, 3, 4, 5, 6, 7, 12
MATERIAL_CHARGE = 8
CHARGE_OF_CHAPTER = {
    "0011": VISIT, "0012": NURSING, "0021": EXAMINATION, "0022": EXAMINATION, "0023": EXAMINATION, "0025": TEST,
    "0026": TEST, "0027": TEST, "0032": OPERATION, "0033": OPERATION, "0047": GENERAL,
}  # fmt: skip
"""Dictionary med_chrgitm_type by the first four digits of a service code; everything else is treatment."""
CHARGE_OF_WORD = {"床位": BED, "诊查": VISIT, "护理": NURSING, "监护": NURSING, "检查": EXAMINATION, "镜": EXAMINATION}
WORDS_COUNT_IN = ("0011", "0012", "0031")


def add_services(rows: Rows, plan: ServicePlan, draw: np.random.Generator) -> None:
    """Published services, then series over words, then the common ones."""
    common = {name for _, _, name, *_ in plan.common}
    for item in known_items():
        if item.code[0] == "0" and item.name not in common:
            pays = draw_pays(plan.classes, plan.own_shares, NO_MORE, draw)
            price = spread(plan.prices[item.code[:4]], plan.price_spread, draw)
            charge = charge_of(item.code, item.name)
            _add(rows, plan, item.code, item.name, charge, price, "次", 0.05, pays, item.sex)
    number = 0
    for series in plan.series:
        for name in (text.format(word) for text in series.names for word in plan.words[series.words]):
            number += 1
            pays = class_pays(series.chrgitm_lv, plan.own_shares, NO_MORE, draw)
            price = spread(series.price, plan.price_spread // 3, draw)
            _add(rows, plan, made_up(series.chapter, number), name, series.charge, price, "次", 1.0, pays)
    for chapter, charge, name, price, unit, weight, chrgitm_lv in plan.common:
        number += 1
        pays = class_pays(chrgitm_lv, plan.own_shares, NO_MORE, draw)
        known = _published(name)
        code = known.code if known else made_up(chapter, number)
        _add(rows, plan, code, name, charge, price, unit, weight, pays, known.sex if known else 0)


def charge_of(code: str, name: str) -> int:
    """Charge type of a published service."""
    if code[:4] in WORDS_COUNT_IN:
        for word, charge in CHARGE_OF_WORD.items():
            if word in name:
                return charge
    return CHARGE_OF_CHAPTER.get(code[:4], TREATMENT)


def made_up(chapter: str, number: int) -> str:
    """Fifteen digits: chapter, 99, number, no extension."""
    return f"{chapter}99{number:05d}0000"


def _published(name: str) -> Known | None:
    return next((item for item in known_items() if item.name == name and item.code[0] == "0"), None)


def _add(
    rows: Rows, plan: ServicePlan, code: str, name: str, charge: int, price: int, unit: str, weight: float,
    pays: tuple[int, int, int], sex: int = 0,
) -> None:  # fmt: skip
    limits = tuple(max(1, price * part // BASIS_POINTS) for part in plan.level_prices)
    rows.add(
        code=code, name=name, kind=(SERVICES, code[:4], charge), pays=pays, price=price, limit=limits, weight=weight,
        spec="", unit=unit, sex=sex,
    )  # fmt: skip


def add_consumables(rows: Rows, plan: ConsumablePlan, draw: np.random.Generator) -> None:
    """Every product in several sizes of several makers."""
    for product, (group, name, price, unit, weight) in enumerate(plan.common):
        pays = draw_pays(plan.classes, plan.own_shares, NO_MORE, draw)
        packs = plan.makers * plan.sizes
        for number in range(packs):
            maker, size = divmod(number, plan.sizes)
            cost = spread(price, plan.maker_spread, draw)
            capped = pays[0] == 2 and draw.integers(BASIS_POINTS) < plan.price_limit
            rows.add(
                code=f"C9900{product:03d}05{size + 1:05d}{99001 + maker:05d}",
                name=name, kind=(CONSUMABLES, group, MATERIAL_CHARGE), pays=pays, price=cost,
                limit=(cost * 95 // 100 if capped else -1,) * len(LEVELS), weight=weight / packs,
                spec=f"规格{size + 1}", unit=unit,
            )  # fmt: skip

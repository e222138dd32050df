"""Drugs and herbs (药品、中药饮片) of the made-up catalogue: products with several packs, herbs plain and processed.

The first pack of a published product has its published code; the others are of made-up makers, 99001 and on.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from yibao.core.money import BASIS_POINTS
from yibao.simulate.catalogue_plan import DrugPlan, HerbPlan
from yibao.simulate.catalogue_rows import DRUGS, HERBS, NO_MORE, Rows, draw_pays, known_items, spread
from yibao.simulate.model import LEVELS

WESTERN_CHARGE, HERB_CHARGE, PATENT_CHARGE = 9, 10, 11
FIRST_MAKER = 99_001


@dataclass(frozen=True, slots=True)
class _Product:
    """One product with all its packs; `stem` is the code without pack and maker, `price` fen of a usual pack."""

    stem: str
    name: str
    price: int
    unit: str
    weight: int
    packs: int
    classes: tuple[int, int, int]
    published: str = ""
    sex: int = 0

    @property
    def kind(self) -> tuple[int, str, int]:
        """List type, group, charge type."""
        if self.stem[0] == "Z":
            return DRUGS, self.stem[:4], PATENT_CHARGE
        return DRUGS, self.stem[1:4], WESTERN_CHARGE


def add_drugs(rows: Rows, plan: DrugPlan, draw: np.random.Generator) -> None:
    """Common products first, then the published names; the rest of `count` is shared evenly."""
    makers: Counter[str] = Counter()
    for product in [*_common(plan), *_published(plan, draw)]:
        _add_product(rows, plan, product, FIRST_MAKER + makers[product.stem], draw)
        makers[product.stem] += product.packs


def _common(plan: DrugPlan) -> Iterator[_Product]:
    for number, (atc, name, price, unit, weight) in enumerate(plan.common):
        stem = f"X{atc}{chr(65 + number % 26)}{900 + number % 100}A001"
        yield _Product(stem, name, price, unit, weight, plan.common_packs, plan.common_classes)


def _published(plan: DrugPlan, draw: np.random.Generator) -> Iterator[_Product]:
    known = [item for item in known_items() if item.code[0] in "XZ"]
    left = plan.count - len(plan.common) * plan.common_packs
    for number, item in enumerate(known):
        packs = left * (number + 1) // len(known) - left * number // len(known)
        price = spread(next(price for word, price in plan.prices if word in item.name), plan.price_spread, draw)
        unit = next(unit for word, unit in plan.units if word in item.name)
        stem = item.code[:14] if item.code[0] == "X" else item.code[:11]
        yield _Product(stem, item.name, price, unit, 1, packs, plan.classes, item.code, item.sex)


def _add_product(rows: Rows, plan: DrugPlan, product: _Product, maker: int, draw: np.random.Generator) -> None:
    """Packs of one product; the first ones sell most."""
    pays = draw_pays(product.classes, plan.own_shares, plan.resident_more, draw)
    limited = bool(draw.integers(BASIS_POINTS) < plan.limited_use)
    shares = 1 / (np.arange(product.packs) + 1.0)
    for number in range(product.packs):
        code = f"{product.stem}{number % 4 + 1:02d}{number // 4 % 10 + 1:02d}{maker + number:05d}"
        cost = spread(product.price, plan.pack_spread, draw)
        capped = pays[0] == 2 and draw.integers(BASIS_POINTS) < plan.price_limit
        bound = cost * int(draw.integers(80, 101)) // 100 if capped else -1
        rows.add(
            code=product.published if product.published and number == 0 else code,
            name=product.name, kind=product.kind, pays=pays, price=cost, limit=(bound,) * len(LEVELS),
            weight=float(product.weight * shares[number] / shares.sum()), spec=_spec(plan, product.unit, draw),
            unit=product.unit, sex=product.sex, limited=limited,
        )  # fmt: skip


def _spec(plan: DrugPlan, unit: str, draw: np.random.Generator) -> str:
    strength = plan.strengths[draw.integers(len(plan.strengths))]
    return f"{strength}×{plan.packs[draw.integers(len(plan.packs))]}" if unit == "盒" else strength


def add_herbs(rows: Rows, plan: HerbPlan, draw: np.random.Generator) -> None:
    """Published herbs as they are, then processed kinds of them."""
    known = [item for item in known_items() if item.code[0] == "T"]
    for number in range(plan.count):
        item, round_ = known[number % len(known)], number // len(known)
        name = item.name if round_ == 0 else plan.processings[round_ - 1] + item.name
        code = item.code if round_ == 0 else f"T99{number:07d}"
        cost = spread(plan.price, plan.price_spread, draw)
        pays = draw_pays(plan.classes, {1000: 1}, NO_MORE, draw)
        rows.add(
            code=code, name=name, kind=(HERBS, item.code[:3], HERB_CHARGE), pays=pays, price=cost,
            limit=(-1,) * len(LEVELS), weight=1.0 if round_ == 0 else 0.3, spec="饮片", unit="g", sex=item.sex,
        )  # fmt: skip

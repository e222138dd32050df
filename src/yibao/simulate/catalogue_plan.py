"""catalogue.yaml of a city as records: how many items of each kind, what they cost, how they are paid.

Prices are fen, shares per ten thousand, spreads thousandths of the logarithm.
"""

import msgspec

from yibao.simulate.plan import Origin

Shares = dict[int, int]
"""Own share in basis points → how many of ten thousand have it."""
Words = tuple[tuple[str, str | int], ...]
"""The first word found in a name counts; "" is found in all."""
CommonDrug = tuple[str, str, int, str, int]
CommonService = tuple[str, int, str, int, str, int, int]
CommonConsumable = tuple[str, str, int, str, int]


class ResidentMore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`share` of the products have `points` basis points more own share for residents."""

    share: int
    points: int


class DrugPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Western and Chinese patent medicines: products with several packs each."""

    count: int
    common_packs: int
    classes: tuple[int, int, int]
    common_classes: tuple[int, int, int]
    own_shares: Shares
    resident_more: ResidentMore
    limited_use: int
    price_limit: int
    prices: tuple[tuple[str, int], ...]
    price_spread: int
    pack_spread: int
    units: tuple[tuple[str, str], ...]
    packs: tuple[str, ...]
    strengths: tuple[str, ...]
    common: tuple[CommonDrug, ...]


class HerbPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Herbs (中药饮片); `price` fen a gram."""

    count: int
    classes: tuple[int, int, int]
    processings: tuple[str, ...]
    price: int
    price_spread: int


class Series(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"chrgitm_lv": "class"}):
    """One service for every word: an organ, an analyte."""

    chapter: str
    charge: int
    price: int
    names: tuple[str, ...]
    words: str
    chrgitm_lv: int


class ServicePlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Service items (医疗服务项目); `level_prices` at levels 1, 2, 3, 9 of the price at level 3."""

    classes: tuple[int, int, int]
    own_shares: Shares
    level_prices: tuple[int, int, int, int]
    series: tuple[Series, ...]
    words: dict[str, tuple[str, ...]]
    prices: dict[str, int]
    price_spread: int
    common: tuple[CommonService, ...]


class ConsumablePlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Consumables (医用耗材): products of several makers in several sizes."""

    makers: int
    sizes: int
    classes: tuple[int, int, int]
    own_shares: Shares
    price_limit: int
    maker_spread: int
    common: tuple[CommonConsumable, ...]


class CataloguePlan(Origin, frozen=True, kw_only=True):
    """catalogue.yaml."""

    drugs: DrugPlan
    herbs: HerbPlan
    services: ServicePlan
    consumables: ConsumablePlan

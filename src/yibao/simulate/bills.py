"""What bills consist of (账单构成): `lines.yaml`, and the pools of the catalogue that its parts draw from.

A pool is a piece of the catalogue in the order of price, so that an item can be found whose price suits the money
there is. The drugs of each chronic disease are a pool of their own.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from yibao.core.config import ConfigurationError
from yibao.simulate.care import BILLS
from yibao.simulate.illness import CarePlan
from yibao.simulate.model import Catalogue, Ints
from yibao.simulate.plan import read_plan

OWN = -1
"""Pool of a part whose drugs depend on the chronic disease of the visit."""


class Pool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Items of these charge types (med_chrgitm_type)."""

    charge: tuple[int, ...]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One part of a bill: relative `share` of the money in `least` or more lines, `lines` on average; or one `daily`.

    A pack may be split into `split` doses.
    """

    pool: str
    share: float = 0
    least: int = 0
    lines: float = 0
    daily: bool = False
    split: int = 1


class BillPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """lines.yaml. `approved` percent of restricted drugs; a price is at most the line's money and at least 1/`cheapest`
    of it; `daily_most`, `rest_least` percent of a bill."""

    unverified: bool
    note: str
    pools: dict[str, Pool]
    bills: dict[str, tuple[Part, ...]]
    approved: int
    cheapest: int
    per_prescription: int
    daily_most: int
    rest_least: int


class Pools(NamedTuple):
    """All pools one after another: pool p is `first[p]` … `first[p + 1]` of `item` (place in the catalogue),
    `price` (fen, rounded up) and `bounds` (cumulative weight within the pool, starting with 0)."""

    first: Ints
    item: Ints
    price: Ints
    bounds: Any


@dataclass(frozen=True)
class Billing:
    """The plan with its pools. `own[c]` is the pool of chronic disease c."""

    plan: BillPlan
    names: tuple[str, ...]
    pools: Pools
    own: Ints

    def parts(self, bill: int) -> tuple[Part, ...]:
        """The parts of a kind of bill, daily ones first."""
        return tuple(sorted(self.plan.bills[BILLS[bill]], key=lambda part: not part.daily))

    def pool(self, part: Part) -> int:
        """The number of a part's pool, or OWN."""
        return OWN if part.pool == "own" else self.names.index(part.pool)


def billing_of(folder: Path, plan: CarePlan, catalogue: Catalogue) -> Billing:
    """Read `lines.yaml` of a city and make its pools."""
    bills = read_plan(BillPlan, folder / "lines.yaml")
    for name in BILLS:
        for part in bills.bills.get(name, ()):
            if part.pool != "own" and part.pool not in bills.pools:
                raise ConfigurationError(f"lines.yaml: {name}: no pool is called {part.pool}")
        if name not in bills.bills:
            raise ConfigurationError(f"lines.yaml: the bill {name} is missing")
    rows = [np.flatnonzero(np.isin(catalogue.charge_type, pool.charge)) for pool in bills.pools.values()]
    western = np.flatnonzero(catalogue.charge_type == 9)
    for disease in plan.illness.chronic:
        own = western[np.isin(catalogue.group[western], disease.groups)]
        rows.append(own if len(own) else western)
    own_first = len(bills.pools)
    numbers = np.arange(own_first, len(rows))
    return Billing(bills, tuple(bills.pools), _pools(rows, catalogue), numbers)


def _pools(rows: list[Ints], catalogue: Catalogue) -> Pools:
    items, prices, bounds, first = [], [], [], [0]
    for piece in rows:
        ordered = piece[np.argsort(catalogue.price[piece], kind="stable")]
        weight = np.maximum(catalogue.weight[ordered], 1e-9)
        items.append(ordered)
        prices.append(-(-catalogue.price[ordered] // 10_000))
        bounds.append(np.cumsum(weight))
        first.append(first[-1] + len(ordered))
    return Pools(np.array(first), np.concatenate(items), np.concatenate(prices), np.concatenate(bounds))

"""Fee lines of visits (费用明细), compiled: item, quantity, amount, and the split of `benefits.classify` per line.

`bill_lines` first draws how many lines each part of each bill has, then a loop gives every line an item whose price
suits it and a quantity, all in integers. The lines are the bill: what a visit costs is the sum of its lines.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from yibao.benefits.batch.compiling import compiled
from yibao.benefits.visit import PRICE_UNIT_PER_FEN, QUANTITY_UNIT
from yibao.core.money import divide_half_up, share_of
from yibao.simulate.bills import OWN, Billing
from yibao.simulate.care import BILLS, STAYS, Care
from yibao.simulate.limits import bars_of, most_of, situation_of
from yibao.simulate.model import LEVELS, Catalogue, Ints
from yibao.simulate.patients import Patients
from yibao.simulate.providers import Providers

(
    LINE_ITEM, LINE_QUANTITY, LINE_AMOUNT, LINE_FULL, LINE_OVER, LINE_PREPAY, LINE_IN_SCOPE, LINE_DAY, LINE_SECOND,
    LINE_APPROVED, LINE_PRESCRIPTION, LINE_DAYS,
) = range(12)  # fmt: skip
LINE_WIDTH = 12
APPROVED, REFUSED, NOT_NEEDED = 1, 2, 0
"""Dictionary hosp_appr_flag."""
LONGEST = 90
"""Days of a stay that are billed one by one."""
DRUGS = (9, 10, 11)


class Items(NamedTuple):
    """The catalogue as the loop reads it; `limit[item][level]`, `own_share[item][0 resident, 1 employee]`.

    `bars` and `most` are the published limits of `limits`.
    """

    price: Ints
    limit: Ints
    own_share: Ints
    excluded: Any
    restricted: Any
    drug: Any
    bars: Ints
    most: Ints


class Parts(NamedTuple):
    """Parts of bills in the order of visits: visit v has the parts `first[v]` … `first[v + 1]`."""

    first: Ints
    pool: Ints
    share: Ints
    number: Ints
    daily: Any
    split: Ints


class Bills(NamedTuple):
    """What the loop knows of each visit."""

    target: Ints
    level: Ints
    employee: Ints
    situation: Ints
    begin: Ints
    end: Ints
    second: Ints
    stay: Any
    prescribed_days: Ints


class Rules(NamedTuple):
    """Numbers of the plan, percent."""

    approved: int
    cheapest: int
    per_prescription: int
    daily_most: int
    rest_least: int


@dataclass(frozen=True)
class Lines:
    """All lines of a piece: visit v has the lines `first[v]` … `first[v + 1]` of `rows[line][LINE_…]`."""

    first: Ints
    rows: Ints

    def sums(self, column: int) -> Any:
        """Σ of one column for each visit."""
        total = np.concatenate([[0], np.cumsum(self.rows[:, column])])
        return total[self.first[1:]] - total[self.first[:-1]]


def items_of(catalogue: Catalogue) -> Items:
    """The columns of the catalogue that lines need."""
    shares = np.stack([catalogue.own_share_resident, catalogue.own_share], axis=1).astype(np.int64)
    return Items(
        catalogue.price, catalogue.limit, shares, catalogue.chrgitm_lv == 3, catalogue.limited_use,
        np.isin(catalogue.charge_type, DRUGS), bars_of(catalogue), most_of(catalogue),
    )  # fmt: skip


def bill_lines(
    care: Care, patients: Patients, providers: Providers, billing: Billing, items: Items, draw: np.random.Generator
) -> Lines:
    """The lines of all visits, in the order of visits."""
    parts = _parts(care, billing, draw)
    per_visit = np.add.reduceat(np.append(parts.number, 0), parts.first[:-1]) if len(care) else np.zeros(0, np.int64)
    first = np.concatenate([[0], np.cumsum(per_visit)])
    rows = np.zeros((int(first[-1]), LINE_WIDTH), np.int64)
    plan = billing.plan
    stay = care.med_type >= STAYS
    level = providers.level[care.place]
    bills = Bills(
        care.target, np.searchsorted(LEVELS, level), patients.employee[care.patient].astype(np.int64),
        situation_of(care, patients, level), care.begin, care.end, care.second, stay,
        np.where(care.bill == BILLS.index("chronic"), 30, 7),
    )  # fmt: skip
    rules = Rules(plan.approved, plan.cheapest, plan.per_prescription, plan.daily_most, plan.rest_least)
    chances = draw.integers(0, 1 << 62, len(rows))
    _fill(first, rows, bills, parts, billing.pools, items, rules, chances)
    return Lines(first, rows)


def _parts(care: Care, billing: Billing, draw: np.random.Generator) -> Parts:
    """How many lines each part of each bill has."""
    width = np.array([len(billing.parts(bill)) for bill in range(len(BILLS))])
    first = np.concatenate([[0], np.cumsum(width[care.bill])])
    size = int(first[-1])
    pool, share, count, split = (np.zeros(size, np.int64) for _ in range(4))
    daily = np.zeros(size, np.bool_)
    days = np.clip(care.end - care.begin, 1, LONGEST)
    for bill in range(len(BILLS)):
        here = np.flatnonzero(care.bill == bill)
        for number, part in enumerate(billing.parts(bill)):
            places, kind = first[here] + number, billing.pool(part)
            pool[places] = billing.own[np.maximum(care.dise[here], 0)] if kind == OWN else kind
            share[places], split[places], daily[places] = round(part.share * 10), part.split, part.daily
            drawn = part.least + draw.poisson(max(part.lines - part.least, 0), len(here))
            count[places] = days[here] if part.daily else drawn
    return Parts(first, pool, share, count, daily, split)


@compiled
def _found(bounds: Any, low: int, high: int, value: Any) -> Any:
    """The first place in low … high − 1 with bounds[place] > value; `high` when there is none."""
    while low < high:
        middle = (low + high) >> 1
        if bounds[middle] > value:
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def _item(pools: Any, pool: int, money: int, cheapest: int, chance: Any, situation: int, bill: Any, items: Any) -> Any:
    """An item of the pool: by weight among those that cost at most `money` and not too little; the next that fits."""
    first, last = pools.first[pool], pools.first[pool + 1]
    high = max(_found(pools.price, first, last, money), min(first + 2, last))
    low = min(_found(pools.price, first, last, money // cheapest - 1), max(high - 3, first))
    below = pools.bounds[low - 1] if low > first else 0.0
    value = below + (pools.bounds[high - 1] - below) * chance
    place = min(_found(pools.bounds, low, high, value), high - 1)
    for _ in range(last - first):
        if _fits(pools.item[place], situation, bill, items):
            break
        place = place + 1 if place + 1 < last else first
    return pools.item[place]


@compiled
def _fits(item: int, situation: int, bill: Any, items: Any) -> Any:
    """Whether nothing bars the item; what is counted stands on a bill once."""
    if items.bars[item] & situation:
        return False
    if items.most[item] > 0:
        for k in range(len(bill)):
            if bill[k][LINE_ITEM] == item:
                return False
    return True


@compiled
def _classify(line: Any, item: int, level: int, employee: int, items: Any) -> None:
    """The split of `benefits.classify` without rows of a pack."""
    amount = line[LINE_AMOUNT]
    if items.excluded[item] or (items.restricted[item] and line[LINE_APPROVED] == REFUSED):
        line[LINE_FULL] = amount
        return
    limit = items.limit[item][level]
    if limit >= 0:
        allowed = divide_half_up(limit * line[LINE_QUANTITY], QUANTITY_UNIT * PRICE_UNIT_PER_FEN)
        line[LINE_OVER] = max(0, amount - allowed)
    line[LINE_PREPAY] = share_of(amount - line[LINE_OVER], items.own_share[item][employee])
    line[LINE_IN_SCOPE] = amount - line[LINE_OVER] - line[LINE_PREPAY]


@compiled
def _price(line: Any, item: int, quantity: int, items: Any) -> None:
    """Item, quantity and amount of a line."""
    line[LINE_ITEM], line[LINE_QUANTITY] = item, quantity
    line[LINE_AMOUNT] = divide_half_up(items.price[item] * quantity, QUANTITY_UNIT * PRICE_UNIT_PER_FEN)


@compiled
def _when(line: Any, visit: int, day: int, bills: Any, chance: Any) -> None:
    """When a line arose: on its day in a stay, else in the half hour before the settlement."""
    if bills.stay[visit] and day < bills.end[visit]:
        line[LINE_DAY], line[LINE_SECOND] = day, 7 * 3600 + chance % 43_200
    else:
        line[LINE_DAY], line[LINE_SECOND] = bills.end[visit], bills.second[visit] - 30 - chance % 1_770


@compiled
def _fill(first: Any, rows: Any, bills: Any, parts: Any, pools: Any, items: Any, rules: Any, chances: Any) -> None:
    """Every line of every visit."""
    for visit in range(len(first) - 1):
        at, spent, shares = first[visit], 0, 0
        days = max(1, min(bills.end[visit] - bills.begin[visit], LONGEST))
        for part in range(parts.first[visit], parts.first[visit + 1]):
            if parts.daily[part] and parts.number[part] > 0:
                most = bills.target[visit] * rules.daily_most // 100 // days
                chance = (chances[at] & 0xFFFFFF) / 0x1000000
                item = _item(pools, parts.pool[part], most, rules.cheapest, chance, bills.situation[visit],
                             rows[first[visit] : at], items)  # fmt: skip
                for day in range(parts.number[part]):
                    line = rows[at]
                    _price(line, item, QUANTITY_UNIT, items)
                    _finish(line, visit, bills.begin[visit] + day, bills, items, rules, chances[at], at - first[visit])
                    spent += line[LINE_AMOUNT]
                    at += 1
            elif parts.number[part] > 0:
                shares += parts.share[part]
        rest = max(bills.target[visit] - spent, bills.target[visit] * rules.rest_least // 100)
        for part in range(parts.first[visit], parts.first[visit + 1]):
            count = parts.number[part]
            if parts.daily[part] or count == 0:
                continue
            money, weights = rest * parts.share[part] // shares, 0
            for k in range(at, at + count):
                weights += 4 + ((chances[k] >> 24) & 15)
            dose = QUANTITY_UNIT // parts.split[part]
            for k in range(at, at + count):
                line, chance = rows[k], chances[k]
                mine = money * (4 + ((chance >> 24) & 15)) // weights
                wanted = mine * parts.split[part] if parts.split[part] > 1 else mine
                item = _item(pools, parts.pool[part], max(mine, wanted // 2), rules.cheapest,
                             (chance & 0xFFFFFF) / 0x1000000, bills.situation[visit], rows[first[visit] : k],
                             items)  # fmt: skip
                doses = divide_half_up(mine * PRICE_UNIT_PER_FEN * parts.split[part], items.price[item])
                quantity = max(1, doses) * dose
                if items.most[item] > 0:
                    quantity = min(quantity, items.most[item] * QUANTITY_UNIT)
                _price(line, item, quantity, items)
                day = bills.begin[visit] + (chance >> 40) % days
                _finish(line, visit, day, bills, items, rules, chance, k - first[visit])
            at += count


@compiled
def _finish(line: Any, visit: int, day: int, bills: Any, items: Any, rules: Any, chance: Any, number: int) -> None:
    """Time, approval, prescription and classification of a line that has its item and amount."""
    item = line[LINE_ITEM]
    _when(line, visit, day, bills, chance >> 28)
    line[LINE_APPROVED] = NOT_NEEDED
    if items.restricted[item]:
        line[LINE_APPROVED] = APPROVED if (chance >> 33) % 100 < rules.approved else REFUSED
    line[LINE_PRESCRIPTION] = number // rules.per_prescription + 1
    if items.drug[item]:
        line[LINE_DAYS] = 1 if bills.stay[visit] else bills.prescribed_days[visit]
    _classify(line, item, bills.level[visit], bills.employee[visit], items)

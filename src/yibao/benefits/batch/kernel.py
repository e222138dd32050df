"""Loops over the visits of each person in the order of time: which admission, what each layer pays, who gains.

`pay_persons` calls the very functions of `yibao.benefits.arithmetic`. Accumulators are found by an integer key in a
small table of the person's own, emptied from person to person; a scratch slot is forgotten after each visit.

Shapes. `plan_of[kind][admission class]` a plan number, REFUSED or UNKNOWN. `offsets[plan][PLAN_…]` where its rows
stand in the tables of all plans; `slots[s][SLOT_…]`. `plans[k]`, `fund[k]` by record. Amounts in fen.
"""

from typing import Any

import numpy as np

from yibao.benefits.arithmetic import OUT_PAID, OUT_WIDTH, walk_layers
from yibao.benefits.batch.compiling import compiled
from yibao.benefits.batch.sorting import (
    DAY_MASK,
    DAYS_SHIFT,
    RECORD_FULL_SELF_PAY,
    RECORD_GROUP,
    RECORD_KIND,
    RECORD_VISIT,
    RECORD_WHEN,
)

Array = Any

REFUSED, UNKNOWN = -1, -2
(
    PLAN_LAYER, PLAN_LAYERS, PLAN_BASE, PLAN_SEGMENT, PLAN_SEGMENTS, PLAN_CAP, PLAN_SLOT, PLAN_SLOTS,
) = range(8)  # fmt: skip
PLAN_WIDTH = 8
SLOT_PERIOD, SLOT_NAME, SLOT_BY_DISEASE = range(3)
PERIOD_SCRATCH, PERIOD_YEAR, PERIOD_MONTH, PERIOD_STAY, PERIOD_DAY = range(5)
# An accumulator's key: which (10 bits), in which year, month, stay or day (28 bits), for which disease (24 bits).
NAME_SHIFT, PERIOD_SHIFT = 52, 24
EMPTY = -1

(
    GROUP_VISITS, GROUP_TOTAL, GROUP_FUND_A, GROUP_FUND_B, GROUP_PEOPLE, GROUP_BETTER, GROUP_WORSE, GROUP_RELIEF,
    GROUP_BURDEN, GROUP_LARGEST_RELIEF, GROUP_LARGEST_BURDEN,
) = range(11)  # fmt: skip
GROUP_WIDTH = 11


@compiled
def counted_before(k: int, start: int, records: Array, stays: Array, plans: Array, counts: Array) -> bool:
    """Whether an earlier bill of the same stay was counted as an admission."""
    stay = stays[records[k][RECORD_VISIT]] if len(stays) else 0
    if stay == 0:
        return False
    for j in range(start, k):
        if stays[records[j][RECORD_VISIT]] == stay and counts[records[j][RECORD_KIND]] and plans[j] != REFUSED:
            return True
    return False


@compiled
def largest(first: int, last: int, starts: Array) -> int:
    """The largest number of visits of one of the persons."""
    most = 0
    for person in range(first, last):
        most = max(most, starts[person + 1] - starts[person])
    return most


@compiled
def table_size(visits: int, slots: int) -> int:
    """A power of two, at least twice the number of accumulators that so many visits can touch."""
    size = 4
    while size < 2 * visits * slots:
        size *= 2
    return size


@compiled
def place_of(
    slot: Array, day: int, days: int, visit: int, year_of: Array, month_of: Array, stays: Array, diseases: Array,
    keys: Array, values: Array, size: int,
) -> int:  # fmt: skip
    """Where the accumulator of a slot stands in the person's table, entered with 0 when new; -1 for scratch.

    As `evaluate.accumulator_keys`: what counts per stay is kept only for a numbered stay, and what counts per day is
    kept by day outside a stay.
    """
    period = slot[SLOT_PERIOD]
    stay = np.int64(stays[visit]) if len(stays) else np.int64(0)
    if period == PERIOD_YEAR:
        when = np.int64(year_of[day])
    elif period == PERIOD_MONTH:
        when = np.int64(month_of[day])
    elif period == PERIOD_DAY and days == 0:
        when = np.int64(day)
    elif period == PERIOD_SCRATCH or stay == 0:
        return -1
    else:
        when = stay + (1 << 27 if period == PERIOD_DAY else 0)
    key = (slot[SLOT_NAME] << NAME_SHIFT) | (when << PERIOD_SHIFT)
    if slot[SLOT_BY_DISEASE] == 1:
        key |= np.int64(diseases[visit])
    place = ((key * 0x9E3779B97F4A7C1) >> 20) & (size - 1)
    while keys[place] != key:
        if keys[place] == EMPTY:
            keys[place], values[place] = key, 0
            break
        place = (place + 1) & (size - 1)
    return place


@compiled
def take_portions(record: Array, extra: Array, portions: Array) -> int:
    """Fill the portions of a bill and return its total; the pack's own portions are part of what is in scope."""
    total = np.int64(0)
    portions[:] = 0
    for p in range(4):
        portions[p] = record[RECORD_FULL_SELF_PAY + p]
        total += portions[p]
    for e in range(len(extra)):
        portions[4 + e] = extra[e][record[RECORD_VISIT]]
        portions[3] -= portions[4 + e]
    return total


@compiled
def add_visit(record: Array, fund_a: int, fund_b: int, group: Array) -> None:
    """Add one visit to a row of groups."""
    group[GROUP_VISITS] += 1
    for p in range(4):
        group[GROUP_TOTAL] += record[RECORD_FULL_SELF_PAY + p]
    group[GROUP_FUND_A] += fund_a
    group[GROUP_FUND_B] += fund_b


@compiled
def gather(spare: Array, found: int, year: int, group: int, change: int) -> int:
    """Add a change of burden to the person's entry (year, group, change); returns how many entries there are."""
    for j in range(found):
        if spare[j][0] == year and spare[j][1] == group:
            spare[j][2] += change
            return found
    spare[found][0], spare[found][1], spare[found][2] = year, group, change
    return found + 1


@compiled
def add_person(change: int, group: Array) -> None:
    """Count one person's year by the change of its burden."""
    group[GROUP_PEOPLE] += 1
    if change < 0:
        group[GROUP_BETTER] += 1
        group[GROUP_RELIEF] -= change
        group[GROUP_LARGEST_RELIEF] = max(group[GROUP_LARGEST_RELIEF], -change)
    elif change > 0:
        group[GROUP_WORSE] += 1
        group[GROUP_BURDEN] += change
        group[GROUP_LARGEST_BURDEN] = max(group[GROUP_LARGEST_BURDEN], change)


@compiled
def number_admissions(
    first: int, last: int, starts: Array, records: Array, year_of: Array, first_year: int, years: int, stays: Array,
    counts: Array, class_of: Array, plan_of: Array, plans: Array, examples: Array, example_numbers: Array,
) -> int:  # fmt: skip
    """Give each visit its plan, which may depend on the admission of the year; returns how many had none yet.

    Counted as the counter does: a stay in several bills once, a refused admission never. A combination without a
    plan is noted in `examples[kind][class]` (a record) and `example_numbers` (its admission).
    """
    so_far, unknown = np.zeros(years, np.int64), 0
    for person in range(first, last):
        so_far[:] = 0
        for k in range(starts[person], starts[person + 1]):
            kind = records[k][RECORD_KIND]
            year = year_of[records[k][RECORD_WHEN] & DAY_MASK] - first_year
            counted = counts[kind] and not counted_before(k, starts[person], records, stays, plans, counts)
            number = so_far[year] + 1 if counted else max(so_far[year], 1)
            plan = plan_of[kind][class_of[number]]
            plans[k] = plan
            if plan == UNKNOWN:
                unknown += 1
                examples[kind][class_of[number]] = k
                example_numbers[kind][class_of[number]] = number
            if counted and plan != REFUSED:
                so_far[year] += 1
    return unknown


@compiled
def pay_persons(
    first: int, last: int, starts: Array, records: Array, plans: Array, offsets: Array, layers: Array,
    layer_numbers: Array, bases: Array, segments: Array, caps: Array, slots: Array, year_of: Array, month_of: Array,
    stays: Array, diseases: Array, extra: Array, sizes: Array, fund: Array, paid: Array, detail: Array,
) -> None:  # fmt: skip
    """Settle every visit: `fund[k]`, and `paid[group][layer of the pack]` added up.

    `sizes` = largest number of portions, layers, segments and slots of a plan. `extra[e][visit]` are portions of the
    pack's own, taken out of what is in scope. `detail[visit][layer]` takes everything a layer did (`arithmetic.OUT_…`) unless it is empty.
    """
    portions, out = np.zeros(sizes[0], np.int64), np.zeros((sizes[1], OUT_WIDTH), np.int64)
    segment_out, acc, places = (
        np.zeros((sizes[2], 2), np.int64),
        np.zeros(sizes[3], np.int64),
        np.zeros(sizes[3], np.int64),
    )
    room = table_size(largest(first, last, starts), sizes[3])
    keys, values = np.full(room, EMPTY, np.int64), np.zeros(room, np.int64)
    for person in range(first, last):
        size = table_size(starts[person + 1] - starts[person], sizes[3])
        keys[:size] = EMPTY
        for k in range(starts[person], starts[person + 1]):
            if plans[k] < 0:
                continue
            record, plan = records[k], offsets[plans[k]]
            visit, day, days = record[RECORD_VISIT], record[RECORD_WHEN] & DAY_MASK, record[RECORD_WHEN] >> DAYS_SHIFT
            layer, count = plan[PLAN_LAYER], plan[PLAN_LAYERS]
            total = take_portions(record, extra, portions)
            slot, used = plan[PLAN_SLOT], plan[PLAN_SLOTS]
            for s in range(used):
                places[s] = place_of(
                    slots[slot + s], day, days, visit, year_of, month_of, stays, diseases, keys, values, size
                )
                acc[s] = values[places[s]] if places[s] >= 0 else 0
            out[:count] = 0
            walk_layers(
                layers[layer : layer + count], bases[plan[PLAN_BASE] :],
                segments[plan[PLAN_SEGMENT] : plan[PLAN_SEGMENT] + plan[PLAN_SEGMENTS]], caps[plan[PLAN_CAP] :],
                total, days, portions, acc, out, segment_out,
            )  # fmt: skip
            for s in range(used):
                if places[s] >= 0:
                    values[places[s]] = acc[s]
            spent = np.int64(0)
            for i in range(count):
                paid[record[RECORD_GROUP]][layer_numbers[layer + i]] += out[i][OUT_PAID]
                spent += out[i][OUT_PAID]
            fund[k] = spent
            if len(detail):
                for i in range(count):
                    detail[visit][layer_numbers[layer + i]] = out[i]


@compiled
def compare_persons(
    first: int, last: int, starts: Array, records: Array, year_of: Array, fund_a: Array, fund_b: Array, groups: Array,
    spare: Array,
) -> None:  # fmt: skip
    """Add visits, money and people to `groups[group][GROUP_…]`; the last row of `groups` is everybody.

    One person is one person and year, counted in each group they had visits in with what they bore there, and once
    in the last row. `spare[k]` holds a person's years and groups while they are gathered.
    """
    everybody = len(groups) - 1
    for person in range(first, last):
        found = 0
        for k in range(starts[person], starts[person + 1]):
            record = records[k]
            change = fund_a[k] - fund_b[k]
            add_visit(record, fund_a[k], fund_b[k], groups[record[RECORD_GROUP]])
            add_visit(record, fund_a[k], fund_b[k], groups[everybody])
            year = year_of[record[RECORD_WHEN] & DAY_MASK]
            found = gather(spare, found, year, record[RECORD_GROUP], change)
            found = gather(spare, found, year, everybody, change)
        for j in range(found):
            add_person(spare[j][2], groups[spare[j][1]])

"""Loops over the visits of each person in the order of time: which admission, what each layer pays, who gains.

`pay_persons` calls the very functions of `yibao.benefits.arithmetic`. Accumulators are found by an integer key in a
small table of the person's own, emptied from person to person; a scratch slot is forgotten after each visit.

Loops make no arrays: what they write on is handed in. Amounts in fen.
"""

from typing import Any, NamedTuple

import numpy as np

from yibao.benefits.arithmetic import OUT_PAID, walk_layers
from yibao.benefits.batch.compiling import compiled
from yibao.benefits.batch.sorting import (
    DAY_MASK,
    DAYS_SHIFT,
    RECORD_FULL_SELF_PAY,
    RECORD_GROUP,
    RECORD_KIND,
    RECORD_VISIT,
    RECORD_WHEN,
    copy_row,
)

Array = Any
Int = Any  # an integer of the machine, or Python's when not compiled

UNKNOWN, REFUSED = -1, -2
"""Plan numbers below 0: not resolved yet; refused for the first reason found (further reasons are −3, −4 …)."""
(
    PLAN_LAYER, PLAN_LAYERS, PLAN_BASE, PLAN_SEGMENT, PLAN_SEGMENTS, PLAN_CAP, PLAN_SLOT, PLAN_SLOTS,
) = range(8)  # fmt: skip
PLAN_WIDTH = 8
SLOT_PERIOD, SLOT_NAME, SLOT_BY_DISEASE = range(3)
PERIOD_SCRATCH, PERIOD_YEAR, PERIOD_MONTH, PERIOD_STAY, PERIOD_DAY, PERIOD_ACCOUNT = range(6)
# An accumulator's key: which (10 bits), in which year, month, stay or day (28 bits), for which disease (24 bits).
NAME_SHIFT, PERIOD_SHIFT, DAILY = 52, 24, 1 << 27
HASH = 0x9E3779B97F4A7C1
EMPTY = -1

(
    GROUP_VISITS, GROUP_TOTAL, GROUP_FUND_A, GROUP_FUND_B, GROUP_PEOPLE, GROUP_BETTER, GROUP_WORSE, GROUP_RELIEF,
    GROUP_BURDEN, GROUP_LARGEST_RELIEF, GROUP_LARGEST_BURDEN,
) = range(11)  # fmt: skip
GROUP_WIDTH = 11


class Ordering(NamedTuple):
    """Visits in order. `starts`, `records` as in `sorting`; year and month by day; stay, disease and what the own
    account was given so far by visit."""

    starts: Array
    records: Array
    year_of: Array
    month_of: Array
    stays: Array
    diseases: Array
    credited: Array


class Numbering(NamedTuple):
    """How admissions are numbered and plans found.

    `counts[kind]` whether it is an admission, `asks[kind]` whether its plan depends on the number of the admission,
    `class_of[number]` of the admission, `plan_of[kind][class]` a plan number, UNKNOWN or a refusal. What has no plan
    yet is noted: `examples[kind][class]` a visit, `numbers[kind][class]` its admission.
    """

    counts: Array
    asks: Array
    class_of: Array
    plan_of: Array
    examples: Array
    numbers: Array


class Tables(NamedTuple):
    """The plans of a pack: `offsets[plan][PLAN_…]` says where its rows begin in the tables of all plans.

    `layer_numbers` the layer of the pack, `from_account[l]` 1 for an account, `slots[s][SLOT_…]`; `extra[e][visit]` fen
    of the pack's own portions.
    """

    offsets: Array
    layers: Array
    layer_numbers: Array
    from_account: Array
    bases: Array
    segments: Array
    caps: Array
    slots: Array
    extra: Array


class Scratch(NamedTuple):
    """What one thread writes on: as long as the largest plan needs, `keys` and `values` as the busiest person."""

    portions: Array
    acc: Array
    places: Array
    instances: Array
    out: Array
    segment_out: Array
    keys: Array
    values: Array


@compiled
def counted_before(k: int, start: int, ordering: Ordering, counts: Array, plans: Array) -> bool:
    """Whether an earlier bill of the same stay was counted as an admission."""
    stays, records = ordering.stays, ordering.records
    stay = stays[records[k][RECORD_VISIT]] if len(stays) else 0
    if stay == 0:
        return False
    for j in range(start, k):
        if stays[records[j][RECORD_VISIT]] == stay and counts[records[j][RECORD_KIND]] and plans[j] > REFUSED:
            return True
    return False


@compiled
def table_size(visits: int, slots: int) -> Int:
    """A power of two, at least twice the number of accumulators that so many visits can touch."""
    size = 4
    while size < 2 * visits * slots:
        size *= 2
    return size


@compiled
def note_instances(record: Array, ordering: Ordering, instances: Array) -> None:
    """instances[PERIOD_…] = which year, month, stay or day the visit counts in; -1 for none (scratch).

    As `evaluate.accumulator_keys`: what counts per stay is kept only for a numbered stay, and what counts per day is
    kept by day outside a stay.
    """
    day, days = record[RECORD_WHEN] & DAY_MASK, record[RECORD_WHEN] >> DAYS_SHIFT
    stay = ordering.stays[record[RECORD_VISIT]] if len(ordering.stays) else 0
    instances[PERIOD_SCRATCH] = -1
    instances[PERIOD_YEAR] = ordering.year_of[day]
    instances[PERIOD_MONTH] = ordering.month_of[day]
    instances[PERIOD_STAY] = stay if stay > 0 else -1
    instances[PERIOD_ACCOUNT] = 0
    instances[PERIOD_DAY] = day if days == 0 else (stay + DAILY if stay > 0 else -1)


@compiled
def place_of(slot: Array, record: Array, ordering: Ordering, scratch: Scratch, size: int) -> Int:
    """Where the accumulator of a slot stands in the person's table, entered with 0 when new; -1 for scratch."""
    when, keys = scratch.instances[slot[SLOT_PERIOD]], scratch.keys
    if when < 0:
        return -1
    key = (slot[SLOT_NAME] << NAME_SHIFT) | (when << PERIOD_SHIFT)
    if slot[SLOT_BY_DISEASE] == 1:
        key |= np.int64(ordering.diseases[record[RECORD_VISIT]])
    place = ((key * HASH) >> 20) & (size - 1)
    while keys[place] != key:
        if keys[place] == EMPTY:
            keys[place], scratch.values[place] = key, 0
            break
        place = (place + 1) & (size - 1)
    return place


@compiled
def take_portions(record: Array, extra: Array, portions: Array) -> Int:
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
def gather(spare: Array, found: int, year: int, group: int, change: int) -> Int:
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
    first: int, last: int, ordering: Ordering, numbering: Numbering, plans: Array, so_far: Array
) -> Int:
    """Give each visit its plan, which may depend on the admission of the year; returns how many had none yet.

    Counted as the counter does: a stay in several bills once, a refused admission never. `so_far` has a place for
    each year of the file.
    """
    starts, records, unknown = ordering.starts, ordering.records, 0
    first_year = ordering.year_of[0]
    for person in range(first, last):
        so_far[:] = 0
        for k in range(starts[person], starts[person + 1]):
            kind = records[k][RECORD_KIND]
            year = ordering.year_of[records[k][RECORD_WHEN] & DAY_MASK] - first_year
            again = counted_before(k, starts[person], ordering, numbering.counts, plans)
            counted = numbering.counts[kind] and not again
            number = so_far[year] + 1 if counted else max(so_far[year], 1)
            admission = numbering.class_of[number] if numbering.asks[kind] else 0
            plans[k] = numbering.plan_of[kind][admission]
            if plans[k] == UNKNOWN:
                unknown += 1
                numbering.examples[kind][admission] = records[k][RECORD_VISIT]
                numbering.numbers[kind][admission] = number
            if counted and plans[k] > REFUSED:
                so_far[year] += 1
    return unknown


@compiled
def pay_persons(
    first: int, last: int, ordering: Ordering, plans: Array, tables: Tables, scratch: Scratch, fund: Array,
    paid: Array, detail: Array,
) -> None:  # fmt: skip
    """Settle every visit: `fund[k]`, and `paid[group][layer of the pack]` added up.

    `detail[visit][layer]` takes everything a layer did (`arithmetic.OUT_…`) unless it is empty.
    """
    starts, records = ordering.starts, ordering.records
    for person in range(first, last):
        size = table_size(starts[person + 1] - starts[person], len(scratch.acc))
        scratch.keys[:size] = EMPTY
        for k in range(starts[person], starts[person + 1]):
            if plans[k] >= 0:
                plan = tables.offsets[plans[k]]
                pay_visit(records[k], plan, ordering, tables, scratch, size)
                fund[k] = add_up(plan, tables, scratch, paid[records[k][RECORD_GROUP]])
                if len(detail):
                    keep_detail(plan, tables, scratch, detail[records[k][RECORD_VISIT]])


@compiled
def pay_visit(record: Array, plan: Array, ordering: Ordering, tables: Tables, scratch: Scratch, size: int) -> None:
    """Settle one visit as the counter does: accumulators out of the person's table, the walk, and back.

    The table keeps what was spent from an account; the walk sees minus its balance (`evaluate._before`).
    """
    layer, slot, segment = plan[PLAN_LAYER], plan[PLAN_SLOT], plan[PLAN_SEGMENT]
    days = record[RECORD_WHEN] >> DAYS_SHIFT
    note_instances(record, ordering, scratch.instances)
    for s in range(plan[PLAN_SLOTS]):
        place = place_of(tables.slots[slot + s], record, ordering, scratch, size)
        scratch.places[s] = place
        scratch.acc[s] = scratch.values[place] if place >= 0 else 0
        if tables.slots[slot + s][SLOT_PERIOD] == PERIOD_ACCOUNT:
            scratch.acc[s] -= ordering.credited[record[RECORD_VISIT]]
    scratch.out[: plan[PLAN_LAYERS]] = 0
    total = take_portions(record, tables.extra, scratch.portions)
    walk_layers(
        tables.layers[layer : layer + plan[PLAN_LAYERS]], tables.bases[plan[PLAN_BASE] :],
        tables.segments[segment : segment + plan[PLAN_SEGMENTS]], tables.caps[plan[PLAN_CAP] :],
        total, days, scratch.portions, scratch.acc, scratch.out, scratch.segment_out,
    )  # fmt: skip
    for s in range(plan[PLAN_SLOTS]):
        if scratch.places[s] >= 0:
            scratch.values[scratch.places[s]] = scratch.acc[s]
            if tables.slots[slot + s][SLOT_PERIOD] == PERIOD_ACCOUNT:
                scratch.values[scratch.places[s]] += ordering.credited[record[RECORD_VISIT]]


@compiled
def add_up(plan: Array, tables: Tables, scratch: Scratch, paid: Array) -> Int:
    """Add what each layer paid to `paid`; returns what funds paid, accounts apart."""
    spent = 0
    for i in range(plan[PLAN_LAYERS]):
        paid[tables.layer_numbers[plan[PLAN_LAYER] + i]] += scratch.out[i][OUT_PAID]
        if tables.from_account[plan[PLAN_LAYER] + i] == 0:
            spent += scratch.out[i][OUT_PAID]
    return spent


@compiled
def keep_detail(plan: Array, tables: Tables, scratch: Scratch, detail: Array) -> None:
    """Keep everything each layer did."""
    for i in range(plan[PLAN_LAYERS]):
        copy_row(scratch.out[i], detail[tables.layer_numbers[plan[PLAN_LAYER] + i]])


@compiled
def compare_persons(
    first: int, last: int, ordering: Ordering, fund_a: Array, fund_b: Array, groups: Array, spare: Array
) -> None:
    """Add visits, money and people to `groups[group][GROUP_…]`; the last row of `groups` is everybody.

    One person is one person and year, counted in each group they had visits in with what they bore there, and once
    in the last row. `spare[k]` holds a person's years and groups while they are gathered.
    """
    starts, records, everybody = ordering.starts, ordering.records, len(groups) - 1
    for person in range(first, last):
        found = 0
        for k in range(starts[person], starts[person + 1]):
            record = records[k]
            change = fund_a[k] - fund_b[k]
            add_visit(record, fund_a[k], fund_b[k], groups[record[RECORD_GROUP]])
            add_visit(record, fund_a[k], fund_b[k], groups[everybody])
            year = ordering.year_of[record[RECORD_WHEN] & DAY_MASK]
            found = gather(spare, found, year, record[RECORD_GROUP], change)
            found = gather(spare, found, year, everybody, change)
        for j in range(found):
            add_person(spare[j][2], groups[spare[j][1]])

"""Loops that bring visits into the order of the computation: person by person, each in the order of time.

A visit becomes one record of eight integers (one cache line), so the computation reads memory from front to back.
Shapes: `records[k][RECORD_…]`, `starts[p]` … `starts[p + 1]` the records of person p.
"""

from typing import Any

from yibao.benefits.batch.compiling import compiled

Array = Any

(
    RECORD_FULL_SELF_PAY, RECORD_OVER_LIMIT, RECORD_PREPAY, RECORD_IN_SCOPE, RECORD_KIND, RECORD_GROUP, RECORD_WHEN,
    RECORD_VISIT,
) = range(8)  # fmt: skip
RECORD_WIDTH = 8
DAYS_SHIFT = 32
"""RECORD_WHEN = day counted from the first day of the file + (days of the stay << 32)."""
DAY_MASK = (1 << DAYS_SHIFT) - 1


@compiled
def copy_row(source: Array, target: Array) -> None:
    """target[:] = source, which need not overlap and so make no copy between."""
    for i in range(len(source)):
        target[i] = source[i]


@compiled
def add_digits(digits: Array, codes: Array, number: Array) -> None:
    """number[i] += digits[codes[i]]: one more digit of a mixed-radix number."""
    for i in range(len(codes)):
        number[i] += digits[codes[i]]


@compiled
def note_examples(number: Array, offset: int, examples: Array) -> None:
    """examples[x] = some visit with number x; `offset` is the visit of number[0]."""
    for i in range(len(number)):
        examples[number[i]] = offset + i


@compiled
def count_persons(persons: Array, counts: Array) -> None:
    """counts[p + 1] += visits of person p."""
    for person in persons:
        counts[person + 1] += 1


@compiled
def fill_records(
    first: int, last: int, persons: Array, following: Array, full_self_pay: Array, over_limit: Array, prepay: Array,
    in_scope: Array, kind: Array, kind_rank: Array, group: Array, group_rank: Array, day: Array, days: Array,
    records: Array,
) -> None:  # fmt: skip
    """Write the records of the persons first … last − 1; `following[p]` is the next free record of person p."""
    for i in range(len(persons)):
        person = persons[i]
        if person < first or person >= last:
            continue
        record = records[following[person]]
        following[person] += 1
        record[RECORD_FULL_SELF_PAY] = full_self_pay[i]
        record[RECORD_OVER_LIMIT] = over_limit[i]
        record[RECORD_PREPAY] = prepay[i]
        record[RECORD_IN_SCOPE] = in_scope[i]
        record[RECORD_KIND] = kind_rank[kind[i]]
        record[RECORD_GROUP] = group_rank[group[i]]
        record[RECORD_WHEN] = day[i] + (days[i] << DAYS_SHIFT)
        record[RECORD_VISIT] = i


@compiled
def in_order(persons: Array, order: Array, latest: Array) -> bool:
    """Whether the visits of each person already stand in the order of time."""
    for i in range(len(persons)):
        if order[i] < latest[persons[i]]:
            return False
        latest[persons[i]] = order[i]
    return True


@compiled
def sort_records(first: int, last: int, starts: Array, order: Array, records: Array, spare: Array) -> None:
    """Sort the records of each person by time; visits at the same time keep the order of the file."""
    for person in range(first, last):
        for k in range(starts[person] + 1, starts[person + 1]):
            time = order[records[k][RECORD_VISIT]]
            j = k
            while j > starts[person] and order[records[j - 1][RECORD_VISIT]] > time:
                j -= 1
            if j < k:
                copy_row(records[k], spare)
                for m in range(k, j, -1):
                    copy_row(records[m - 1], records[m])
                copy_row(spare, records[j])

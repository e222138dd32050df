"""The rules of `coverage` and `paid_days` once more, as loops over arrays for a whole city (Numba).

`cover_persons` decides person by person what `coverage.coverages` decides for one; a property test
holds the two together.
Days are ordinals (`date.toordinal`), months are numbered as in `core.months`, open-ended is `FAR`. Loops make no
arrays: what they write on is handed in.
"""

from datetime import date
from typing import Any, NamedTuple

from yibao.benefits.batch.compiling import compiled

Array = Any
Int = Any  # an integer of the machine, or Python's when not compiled

FIRST_YEAR, LAST_YEAR = 1850, 2200
DAY_ZERO = date(FIRST_YEAR, 1, 1).toordinal()
FAR = date(LAST_YEAR, 1, 1).toordinal() - 1
BEFORE = -(10**6)
OTHER, RESIDENT, EMPLOYEE, CADRE = range(4)
"""Insurances; every one that is none of the last three has a number of its own from 4 on."""
NORMAL, LATE, MIDYEAR, REPAIR, LUMP = range(5)
WAITING, COVERED = range(2)
REASONS = ("paid", "late", "midyear", "newborn", "back_paid", "retired", "enrolled", "waiting", "taken_over")
PAID, LATE_PAID, MIDYEAR_PAID, NEWBORN, BACK_PAID, RETIRED, ENROLLED, WAITS, TAKEN_OVER = range(9)
RELATION_INSURANCE, RELATION_BEGIN, RELATION_LAST, RELATION_RETIRED, RELATION_WIDTH = range(5)
PAID_INSURANCE, PAID_KIND, PAID_FLEXIBLE, PAID_FROM, PAID_TO, PAID_ON, PAID_WIDTH = range(7)
TAKEN_RELATION, TAKEN_STATE, TAKEN_BEGIN, TAKEN_END, TAKEN_WIDTH = range(5)
ELSEWHERE_BEGIN, ELSEWHERE_END, ELSEWHERE_WIDTH = range(3)
RULE_BEGIN, RULE_END, RULE_CLAUSE, RULE_FIRST = range(4)
"""Columns of every rule table: first day, last day, number of the clause, then its numbers."""
ROW_PERSON, ROW_RELATION, ROW_STATE, ROW_BEGIN, ROW_END, ROW_REASON, ROW_CLAUSE, ROW_WIDTH = range(8)
SPAN_STATE, SPAN_BEGIN, SPAN_END, SPAN_REASON, SPAN_CLAUSE, SPAN_WIDTH = range(6)
MONTH, MONTH_PAID, MONTH_START, MONTH_WIDTH = range(4)


class People(NamedTuple):
    """A city in columns. `people`: birth, death (`FAR` when alive); the `…_at` say where a person's rows begin."""

    people: Array
    relations: Array
    relations_at: Array
    paid: Array
    paid_at: Array
    taken: Array
    taken_at: Array
    elsewhere: Array
    elsewhere_at: Array


class RuleTables(NamedTuple):
    """A city's rules by day: waiting of residents, days of the newborn, months paid through, waiting of employees."""

    resident: Array
    newborn: Array
    through: Array
    monthly: Array


class Calendar(NamedTuple):
    """Month by day since `DAY_ZERO`, first day by month since `FIRST_YEAR`."""

    month_of: Array
    first_of: Array


@compiled
def month_at(calendar: Any, day: Int) -> Int:
    return calendar.month_of[min(day, FAR) - DAY_ZERO]


@compiled
def first_day(calendar: Any, month: Int) -> Int:
    return calendar.first_of[month - FIRST_YEAR * 12]


@compiled
def add_months(calendar: Any, day: Int, months: Int) -> Int:
    """The same day `months` later; the last day of a shorter month."""
    month = month_at(calendar, day)
    offset = day - first_day(calendar, month)
    return min(first_day(calendar, month + months) + offset, first_day(calendar, month + months + 1) - 1)


@compiled
def rule_on(table: Array, day: Int) -> Int:
    for n in range(table.shape[0]):
        if table[n, RULE_BEGIN] <= day <= table[n, RULE_END]:
            return n
    return -1


@compiled
def put_span(spans: Array, count: Int, state: Int, begin: Int, end: Int, reason: Int, clause: Int) -> Int:
    if begin > end:
        return count
    spans[count, SPAN_STATE] = state
    spans[count, SPAN_BEGIN] = begin
    spans[count, SPAN_END] = end
    spans[count, SPAN_REASON] = reason
    spans[count, SPAN_CLAUSE] = clause
    return count + 1


@compiled
def extend_spans(spans: Array, count: Int, state: Int, begin: Int, end: Int, reason: Int, clause: Int) -> Int:
    """As `paid_days._extend`."""
    last = count - 1
    if state == WAITING and count and spans[last, SPAN_STATE] == COVERED:
        begin = max(begin, spans[last, SPAN_END] + 1)
    if begin > end:
        return count
    if count and spans[last, SPAN_END] >= begin - 1:
        if spans[last, SPAN_STATE] == state and spans[last, SPAN_REASON] == reason:
            begin, end = min(begin, spans[last, SPAN_BEGIN]), max(end, spans[last, SPAN_END])
            count = last
        elif spans[last, SPAN_BEGIN] < begin:
            spans[last, SPAN_END] = begin - 1
        else:
            count = last
    return put_span(spans, count, state, begin, end, reason, clause)


@compiled
def last_insured_year(calendar: Any, city: Any, person: Int, rows: Array, kept: Int, done: Int, year: Int) -> Int:
    """The last insured year before `year`; `BEFORE` when there is none."""
    found = BEFORE
    for n in range(city.paid_at[person], city.paid_at[person + 1]):
        paid_year = month_at(calendar, city.paid[n, PAID_FROM]) // 12
        if paid_year < year and not repairs(city.paid, n):
            found = max(found, paid_year)
    for n in range(kept, done):
        found = max(found, year_within(calendar, rows[n, ROW_BEGIN], rows[n, ROW_END], year))
    for n in range(city.elsewhere_at[person], city.elsewhere_at[person + 1]):
        begin, end = city.elsewhere[n, ELSEWHERE_BEGIN], city.elsewhere[n, ELSEWHERE_END]
        found = max(found, year_within(calendar, begin, end, year))
    return found


@compiled
def year_within(calendar: Any, begin: Int, end: Int, year: Int) -> Int:
    last = min(month_at(calendar, end) // 12, year - 1)
    return last if month_at(calendar, begin) // 12 <= last else BEFORE


@compiled
def repairs(paid: Array, n: Int) -> Any:
    return paid[n, PAID_INSURANCE] == RESIDENT and paid[n, PAID_KIND] >= REPAIR


@compiled
def waiting_months(
    calendar: Any, city: Any, rules: Any, person: Int, n: Int, rule: Int, rows: Array, kept: Int, done: Int
) -> Int:
    """Months that a resident's payment waits; as `paid_days._resident_months`."""
    fixed, per_missed = rules.resident[rule, RULE_FIRST], rules.resident[rule, RULE_FIRST + 1]
    year = month_at(calendar, city.paid[n, PAID_FROM]) // 12
    missed, repaired = 0, 0
    if per_missed:
        before = last_insured_year(calendar, city, person, rows, kept, done, year)
        if before != BEFORE:
            missed = year - 1 - before
        for other in range(city.paid_at[person], city.paid_at[person + 1]):
            paid_year = month_at(calendar, city.paid[other, PAID_FROM]) // 12
            if missed and before < paid_year < year and repairs(city.paid, other):
                repaired += 1
    if city.paid[n, PAID_KIND] == NORMAL and missed == 0:
        return 0
    months = fixed + max(0, missed * per_missed - repaired * rules.resident[rule, RULE_FIRST + 2])
    long_break = rules.resident[rule, RULE_FIRST + 3]
    if long_break and missed >= long_break:
        months = max(months, rules.resident[rule, RULE_FIRST + 4])
    return months


@compiled
def resident_spans(
    calendar: Any, city: Any, rules: Any, person: Int, rows: Array, kept: Int, done: Int, spans: Array
) -> Int:
    """Spans of a resident's years; −1 when the city has no rule for a payment."""
    count = 0
    for n in range(city.paid_at[person], city.paid_at[person + 1]):
        if city.paid[n, PAID_INSURANCE] != RESIDENT or city.paid[n, PAID_KIND] >= REPAIR:
            continue
        begin, end, paid_on = city.paid[n, PAID_FROM], city.paid[n, PAID_TO], city.paid[n, PAID_ON]
        newborn, waiting = rule_on(rules.newborn, paid_on), rule_on(rules.resident, paid_on)
        if newborn < 0:
            return -1
        birth = city.people[person, 0]
        if paid_on <= birth + rules.newborn[newborn, RULE_FIRST]:
            clause = rules.newborn[newborn, RULE_CLAUSE]
            count = put_span(spans, count, COVERED, max(begin, birth), end, NEWBORN, clause)
        elif city.paid[n, PAID_KIND] == MIDYEAR:
            count = put_span(spans, count, COVERED, max(begin, paid_on), end, MIDYEAR_PAID, 0)
        elif waiting < 0:
            return -1
        else:
            clause = rules.resident[waiting, RULE_CLAUSE]
            months = waiting_months(calendar, city, rules, person, n, waiting, rows, kept, done)
            if months == 0:
                count = put_span(spans, count, COVERED, begin, end, PAID, 0)
            else:
                start = max(begin, add_months(calendar, paid_on, months))
                waited = min(start - 1, end)
                count = put_span(spans, count, WAITING, max(begin, paid_on), waited, WAITS, clause)
                count = put_span(spans, count, COVERED, start, end, LATE_PAID, clause)
    return count


@compiled
def insured_before(
    calendar: Any, city: Any, person: Int, rows: Array, kept: Int, done: Int, insurance: Int, month: Int
) -> Int:
    """The last month before `month` insured in another way; as `waiting._last_insured`."""
    found = BEFORE
    for n in range(kept, done):
        if rows[n, ROW_STATE] == COVERED:
            found = max(found, month_within(calendar, rows[n, ROW_BEGIN], rows[n, ROW_END], month))
    for n in range(city.elsewhere_at[person], city.elsewhere_at[person + 1]):
        begin, end = city.elsewhere[n, ELSEWHERE_BEGIN], city.elsewhere[n, ELSEWHERE_END]
        found = max(found, month_within(calendar, begin, end, month))
    for n in range(city.paid_at[person], city.paid_at[person + 1]):
        if city.paid[n, PAID_INSURANCE] != insurance and not repairs(city.paid, n):
            found = max(found, month_within(calendar, city.paid[n, PAID_FROM], city.paid[n, PAID_TO], month))
    return found


@compiled
def month_within(calendar: Any, begin: Int, end: Int, month: Int) -> Int:
    return min(month_at(calendar, end), month - 1) if month_at(calendar, begin) < month else BEFORE


@compiled
def monthly_spans(
    calendar: Any,
    city: Any,
    rules: Any,
    person: Int,
    insurance: Int,
    rows: Array,
    kept: Int,
    done: Int,
    months: Array,
    spans: Array,
) -> Int:
    """Spans of months paid; −1 when the city has no rule for a payment."""
    count, known = 0, 0
    for n in range(city.paid_at[person], city.paid_at[person + 1]):
        if city.paid[n, PAID_INSURANCE] != insurance or city.paid[n, PAID_KIND] == LUMP:
            continue
        paid_on = city.paid[n, PAID_ON]
        through_rule, rule = rule_on(rules.through, paid_on), rule_on(rules.monthly, paid_on)
        if through_rule < 0 or rule < 0:
            return -1
        through, clause = rules.through[through_rule, RULE_FIRST], rules.monthly[rule, RULE_CLAUSE]
        month, paid = month_at(calendar, city.paid[n, PAID_FROM]), month_at(calendar, paid_on)
        before, waiting = BEFORE, BEFORE
        for earlier in range(known - 1, -1, -1):
            if months[earlier, MONTH_PAID] < paid or months[earlier, MONTH_PAID] <= months[earlier, MONTH]:
                before, waiting = months[earlier, MONTH], months[earlier, MONTH_START]
                break
        other = insured_before(calendar, city, person, rows, kept, done, insurance, month)
        if other > before:
            before, waiting = other, BEFORE
        if paid - before - 1 <= rules.monthly[rule, RULE_FIRST]:
            start = max(month, waiting)
        else:
            start = max(month, paid) + rules.monthly[rule, RULE_FIRST + 1 + city.paid[n, PAID_FLEXIBLE]]
        months[known, MONTH] = month
        months[known, MONTH_PAID] = paid
        months[known, MONTH_START] = start
        known += 1
        end = first_day(calendar, month + through + 1) - 1
        if start > month:
            waited = min(first_day(calendar, start) - 1, end)
            begin = first_day(calendar, max(month, paid))
            count = extend_spans(spans, count, WAITING, begin, waited, WAITS, clause)
        reason = BACK_PAID if paid - month > through else PAID
        count = extend_spans(spans, count, COVERED, first_day(calendar, start), end, reason, clause)
    return count


@compiled
def last_day_of(city: Any, person: Int, n: Int) -> Int:
    """The last day on which an enrolment may cover; as `coverage._life`. Relations are in their order."""
    last = min(city.relations[n, RELATION_LAST], city.people[person, 1])
    for later in range(n + 1, city.relations_at[person + 1]):
        if city.relations[later, RELATION_INSURANCE] == city.relations[n, RELATION_INSURANCE]:
            last = min(last, city.relations[later, RELATION_BEGIN] - 1)
    return last


@compiled
def put_row(rows: Array, done: Int, person: Int, relation: Int, state: Int, begin: Int, end: Int, reason: Int) -> Int:
    rows[done, ROW_PERSON] = person
    rows[done, ROW_RELATION] = relation
    rows[done, ROW_STATE] = state
    rows[done, ROW_BEGIN] = begin
    rows[done, ROW_END] = end
    rows[done, ROW_REASON] = reason
    rows[done, ROW_CLAUSE] = 0
    return done + 1


@compiled
def put_open_days(
    rows: Array, done: Int, kept: Int, taken: Int, person: Int, relation: Int, span: Array, begin: Int, end: Int
) -> Int:
    """Write what of the days lies outside the taken-over rows of the relation, which lie in rows[kept:taken]."""
    begin, end = max(begin, span[SPAN_BEGIN]), min(end, span[SPAN_END])
    for n in range(kept, taken):
        if rows[n, ROW_RELATION] != relation or rows[n, ROW_END] < begin or rows[n, ROW_BEGIN] > end:
            continue
        if begin < rows[n, ROW_BEGIN]:
            done = put_row(
                rows, done, person, relation, span[SPAN_STATE], begin, rows[n, ROW_BEGIN] - 1, span[SPAN_REASON]
            )
            rows[done - 1, ROW_CLAUSE] = span[SPAN_CLAUSE]
        if rows[n, ROW_END] >= FAR:
            return done
        begin = rows[n, ROW_END] + 1
    if begin <= end:
        done = put_row(rows, done, person, relation, span[SPAN_STATE], begin, end, span[SPAN_REASON])
        rows[done - 1, ROW_CLAUSE] = span[SPAN_CLAUSE]
    return done


@compiled
def cover_persons(
    calendar: Any, city: Any, rules: Any, months: Array, spans: Array, rows: Array, refused: Array
) -> Int:
    """Write the rows of every person; returns how many. `refused` marks whom the city has no rule for."""
    done = 0
    for person in range(city.people.shape[0]):
        kept = done
        first, end = city.relations_at[person], city.relations_at[person + 1]
        for n in range(city.taken_at[person], city.taken_at[person + 1]):
            relation = first + city.taken[n, TAKEN_RELATION]
            last = last_day_of(city, person, relation)
            if city.taken[n, TAKEN_BEGIN] <= last:
                until = min(last, city.taken[n, TAKEN_END])
                done = put_row(
                    rows, done, person, relation, city.taken[n, TAKEN_STATE], city.taken[n, TAKEN_BEGIN], until,
                    TAKEN_OVER,
                )  # fmt: skip
        taken = done
        for relation in range(first, end):
            insurance = city.relations[relation, RELATION_INSURANCE]
            begin = max(city.relations[relation, RELATION_BEGIN], city.people[person, 0])
            last = last_day_of(city, person, relation)
            if insurance == CADRE or city.relations[relation, RELATION_RETIRED]:
                reason = RETIRED if city.relations[relation, RELATION_RETIRED] else ENROLLED
                count = put_span(spans, 0, COVERED, 0, FAR, reason, 0)
            elif insurance == RESIDENT:
                count = resident_spans(calendar, city, rules, person, rows, kept, taken, spans)
            else:
                count = monthly_spans(calendar, city, rules, person, insurance, rows, kept, taken, months, spans)
            if count < 0:
                refused[person] = 1
            for n in range(count):
                done = put_open_days(rows, done, kept, taken, person, relation, spans[n], begin, last)
    return done

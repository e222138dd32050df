"""Which days paid contributions give (缴费与待遇的对应), before it is known which enrolment they belong to. Pure.

`spans_of(history, insutype, rules)` is a resident's years or an employee's months as days covered and days of waiting,
by the area's waiting rules (`waiting`), each with the reason and the clause.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from yibao.core.months import add_months, first_day, last_day, month_of
from yibao.population.entitlement.waiting import PaidMonth, ResidentWaiting, starts
from yibao.population.model import Coverage
from yibao.population.rules import Rules

RESIDENT, EMPLOYEE = "390", "310"
INVALID, SUSPENDED, RETIRED_TYPE = "3", "2", "12"
REPAIRS = ("back_payment", "lump_sum")
ONE_DAY = timedelta(days=1)


class Relation(msgspec.Struct, frozen=True):
    """What of an enrolment decides coverage."""

    psn_insu_rlts_id: int
    insutype: str
    psn_type: str
    insu_admdvs: str
    begndate: date
    category: str = ""
    enddate: date | None = None
    psn_insu_stas: str = "1"
    paus_date: date | None = None

    @property
    def last(self) -> date:
        """The last day of the enrolment; a suspended one ends before the suspension."""
        last = self.enddate or date.max
        if self.psn_insu_stas == INVALID or (self.psn_insu_stas == SUSPENDED and self.paus_date is None):
            return date.min
        if self.psn_insu_stas == SUSPENDED and self.paus_date is not None:
            return min(last, self.paus_date - ONE_DAY)
        return last

    @property
    def retired(self) -> bool:
        """Employee insurance of a pensioner who need not pay any more."""
        return self.insutype == EMPLOYEE and (self.category == "retired" or self.psn_type == RETIRED_TYPE)


class Paid(msgspec.Struct, frozen=True):
    """A paid contribution: a resident's year or an employee's month."""

    insutype: str
    category: str
    kind: str
    period_from: date
    period_to: date
    paid_on: date

    @property
    def repairs(self) -> bool:
        """A resident's year paid afterwards: it counts as a year and covers none."""
        return self.insutype == RESIDENT and self.kind in REPAIRS


class Elsewhere(msgspec.Struct, frozen=True):
    """Days insured in another area, as a certificate that was merged in says."""

    insutype: str
    begndate: date
    enddate: date


class History(msgspec.Struct, frozen=True):
    """Everything that decides a person's coverage; `taken_over` are rows that an earlier system decided, `suspensions`
    those that are over: enrolment, first day without, first day again.
    """

    brdy: date
    die_date: date | None = None
    relations: tuple[Relation, ...] = ()
    paid: tuple[Paid, ...] = ()
    taken_over: tuple[Coverage, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    suspensions: tuple[tuple[int, date, date], ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Days of a state before it is known which enrolment they belong to."""

    state: str
    first: date
    last: date
    reason: str
    clause: str = ""


def spans_of(history: History, insutype: str, rules: Rules) -> list[Span]:
    """Days that the paid contributions of one insurance give, without overlaps, in their order."""
    paid = [one for one in history.paid if one.insutype == insutype and one.kind != "lump_sum"]
    paid.sort(key=lambda one: one.period_from)
    if insutype == RESIDENT:
        return [span for one in paid for span in _resident_year(history, one, rules)]
    return _monthly(history, insutype, paid, rules)


def _resident_year(history: History, paid: Paid, rules: Rules) -> list[Span]:
    """Coverage of a resident's year, and the waiting before it."""
    if paid.repairs:
        return []
    newborn = rules.value("newborn_days", paid.paid_on)
    if paid.paid_on <= history.brdy + timedelta(days=newborn.content):
        clause = rules.citation(newborn)
        return [Span("covered", max(history.brdy, paid.period_from), paid.period_to, "newborn", clause)]
    if paid.kind == "midyear":
        return [Span("covered", max(paid.paid_on, paid.period_from), paid.period_to, "midyear")]
    value = rules.value("resident_waiting", paid.paid_on)
    months = _resident_months(history, paid, msgspec.convert(value.content, ResidentWaiting))
    if months == 0:
        return [Span("covered", paid.period_from, paid.period_to, "paid")]
    clause = rules.citation(value)
    entered = max(paid.paid_on, paid.period_from)
    start = max(paid.period_from, add_months(paid.paid_on, months))
    waiting = Span("waiting", entered, min(start - ONE_DAY, paid.period_to), "waiting", clause)
    covered = Span("covered", start, paid.period_to, "late", clause)
    return [span for span in (waiting, covered) if span.first <= span.last]


def _resident_months(history: History, paid: Paid, rule: ResidentWaiting) -> int:
    """Months of waiting: none for who paid within the window and missed no year."""
    year = paid.period_from.year
    missed = _missed_years(history, year) if rule.per_missed_year else set()
    if paid.kind == "normal" and not missed:
        return 0
    repaired = {one.period_from.year for one in history.paid if one.repairs} & missed
    return rule.months(len(missed), len(repaired))


def _missed_years(history: History, year: int) -> set[int]:
    """Years without any insurance between the last insured one and `year`; none for who was never insured before."""
    insured = {one.period_from.year for one in history.paid if not one.repairs}
    days = [(row.begndate, row.enddate or date.max) for row in history.taken_over]
    for begin, end in [*days, *((row.begndate, row.enddate) for row in history.elsewhere)]:
        insured |= set(range(begin.year, min(end.year, year) + 1))
    before = [one for one in insured if one < year]
    return set(range(max(before) + 1, year)) if before else set()


def _monthly(history: History, insutype: str, paid: Sequence[Paid], rules: Rules) -> list[Span]:
    """Coverage of months paid, one span for each unbroken run of one reason."""
    months = [_paid_month(one, rules) for one in paid]
    spans: list[Span] = []
    for one, month, start in zip(paid, months, starts(months, _insured_otherwise(history, insutype)), strict=True):
        through: int = rules.on("employee_paid_through", one.paid_on)
        clause = rules.citation(rules.value("employee_waiting", one.paid_on))
        if start > month.month:
            last = min(start - 1, month.month + through)
            _extend(spans, "waiting", max(month.month, month.paid), last, "waiting", clause)
        reason = "back_paid" if month.paid - month.month > through else "paid"
        _extend(spans, "covered", start, month.month + through, reason, clause)
    return spans


def _paid_month(paid: Paid, rules: Rules) -> PaidMonth:
    rule: dict[str, int] = rules.on("employee_waiting", paid.paid_on)
    wait = rule["flexible" if paid.category == "flexible" else "employee"]
    return PaidMonth(month_of(paid.period_from), month_of(paid.paid_on), rule["gap_months"], wait)


def _insured_otherwise(history: History, insutype: str) -> list[tuple[int, int]]:
    """First and last months of insurance that months of this one continue: taken over, or paid for as a resident."""
    rows = [(row.begndate, row.enddate or date.max) for row in history.taken_over if row.state == "covered"]
    rows += [(row.begndate, row.enddate) for row in history.elsewhere]
    found = [(month_of(begin), month_of(end)) for begin, end in rows]
    years = [one for one in history.paid if one.insutype != insutype and not one.repairs]
    return found + [(month_of(one.period_from), month_of(one.period_to)) for one in years]


def _extend(spans: list[Span], state: str, first: int, last: int, reason: str, clause: str) -> None:
    """Add months after the last span: to it when they continue it, else as a span of their own.

    What is covered stays covered; of two reasons the later payment's counts.
    """
    begin, end = first_day(first), last_day(last)
    before = spans[-1] if spans else Span("", date.min, date.min, "")
    if state == "waiting" and before.state == "covered":
        begin = max(begin, before.last + ONE_DAY)
    if begin > end:
        return
    if before.state and before.last >= begin - ONE_DAY:
        spans.pop()
        if (before.state, before.reason) == (state, reason):
            begin, end = min(before.first, begin), max(before.last, end)
        elif before.first < begin:
            spans.append(Span(before.state, before.first, begin - ONE_DAY, before.reason, before.clause))
    spans.append(Span(state, begin, end, reason, clause))

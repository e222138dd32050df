"""Coverage (待遇享受期) of made-up people: `coverages` of population.coverage, asked once for each kind of person.

A kind is insurance, category and first day of the enrolment; who was born shortly before paying, or died, or was born
in the year is asked for alone. So what is loaded is what `population.coverage.refresh` would compute.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from yibao.population.entitlement.coverage import coverages
from yibao.population.entitlement.paid_days import History, Paid, Relation
from yibao.population.model import Coverage
from yibao.population.rules import rules_of
from yibao.simulate.contributions import Contributions, day_of
from yibao.simulate.copying import days
from yibao.simulate.load_people import numbers_of
from yibao.simulate.model import EMPLOYEE, PSN_TYPES, RETIRED, City, Ints
from yibao.simulate.people import day_number

ALONE_BEFORE = 370
"""Days before the year in which who is born then is asked for alone: newborn rules may concern them."""
Rows = list[tuple[Ints, Coverage]]


def coverage_rows(
    city: City, places: Ints, numbers: Ints, since: Ints, paid: list[Contributions], as_of: date
) -> dict[str, Any]:
    """Rows of population.coverage for the enrolments `numbers` that begin on `since`."""
    rules, found = rules_of(city.code), list[tuple[Ints, Coverage]]()
    payments = _Payments(paid)
    for members in _kinds(city, places, since, payments):
        first = int(members[0])
        history = _history(city, int(places[first]), int(since[first]), payments, as_of)
        found += [(members, row) for row in coverages(history, rules)]
    return _columns(found, places, numbers)


class _Payments:
    """What one person paid, found by place."""

    def __init__(self, paid: list[Contributions]) -> None:
        self.paid = paid

    def pattern(self, places: Ints) -> Ints:
        """For each person which of the contributions he has paid, as bits."""
        bits = np.zeros(len(places), dtype=np.int64)
        for number, part in enumerate(self.paid):
            bits[np.isin(places, part.places[part.paid_on >= 0])] |= 1 << number
        return bits

    def of(self, place: int) -> Iterator[Paid]:
        """The paid contributions of one person."""
        for part in self.paid:
            at = int(np.searchsorted(part.places, place))
            if at < len(part.places) and part.places[at] == place and part.paid_on[at] >= 0:
                category, kind = str(part.category[at]), str(part.kind[at])
                yield Paid(part.insutype, category, kind, part.first, part.last, day_of(int(part.paid_on[at])))


def _kinds(city: City, places: Ints, since: Ints, payments: _Payments) -> Iterator[Ints]:
    """Groups of indices into `places` whose coverage is the same."""
    people = city.people
    alone = people.birth[places] > day_number(date(city.year, 1, 1)) - ALONE_BEFORE
    alone |= people.died[places] >= 0
    alone |= since == people.birth[places]
    for index in np.flatnonzero(alone):
        yield np.array([index])
    rest = np.flatnonzero(~alone)
    category = np.where(people.psn_type[places] == RETIRED, 2, np.where(people.employer[places] >= 0, 1, 0))
    key = ((people.insurance[places].astype(np.int64) * 4 + category) * 100_000 + since) << 16 | payments.pattern(
        places
    )
    order = rest[np.argsort(key[rest], kind="stable")]
    if len(order):
        yield from np.split(order, np.flatnonzero(np.diff(key[order])) + 1)


def _history(city: City, place: int, since: int, payments: _Payments, as_of: date) -> History:
    people = city.people
    retired, employee = people.psn_type[place] == RETIRED, people.insurance[place] == EMPLOYEE
    works = people.employer[place] >= 0
    died = int(people.died[place])
    gone = day_of(died) if 0 <= died <= day_number(as_of) else None
    begins, first_day = day_of(since), date(city.year, 1, 1)
    relation = Relation(
        psn_insu_rlts_id=1,
        insutype=str(people.insurance[place]),
        psn_type=PSN_TYPES[people.psn_type[place]],
        insu_admdvs=city.code,
        begndate=begins,
        category="resident" if not employee else "retired" if retired else "employee" if works else "flexible",
        enddate=gone,
        psn_insu_stas="4" if gone else "1",
    )
    last_year = date(city.year - 1, 12, 31)
    before = Coverage(1, relation.insutype, "covered", begins, last_year, "taken_over", "", "taken_over")
    return History(
        brdy=day_of(int(people.birth[place])),
        die_date=gone,
        relations=(relation,),
        paid=tuple(payments.of(place)),
        taken_over=(before,) if begins < first_day and not retired else (),
    )


def _columns(found: Rows, places: Ints, numbers: Ints) -> dict[str, Any]:
    """Each row of a kind for all of its members."""
    index = np.concatenate([members for members, _ in found])
    sizes = np.array([len(members) for members, _ in found])
    ends = np.array([day_number(row.enddate) if row.enddate else -1 for _, row in found], dtype=np.int64)
    begins = np.array([day_number(row.begndate) for _, row in found], dtype=np.int64)
    end = np.repeat(ends, sizes)
    texts = {
        name: pa.array(np.repeat(np.array([getattr(row, name) for _, row in found], dtype=object), sizes))
        for name in ("insutype", "state", "reason", "clause", "origin")
    }
    return {
        "psn_no": numbers_of(places[index]),
        "psn_insu_rlts_id": numbers[index],
        "begndate": days(np.repeat(begins, sizes)),
        "enddate": days(end, end >= 0),
        **texts,
    }

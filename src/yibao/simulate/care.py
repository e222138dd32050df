"""A year of visits (就诊) as columns: what is drawn here is not yet billed.

`Care` holds one entry per visit. The drawing modules (`outpatient`, `inpatient`) return pieces; `joined` puts them
together, `possible` leaves out what cannot be: care before cover or after death, two stays at once, visits in bed.
"""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from yibao.benefits.batch.compiling import compiled
from yibao.simulate.model import Ints
from yibao.simulate.patients import Patients

MED_TYPES = (
    "11", "13", "14", "41", "51", "9901", "2101", "2102", "2105", "21303", "2109", "22", "52", "2106", "2107",
)  # fmt: skip
"""Dictionary med_type; `Care.med_type` is a place in here. From STAYS on they are stays."""
STAYS = MED_TYPES.index("2101")
BILLS = (
    "village", "town", "hospital", "pharmacy", "chronic", "antenatal", "stay_town", "stay", "operation", "course",
)  # fmt: skip
"""Kinds of bills of `lines.yaml`."""
DELIVERIES = ("none", "natural", "caesarean")
FILINGS = ("none", "referral", "long_stay_resident", "temporary", "emergency")
LEAST_WAY, WAY, LAST_SECOND = 2_700, 1_800, 86_000
"""Seconds from one settlement to that in another institution: at least, and how much they differ; none is later."""
HOME, TRANSFER, DEAD = 1, 2, 5
"""Dictionary dscg_way; 0 outside stays."""


@dataclass(frozen=True)
class Care:
    """Visits. `patient` a place in `Patients`, `place` in `Providers`, `disease` in `CarePlan.diseases`.

    `begin`, `end` days since 1970-01-01, `second` of the day of settlement; `code` chooses among the codes of the
    disease; `dise` the chronic disease it was certified for or -1; `target` fen that the lines should come to.
    """

    patient: Ints
    med_type: Ints
    bill: Ints
    place: Ints
    begin: Ints
    end: Ints
    second: Ints
    disease: Ints
    code: Ints
    dise: Ints
    target: Ints
    operated: Ints
    delivery: Ints
    filing: Ints
    way: Ints

    def __len__(self) -> int:
        return len(self.patient)

    def taken(self, rows: Any) -> "Care":
        """Some of the visits."""
        return Care(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


DEFAULTS = {"dise": -1, "operated": 0, "delivery": 0, "filing": 0, "way": 0}


def care_of(count: int, draw: np.random.Generator, **columns: Any) -> Care:
    """Visits from some columns; a number stands for the same in each, and what is rare has a default."""
    told = {**DEFAULTS, **columns}
    told.setdefault("code", draw.integers(0, 1 << 15, count))
    told.setdefault("second", _seconds(count, draw))
    told.setdefault("begin", told["end"])
    return Care(**{name: np.broadcast_to(np.asarray(value, np.int64), (count,)) for name, value in told.items()})


def _seconds(count: int, draw: np.random.Generator) -> Ints:
    """A time of the day between eight and half past five, the morning being busier."""
    return (8 * 3600 + draw.triangular(0, 7200, 9.5 * 3600, count)).astype(np.int64)


def joined(parts: list[Care]) -> Care:
    """All parts in the order of patients and time."""
    whole = Care(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Care)))
    return whole.taken(np.lexsort((whole.second, whole.end, whole.patient)))


def possible(care: Care, patients: Patients) -> Care:
    """Those visits that can have been, in the same order."""
    last = np.where(patients.died >= 0, patients.died, np.iinfo(np.int32).max)
    here = care.patient
    alive = (care.end <= last[here]) & (care.begin >= patients.since[here]) & patients.insured[here]
    kept = care.taken(np.flatnonzero(alive))
    keep = np.zeros(len(kept), np.bool_)
    _apart(kept.patient, kept.begin, kept.end, kept.med_type >= STAYS, keep)
    return spaced(kept.taken(np.flatnonzero(keep)))


def spaced(care: Care) -> Care:
    """The same visits, those of one day later where a person could not have come from the place before."""
    second = care.second.copy()
    _follow(care.patient, care.end, care.place, care.code % WAY, second)
    return replace(care, second=second)


@compiled
def _follow(patient: Any, day: Any, place: Any, way: Any, second: Any) -> None:
    """Each settlement after the one before it of the same day; `way` seconds more than LEAST_WAY to another place."""
    for k in range(1, len(patient)):
        if patient[k] == patient[k - 1] and day[k] == day[k - 1]:
            least = second[k - 1] + (LEAST_WAY + way[k] if place[k] != place[k - 1] else 60)
            second[k] = min(max(second[k], least), LAST_SECOND)


@compiled
def _apart(patient: Any, begin: Any, end: Any, stay: Any, keep: Any) -> None:
    """Keep stays that begin after the one before has ended, and other visits that are in no stay.

    Visits are in the order of patients and ends. First the stays, from the first one on; then the others.
    """
    number, count = 0, len(patient)
    while number < count:
        until = number
        while until < count and patient[until] == patient[number]:
            until += 1
        free = np.int64(-1)
        for k in range(number, until):
            if stay[k] and begin[k] >= free:
                keep[k] = True
                free = end[k]
        for k in range(number, until):
            if not stay[k]:
                keep[k] = True
                for other in range(k + 1, until):
                    if stay[other] and keep[other]:
                        keep[k] = begin[other] > end[k] or end[other] == end[k]
                        break
        number = until

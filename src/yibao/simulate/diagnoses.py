"""Diagnoses and operations of visits (诊断与手术): one main diagnosis each, more of them in stays.

Other diagnoses of a stay are the patient's own chronic diseases first, then some of `secondary`, and what caused an
injury. Codes are the national insurance editions of ICD-10 and ICD-9-CM-3.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from yibao.simulate.care import MED_TYPES, STAYS, Care
from yibao.simulate.illness import CarePlan
from yibao.simulate.model import Ints, Texts
from yibao.simulate.patients import Patients

CHRONIC = MED_TYPES.index("14")
MORE = 0.9
"""Mean number of other diagnoses beside the chronic ones."""
SECOND_OPERATION = 0.25
INJURY = "S"
"""First letter of the diagnoses of injuries."""


@dataclass(frozen=True)
class Diagnoses:
    """`main[visit]` a place in `codes`; other diagnoses by visit in `other_visit`, `other_code`; operations alike."""

    codes: Texts
    main: Ints
    listed: Ints
    other_visit: Ints
    other_code: Ints
    operation_codes: Texts
    operation_visit: Ints
    operation_code: Ints
    operation_main: Ints

    def of(self, rows: Ints) -> tuple[Ints, Ints, Ints]:
        """Visit, code and whether it is the main one, for the listed among the visits `rows` (ascending)."""
        visits = rows[self.listed[rows] == 1]
        others = _among(self.other_visit, rows)
        visit = np.concatenate([visits, self.other_visit[others]])
        code = np.concatenate([self.main[visits], self.other_code[others]])
        main = np.concatenate([np.ones(len(visits), np.int64), np.zeros(len(others), np.int64)])
        order = np.lexsort((1 - main, visit))
        return visit[order], code[order], main[order]

    def operations_of(self, rows: Ints, care: Care) -> tuple[Ints, Ints, Ints, Ints]:
        """Visit, code, day and whether it is the main one: operations are on the day after admission."""
        found = _among(self.operation_visit, rows)
        visit = self.operation_visit[found]
        day = np.minimum(care.begin[visit] + 1, care.end[visit])
        return visit, self.operation_code[found], day, self.operation_main[found]


def _among(visits: Ints, rows: Ints) -> Ints:
    """Places whose visit is one of `rows`."""
    if not len(rows):
        return np.zeros(0, np.int64)
    place = np.minimum(np.searchsorted(rows, visits), len(rows) - 1)
    return np.flatnonzero(rows[place] == visits)


def diagnoses_of(care: Care, patients: Patients, plan: CarePlan, draw: np.random.Generator) -> Diagnoses:
    """Draw the diagnoses and operations of all visits."""
    lists = [disease.codes for disease in plan.diseases]
    codes = np.unique(
        np.array([code for part in (*lists, plan.illness.secondary, plan.illness.cause.codes) for code in part])
    )
    main = _chosen(lists, codes, care.disease, care.code)
    stay = care.med_type >= STAYS
    visit, code = _others(care, patients, plan, codes, np.flatnonzero(stay), draw)
    different = code != main[visit]
    visit, code = visit[different], code[different]
    pairs = np.unique(visit * len(codes) + code)
    operation_codes, *operations = _operations(care, plan, draw)
    return Diagnoses(
        codes, main, (stay | (care.med_type == CHRONIC)).astype(np.int8), pairs // len(codes), pairs % len(codes),
        operation_codes, *operations,
    )  # fmt: skip


def _chosen(lists: list[tuple[str, ...]], codes: Texts, disease: Ints, choice: Ints) -> Any:
    """One code of each disease, by an arbitrary number."""
    table = np.zeros((len(lists), max(len(part) for part in lists)), np.int64)
    count = np.array([len(part) for part in lists])
    for number, part in enumerate(lists):
        table[number, : len(part)] = np.searchsorted(codes, np.array(part))
    return table[disease, choice % count[disease]]


def _others(
    care: Care, patients: Patients, plan: CarePlan, codes: Texts, stays: Ints, draw: np.random.Generator
) -> tuple[Ints, Ints]:
    visits, found = [], []
    for number, disease in enumerate(plan.illness.chronic):
        has = (patients.chronic[care.patient[stays]] >> np.uint64(number)) & np.uint64(1)
        here = stays[(has == 1) & (care.disease[stays] != number)]
        visits.append(here)
        found.append(np.full(len(here), np.searchsorted(codes, disease.codes[0])))
    more = np.repeat(stays, draw.poisson(MORE, len(stays)))
    fits = np.array([not code.startswith("N40") for code in plan.illness.secondary])
    secondary = np.searchsorted(codes, np.array(plan.illness.secondary)[fits])
    visits.append(more)
    found.append(secondary[draw.integers(0, len(secondary), len(more))])
    injured, cause = _causes(care, plan, codes, stays)
    return np.concatenate([*visits, injured]), np.concatenate([*found, cause])


def _causes(care: Care, plan: CarePlan, codes: Texts, stays: Ints) -> tuple[Ints, Ints]:
    """What caused the injuries that the stays are for, where it is told; the visit's own number decides."""
    cause = plan.illness.cause
    injury = np.array([disease.codes[0][0] == INJURY for disease in plan.diseases])[care.disease[stays]]
    told = stays[injury & (care.code[stays] // 8 % 100 < cause.share)]
    return told, np.searchsorted(codes, np.array(cause.codes))[care.code[told] % len(cause.codes)]


def _operations(care: Care, plan: CarePlan, draw: np.random.Generator) -> tuple[Texts, Ints, Ints, Ints]:
    """Operations of those who had one; some have a second one."""
    births = plan.illness.delivery
    lists: list[tuple[str, ...]] = []
    for number, disease in enumerate(plan.diseases):
        operation = getattr(disease, "operation", None)
        own = operation.codes if operation else ()
        if number == plan.first["natural"]:
            own = births.natural.operation
        if number == plan.first["section"]:
            own = births.section.operation
        lists.append(own)
    codes = np.unique(np.array([code for part in lists for code in part]))
    has = np.array([len(part) > 0 for part in lists])
    visit = np.flatnonzero((care.operated == 1) & has[care.disease])
    padded = [part or (str(codes[0]),) for part in lists]
    first = _chosen(padded, codes, care.disease[visit], care.code[visit])
    second = _chosen(padded, codes, care.disease[visit], care.code[visit] + 1)
    again = np.flatnonzero((draw.random(len(visit)) < SECOND_OPERATION) & (second != first))
    visits = np.concatenate([visit, visit[again]])
    main = np.concatenate([np.ones(len(visit), np.int64), np.zeros(len(again), np.int64)])
    order = np.lexsort((1 - main, visits))
    return codes, visits[order], np.concatenate([first, second[again]])[order], main[order]
